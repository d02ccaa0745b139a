"""Docker mirrors: their settings, and where they are."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from components.config.base import Settings
from components.config.placement import Ami, AwsMachineType, GcpImage, GcpMachineType
from components.config.problems import Problem
from components.config.types import Address, Cidrs
from components.subnets import FIXED_OFFSET, HELD_PREFIX, aws_subnet, gcp_subnet

if TYPE_CHECKING:
    from components.config.deployment import Pool
    from components.config.network import Network

REGISTRY_PORT = 5000
EXPORTER_PORT = 9999
"""Ports of the image's registry and of its exporter (`docker-mirror/install.sh`)."""
MIRROR_PORTS = (REGISTRY_PORT, EXPORTER_PORT)
TAG_SUFFIX = "-docker-mirror"
"""Tells the `executor_tag` of mirrors from that of executors, as the Terraform modules do."""
MAX_TAG = 63 - len(TAG_SUFFIX)


class AwsMirror(Settings):
    """Mirrors on AWS."""

    machine_type: AwsMachineType = "m7i.large"
    """EC2 instance type; one on Nitro."""
    image: Ami | None = None
    """Exact AMI. Unset: the newest of Sourcegraph's `major.minor`, which floats."""
    address: Address | None = None
    """Fixed private address, in the subnet of the mirror's zone; its twentieth when unset."""
    disk_iops: Annotated[int, Field(ge=3000, le=16000)] = 3000
    """IOPS of the cache disk."""
    disk_throughput: Annotated[int, Field(ge=125, le=1000)] = 125
    """Throughput of the cache disk in MiB/s."""


class GcpMirror(Settings):
    """Mirrors on GCP."""

    machine_type: GcpMachineType = "n2-standard-2"
    """Compute Engine machine type."""
    image: GcpImage | None = None
    """Exact image, or a family, which floats. Unset: Sourcegraph's family of its `major.minor`."""
    address: Address | None = None
    """Fixed private address, in the subnetwork; its twentieth when unset."""
    disk_type: Literal["pd-ssd", "pd-balanced", "pd-standard"] = "pd-balanced"
    """Type of the cache disk."""


class DockerMirror(Settings):
    """A pull-through cache of Docker Hub in every new network; the network's pools use it."""

    disk_size: Annotated[int, Field(ge=20, le=16384)] = 100
    """Cache disk in GiB (GB on GCP). The cache is kept below four fifths of it."""
    metrics_access_cidrs: Cidrs = ()
    """IPv4 ranges that may reach the mirrors' metrics on port 9999; closed when empty."""
    aws: AwsMirror = AwsMirror()
    """Mirrors on AWS."""
    gcp: GcpMirror = GcpMirror()
    """Mirrors on GCP."""


@dataclass(frozen=True, kw_only=True)
class MirrorPlan:
    """Where the mirror of one new network is."""

    zone: str
    """The first zone of the pools that it is beside."""
    private: bool
    """Whether it leaves through NAT; else it has a public address too."""
    subnet: IPv4Network
    """The range of its subnet."""
    address: IPv4Address
    """Its fixed private address."""

    @property
    def url(self) -> str:
        """The registry, for executors."""
        return f"http://{self.address}:{REGISTRY_PORT}"

    @property
    def exporter_url(self) -> str:
        """The exporter, for executors."""
        return f"http://{self.address}:{EXPORTER_PORT}"


def mirror_plan(mirror: DockerMirror, network: "Network", pools: Sequence["Pool"]) -> MirrorPlan:
    """The mirror of the network of these pools: where some are private, it is beside those."""
    hidden = [pool for pool in pools if pool.behind_nat]
    zone = min(zone for pool in hidden or pools for zone in pool.placement.zones)
    if pools[0].cloud == "aws":
        subnet, address = aws_subnet(network.cidr, zone, private=bool(hidden)), mirror.aws.address
    else:
        subnet, address = gcp_subnet(network.cidr), mirror.gcp.address
    fixed = subnet[FIXED_OFFSET] if address is None else IPv4Address(address)
    return MirrorPlan(zone=zone, private=bool(hidden), subnet=subnet, address=fixed)


def mirror_problems(
    mirror: DockerMirror, network: "Network", places: Iterable[Sequence["Pool"]], tag: str
) -> Iterable[Problem]:
    """Addresses that no mirror can have, and a tag that leaves no room for the mirrors' own."""
    if len(tag) > MAX_TAG:
        rule = f"at most {MAX_TAG} characters with a dockerMirror: its own tag ends in {TAG_SUFFIX}"
        yield Problem("instanceTag", f"{len(tag)} characters", rule, "set a shorter one")
    for pools in places:
        plan, cloud = mirror_plan(mirror, network, pools), pools[0].cloud
        # EC2 reserves the first four and the last; a block of 16 around the address is held.
        spare = 1 << (32 - HELD_PREFIX) if cloud == "aws" else 2
        first, last = plan.subnet[spare], plan.subnet[-1 - spare]
        if not first <= plan.address <= last:
            rule = f"an address from {first} to {last}, in the subnet of the mirror in {plan.zone}"
            fix = "correct it, or leave it out"
            yield Problem(f"dockerMirror.{cloud}.address", f"'{plan.address}'", rule, fix)


def unused_mirror_problems(
    mirror: DockerMirror | None, *, pools: Sequence["Pool"], secrets: Container[str]
) -> Iterable[Problem]:
    """Mirrors that would not be made, and an account that none would use."""
    if mirror is None and "dockerMirrorCredentials" in secrets:
        fix = "set `dockerMirror: {}`, or remove it with `pulumi config rm dockerMirrorCredentials`"
        rule = "an account for mirrors that the stack has"
        yield Problem("dockerMirrorCredentials", "an account without dockerMirror", rule, fix)
    if mirror is not None and pools and not any(pool.network_place() for pool in pools):
        fix = "remove it; name your own mirror in dockerRegistryMirrors"
        rule = "a stack with a pool that brings no network: a mirror is part of a new one"
        yield Problem("dockerMirror", "pools in networks of their own only", rule, fix)
