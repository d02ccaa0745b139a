"""How a new network's range is divided into subnets: sixteenths, chosen by what they are for."""

from ipaddress import IPv4Address, IPv4Network

AWS_RESERVED = 5
"""The first four addresses of a subnet and its last (VPC user guide, "Subnet CIDR blocks")."""

GCP_RESERVED = 4
"""The first two addresses of a subnetwork and its last two (VPC documentation, "Subnets")."""

FIXED_OFFSET = 20
"""Default place in its subnet of a VM with a fixed address."""

HELD_PREFIX = 28
"""AWS keeps a whole block around a fixed address from being assigned to other VMs."""


def aws_subnet(cidr: str, zone: str, *, private: bool = False) -> IPv4Network:
    """The subnet of a zone, chosen by the zone's letter, so that a new zone moves no subnet.

    Zones a to h have their public subnets in the lower half of `cidr`, private ones in the upper.
    """
    index = ord(zone[-1]) - ord("a")
    return _sixteenths(cidr)[index + 8 if private else index]


def gcp_subnet(cidr: str) -> IPv4Network:
    """The first sixteenth of `cidr`: one subnetwork spans all zones of its region."""
    return _sixteenths(cidr)[0]


def held_block(address: IPv4Address) -> IPv4Network:
    """The block of `address` that is kept from other VMs on AWS."""
    return IPv4Network((address, HELD_PREFIX), strict=False)


def _sixteenths(cidr: str) -> list[IPv4Network]:
    return list(IPv4Network(cidr).subnets(prefixlen_diff=4))
