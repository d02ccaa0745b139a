"""New networks: their settings, and what must fit into them."""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from components.config.base import Settings
from components.config.problems import Problem
from components.config.types import Cidr
from components.subnets import AWS_RESERVED, GCP_RESERVED, aws_subnet, gcp_subnet

if TYPE_CHECKING:
    from components.config.deployment import Pool

_TAKEN = {
    "10.61.0.0/16": "which executors use inside",
    "172.17.0.0/16": "which docker uses on every VM",
}
"""Ranges that a VM has for itself (`cmd/executor/internal/config/consts.go`, docker's default)."""

NAT_PORTS = 64512
"""Ports of one address of Cloud NAT (its documentation, "IP addresses and ports")."""


MIRROR_ADDRESSES = 17
"""A docker mirror's own address on AWS, and the block that is held around its fixed one."""


class Network(Settings):
    """The networks that are made for pools which bring none."""

    cidr: Cidr = "10.0.0.0/16"
    """Range of each network: /16 to /20, private, apart from 10.61.0.0/16 and 172.17.0.0/16, which
    VMs use inside."""
    apart_from: tuple[Cidr, ...] = ()
    """Ranges that the networks must not overlap, such as those of networks to peer with."""
    nat_per_zone: bool = False
    """AWS: a NAT gateway and an egress address for each zone. Otherwise one serves all zones: it is
    cheaper, but when its zone fails, no VM without a public address has a way out. Changing it
    changes the addresses."""
    nat_addresses: Annotated[int, Field(ge=1, le=16)] = 1
    """GCP: egress addresses of Cloud NAT; each has 64512 ports for the VMs."""
    nat_ports_per_vm: Annotated[int, Field(ge=64, le=32768)] = 1024
    """GCP: ports of Cloud NAT that every VM gets: its connections to one destination at a time."""


def range_findings(network: Network) -> Iterable[tuple[str, str, str, str]]:
    """What is wrong with the range, below `network`."""
    cidr = IPv4Network(network.cidr)
    for taken, user in _TAKEN.items():
        if not _is_private(cidr) or not 16 <= cidr.prefixlen <= 20:
            rule = f"a private range of /16 to /20 apart from {', '.join(_TAKEN)}"
            yield "cidr", repr(network.cidr), rule, "write it like 10.0.0.0/16"
            return
        if cidr.overlaps(IPv4Network(taken)):
            rule = f"a private range of /16 to /20 apart from {taken}, {user}"
            yield "cidr", repr(network.cidr), rule, "write it like 10.0.0.0/16"
    for other in network.apart_from:
        if cidr.overlaps(IPv4Network(other)):
            rule = f"a range apart from {other} of network.apartFrom"
            yield "cidr", repr(network.cidr), rule, "choose a range that nothing else uses"


def _is_private(cidr: IPv4Network) -> bool:
    """In a range of RFC 1918; Python counts link-local, loopback and more as private too."""
    ranges = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    return any(cidr.subnet_of(IPv4Network(one)) for one in ranges)


def place_problems(
    network: Network, places: Mapping[str, Sequence["Pool"]], *, mirrored: bool
) -> Iterable[Problem]:
    """What does not fit into the new networks; `places` are their pools, by place.

    `mirrored`: each of them has a docker mirror too.
    """
    for place, pools in sorted(places.items()):
        hidden = [pool for pool in pools if pool.behind_nat]
        shown = [pool for pool in pools if not pool.behind_nat]
        # Compute Engine's one subnetwork has both kinds.
        for inside in filter(None, [hidden, shown] if pools[0].cloud == "aws" else [pools]):
            room = _room(network.cidr, inside) - (MIRROR_ADDRESSES if mirrored else 0)
            count = sum(pool.executor.max for pool in inside)
            if count > room:
                fix = "lower max, spread the pools over more zones or regions, or widen the range"
                rule = f"at most {room} in the subnets of network.cidr, which is {network.cidr}"
                yield Problem(_maxima(inside), f"{count} VMs in {place}", rule, fix)
        if hidden and pools[0].cloud == "gcp":
            yield from _ports(network, place, hidden, mirrored=mirrored)


def _ports(
    network: Network, place: str, pools: Sequence["Pool"], *, mirrored: bool
) -> Iterable[Problem]:
    count = sum(pool.executor.max for pool in pools) + mirrored
    room = network.nat_addresses * (NAT_PORTS // network.nat_ports_per_vm)
    if count > room:
        found = f"{count} VMs behind Cloud NAT in {place}"
        rule = (
            f"at most {room}: {network.nat_addresses} x {NAT_PORTS} ports, "
            f"{network.nat_ports_per_vm} for each VM"
        )
        fix = "raise network.natAddresses, or lower network.natPortsPerVm"
        yield Problem(_maxima(pools), found, rule, fix)


def _room(cidr: str, pools: Sequence["Pool"]) -> int:
    """Addresses for VMs in the subnets of pools of one kind."""
    if pools[0].cloud == "gcp":
        return gcp_subnet(cidr).num_addresses - GCP_RESERVED
    zones = {zone for pool in pools for zone in pool.aws.zones}
    return sum(aws_subnet(cidr, zone).num_addresses - AWS_RESERVED for zone in zones)


def _maxima(pools: Sequence["Pool"]) -> str:
    return ", ".join(f"pools.{pool.name}.max" for pool in pools)
