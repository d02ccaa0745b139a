"""A network for pools that bring none."""

from collections.abc import Sequence
from ipaddress import IPv4Network

import pulumi
from pulumi_aws import ec2

from components.args import NetworkArgs, NetworkIds
from components.tags import tags


def subnet_cidr(cidr: str, zone: str) -> str:
    """A sixteenth of `cidr`, chosen by the zone's letter, so that a new zone moves no subnet.

    Zones a to h take the lower half; the upper half stays free for private subnets.
    """
    parts = list(IPv4Network(cidr).subnets(prefixlen_diff=4))
    return str(parts[ord(zone[-1]) - ord("a")])


class Network(pulumi.ComponentResource):
    """A VPC with a public subnet in every zone of its pools.

    Makes: `ec2.Vpc`, `ec2.InternetGateway`, `ec2.RouteTable`, `ec2.Route`, and per zone
    `ec2.Subnet` and `ec2.RouteTableAssociation`.
    """

    network_id: pulumi.Output[str]
    """VPC id."""
    subnet_ids: pulumi.Output[Sequence[str]]
    """Subnet ids, in the order of their zones."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        region = args.pools[0].aws.region
        cidr = args.deployment.settings.network_cidr
        labels = {"Name": name, **tags(args.deployment)}
        vpc = ec2.Vpc(
            name,
            region=region,
            cidr_block=cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=labels,
            opts=child,
        )
        gateway = ec2.InternetGateway(name, region=region, vpc_id=vpc.id, tags=labels, opts=child)
        routes = ec2.RouteTable(name, region=region, vpc_id=vpc.id, tags=labels, opts=child)
        ec2.Route(
            name,
            region=region,
            route_table_id=routes.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=child,
        )
        subnets = []
        for zone in sorted({zone for pool in args.pools for zone in pool.aws.zones}):
            subnet = ec2.Subnet(
                f"{name}-{zone}",
                region=region,
                vpc_id=vpc.id,
                availability_zone=zone,
                cidr_block=subnet_cidr(cidr, zone),
                tags={**labels, "Name": f"{name}-{zone}"},
                opts=child,
            )
            ec2.RouteTableAssociation(
                f"{name}-{zone}",
                region=region,
                subnet_id=subnet.id,
                route_table_id=routes.id,
                opts=child,
            )
            subnets.append(subnet.id)
        self.network_id = vpc.id
        self.subnet_ids = pulumi.Output.all(*subnets)
        self.register_outputs({"network_id": self.network_id, "subnet_ids": self.subnet_ids})

    @property
    def ids(self) -> NetworkIds:
        """What a pool is placed into."""
        return NetworkIds(network_id=self.network_id, subnet_ids=self.subnet_ids)
