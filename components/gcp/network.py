"""A network for pools that bring none."""

from collections.abc import Sequence

import pulumi
from pulumi_gcp import compute

from components.args import NetworkArgs, NetworkIds
from components.config import Pool
from components.config.mirror import MirrorPlan
from components.gcp.nat import Nat
from components.subnets import gcp_subnet


class Network(pulumi.ComponentResource):
    """A VPC network with one subnetwork in the region of its pools, and Cloud NAT for pools whose
    VMs have no public address.

    Makes: `compute.Network`, `compute.Subnetwork`, and with such pools `compute.Router`,
    `compute.RouterNat` and per egress address `compute.Address`.
    """

    network_id: pulumi.Output[str]
    """Path of the network."""
    subnet_ids: pulumi.Output[Sequence[str]]
    """Path of the subnetwork."""
    egress_addresses: pulumi.Output[Sequence[str]]
    """Static addresses from which VMs without a public address reach the internet."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        placement = args.pools[0].gcp
        self.name, self.deployment = name, args.deployment
        self.network = args.deployment.settings.network
        network = compute.Network(
            name,
            project=placement.project,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            opts=child,
        )
        self.network_id = network.id
        subnetwork = compute.Subnetwork(
            name,
            project=placement.project,
            region=placement.region,
            network=network.id,
            ip_cidr_range=str(gcp_subnet(self.network.cidr)),
            # VMs without a public address still reach Secret Manager and logging.
            private_ip_google_access=True,
            opts=child,
        )
        self.public = self.private = subnetwork.id
        self.egress_addresses = pulumi.Output.from_input([])
        if any(pool.behind_nat for pool in args.pools):
            nat = Nat(self, args.pools, subnetwork)
            # Resolves once there is a way out: a VM that boots earlier could not reach Sourcegraph.
            self.private = pulumi.Output.all(subnetwork.id, nat.gateway.id).apply(
                lambda known: known[0]
            )
            self.egress_addresses = pulumi.Output.all(*nat.addresses)
        self.subnet_ids = pulumi.Output.all(subnetwork.id)
        self.register_outputs(
            {
                "network_id": self.network_id,
                "subnet_ids": self.subnet_ids,
                "egress_addresses": self.egress_addresses,
            }
        )

    def placed(self, pool: Pool) -> NetworkIds:
        """Where a pool's VMs start."""
        subnet = self.private if pool.behind_nat else self.public
        return NetworkIds(network_id=self.network_id, subnet_ids=[subnet])

    def beside(self, plan: MirrorPlan) -> NetworkIds:
        """Where the network's docker mirror starts."""
        subnet = self.private if plan.private else self.public
        return NetworkIds(network_id=self.network_id, subnet_ids=[subnet])
