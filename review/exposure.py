"""Ports that the change opens to public addresses."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from preview import Preview
from preview.values import UNKNOWN, at
from review.fleet import Side, after, before

_IAP = "35.235.240.0/20"
"""Where Identity-Aware Proxy forwards from, after it has checked who comes (its guide, "Using TCP
forwarding")."""

_ALL_PORTS = (0, 65535)


@dataclass(frozen=True)
class Opening:
    """Addresses that may reach some ports of what is behind `owner`."""

    owner: str
    place: str
    source: str
    protocol: str
    ports: tuple[int, int]

    def covers(self, other: "Opening") -> bool:
        """Whether whoever may come in by `other` may come in by this one already."""
        mine, theirs = _network(self.source), _network(other.source)
        return (
            self.owner == other.owner
            and self.protocol in (other.protocol, "all")
            and self.ports[0] <= other.ports[0]
            and self.ports[1] >= other.ports[1]
            and mine is not None
            and theirs is not None
            and mine.version == theirs.version
            and theirs.subnet_of(mine)  # ty: ignore[invalid-argument-type]
        )

    def __str__(self) -> str:
        low, high = self.ports
        ports = "all ports" if self.ports == _ALL_PORTS else f"port {low}"
        ports = f"ports {low} to {high}" if ports != "all ports" and high != low else ports
        source = "a range that is known after the change" if self.source == UNKNOWN else self.source
        return f"{ports} ({self.protocol}) opens to {source}"


def new_openings(preview: Preview) -> Iterator[Opening]:
    """Openings to public addresses that nothing before the change covers."""
    old = list(_openings(preview, before))
    for opening in _openings(preview, after):
        network = _network(opening.source)
        public = network is None or not (network.is_private or _is_iap(network))
        if public and not any(other.covers(opening) for other in old):
            yield opening


def _network(source: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(source, strict=False)
    except ValueError:
        return None


def _is_iap(network: IPv4Network | IPv6Network) -> bool:
    return isinstance(network, IPv4Network) and network.subnet_of(IPv4Network(_IAP))


def _openings(preview: Preview, side: Side) -> Iterator[Opening]:
    for change in preview.resources:
        inputs = side(change)
        if inputs is None:
            continue
        place = f"{change.kind} `{change.name}`"
        for source, protocol, ports in _of_resource(change.type, inputs):
            name = {"-1": "all", "6": "tcp", "17": "udp"}.get(protocol.lower(), protocol.lower())
            yield Opening(change.parent, place, source, name, ports)


def _of_resource(
    kind: str, inputs: Mapping[str, Any]
) -> Iterator[tuple[str, str, tuple[int, int]]]:
    if kind.endswith(":SecurityGroupIngressRule"):
        yield from _aws(inputs, ("cidrIpv4", "cidrIpv6"), "ipProtocol")
    elif kind.endswith(":SecurityGroupRule") and inputs.get("type") == "ingress":
        yield from _aws(inputs, ("cidrBlocks", "ipv6CidrBlocks"), "protocol")
    elif kind.endswith("ec2/securityGroup:SecurityGroup"):
        for rule in at(inputs, "ingress") or []:
            yield from _aws(rule, ("cidrBlocks", "ipv6CidrBlocks"), "protocol")
    elif kind.endswith("compute/firewall:Firewall"):
        yield from _gcp(inputs)


def _aws(
    rule: Mapping[str, Any], sources: tuple[str, str], protocol: str
) -> Iterator[tuple[str, str, tuple[int, int]]]:
    ports = (at(rule, "fromPort"), at(rule, "toPort"))
    known = isinstance(ports[0], int) and isinstance(ports[1], int) and ports != (-1, -1)
    for key in sources:
        value = rule.get(key) or []
        for source in [value] if isinstance(value, str) else value:
            yield source, str(rule.get(protocol)), ports if known else _ALL_PORTS


def _gcp(rule: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[int, int]]]:
    if rule.get("direction") == "EGRESS" or rule.get("disabled") is True:
        return
    # Without any source a rule admits everybody.
    named = rule.get("sourceTags") or rule.get("sourceServiceAccounts")
    sources = rule.get("sourceRanges") or ([] if named else ["0.0.0.0/0"])
    for source in [sources] if isinstance(sources, str) else sources:
        for allowed in at(rule, "allows") or []:
            for ports in allowed.get("ports") or ["0-65535"]:
                low, _, high = str(ports).partition("-")
                yield source, str(allowed.get("protocol")), (int(low), int(high or low))
