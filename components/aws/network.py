"""A network for pools that bring none."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import ec2

from components.args import NetworkArgs, NetworkIds
from components.aws.nat import Nat
from components.config import Pool
from components.config.mirror import MirrorPlan
from components.subnets import aws_subnet
from components.tags import tags


class Network(pulumi.ComponentResource):
    """A VPC with a public subnet in every zone of its pools, and private ones with NAT for pools
    whose VMs have no public address.

    Makes: `ec2.Vpc`, `ec2.InternetGateway`, per zone `ec2.Subnet` and
    `ec2.RouteTableAssociation`, `ec2.RouteTable` and `ec2.Route` to the internet, and with private
    subnets also per NAT gateway, which itself is an `ec2.NatGateway` with an `ec2.Eip`.
    """

    network_id: pulumi.Output[str]
    """VPC id."""
    subnet_ids: pulumi.Output[Sequence[str]]
    """Subnet ids: the public ones in the order of their zones, then the private ones."""
    egress_addresses: pulumi.Output[Sequence[str]]
    """Static addresses from which VMs without a public address reach the internet."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.name, self.region = name, args.pools[0].aws.region
        self.network = args.deployment.settings.network
        self.labels = {"Name": name, **tags(args.deployment)}
        vpc = ec2.Vpc(
            name,
            region=self.region,
            cidr_block=self.network.cidr,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=self.labels,
            opts=child,
        )
        self.network_id = vpc.id
        gateway = ec2.InternetGateway(
            name, region=self.region, vpc_id=vpc.id, tags=self.labels, opts=child
        )
        routes = ec2.RouteTable(
            name, region=self.region, vpc_id=vpc.id, tags=self.labels, opts=child
        )
        internet = ec2.Route(
            name,
            region=self.region,
            route_table_id=routes.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=gateway.id,
            opts=child,
        )
        self.public = {zone: self._subnet(zone, internet) for zone in _zones(args.pools)}
        self.private: dict[str, pulumi.Output[str]] = {}
        self.egress_addresses = pulumi.Output.from_input([])
        private_zones = _zones([pool for pool in args.pools if pool.behind_nat])
        if private_zones:
            nat = Nat(self, private_zones, internet)
            self.private = {
                zone: self._subnet(zone, nat.routes[zone], private=True) for zone in private_zones
            }
            self.egress_addresses = pulumi.Output.all(*nat.addresses)
        self.subnet_ids = pulumi.Output.all(*self.public.values(), *self.private.values())
        self.register_outputs(
            {
                "network_id": self.network_id,
                "subnet_ids": self.subnet_ids,
                "egress_addresses": self.egress_addresses,
            }
        )

    def placed(self, pool: Pool) -> NetworkIds:
        """Where a pool's VMs start: in its own zones, in public or in private subnets."""
        subnets = self.private if pool.behind_nat else self.public
        zones = sorted(pool.aws.zones)
        return NetworkIds(network_id=self.network_id, subnet_ids=[subnets[zone] for zone in zones])

    def beside(self, plan: MirrorPlan) -> NetworkIds:
        """Where the network's docker mirror starts."""
        subnets = self.private if plan.private else self.public
        return NetworkIds(network_id=self.network_id, subnet_ids=[subnets[plan.zone]])

    def _subnet(
        self, zone: str, way_out: ec2.Route, *, private: bool = False
    ) -> pulumi.Output[str]:
        name = f"{self.name}-private-{zone}" if private else f"{self.name}-{zone}"
        subnet = ec2.Subnet(
            name,
            region=self.region,
            vpc_id=self.network_id,
            availability_zone=zone,
            cidr_block=str(aws_subnet(self.network.cidr, zone, private=private)),
            tags={**self.labels, "Name": name},
            # Deleted before the way out. While VMs are in it that is refused, and the provider
            # would try for 20 minutes.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[way_out],
                custom_timeouts=pulumi.CustomTimeouts(delete="3m"),
            ),
        )
        association = ec2.RouteTableAssociation(
            name,
            region=self.region,
            subnet_id=subnet.id,
            route_table_id=way_out.route_table_id,
            # It goes with its subnet and not before, so VMs in there keep their way out.
            opts=pulumi.ResourceOptions(parent=self, deleted_with=subnet),
        )
        # Resolves once it has its way out: a VM that boots earlier could not fetch its secrets.
        return pulumi.Output.all(subnet.id, association.id).apply(lambda known: known[0])


def _zones(pools: Sequence[Pool]) -> list[str]:
    return sorted({zone for pool in pools for zone in pool.aws.zones})
