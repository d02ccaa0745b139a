"""The way out for VMs without a public address."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi_aws import ec2

if TYPE_CHECKING:
    from components.aws.network import Network


class Nat:
    """NAT gateways and the route tables that lead to them, as children of a network.

    One gateway in the first zone serves all, or each zone has its own (`network.natPerZone`). The
    addresses stay when a gateway moves.
    """

    def __init__(self, network: "Network", zones: Sequence[str], internet: ec2.Route) -> None:
        self.network, self.internet = network, internet
        self.addresses: list[pulumi.Output[str]] = []
        """Egress addresses, in the order of their zones."""
        if network.network.nat_per_zone:
            self.routes = {zone: self._route(f"{network.name}-{zone}", zone) for zone in zones}
            """The way out by zone."""
        else:
            self.routes = dict.fromkeys(zones, self._route(network.name, zones[0]))

    def _route(self, name: str, zone: str) -> ec2.Route:
        network, name = self.network, f"{name}-nat"
        region, labels = network.region, {**network.labels, "Name": name}
        address = ec2.Eip(
            name,
            region=region,
            domain="vpc",
            tags=labels,
            opts=pulumi.ResourceOptions(parent=network),
        )
        gateway = ec2.NatGateway(
            name,
            region=region,
            allocation_id=address.id,
            subnet_id=network.public[zone],
            tags=labels,
            # A gateway needs the internet when it starts, and its address is free only when the
            # gateway that had it before is gone.
            opts=pulumi.ResourceOptions(
                parent=network, depends_on=[self.internet], delete_before_replace=True
            ),
        )
        child = pulumi.ResourceOptions(parent=network)
        table = ec2.RouteTable(
            name, region=region, vpc_id=network.network_id, tags=labels, opts=child
        )
        self.addresses.append(address.public_ip)
        return ec2.Route(
            name,
            region=region,
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=gateway.id,
            opts=child,
        )
