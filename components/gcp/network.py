"""A network for pools that bring none."""

from collections.abc import Sequence
from ipaddress import IPv4Network

import pulumi
from pulumi_gcp import compute

from components.args import NetworkArgs, NetworkIds


def subnet_cidr(cidr: str) -> str:
    """The first sixteenth of `cidr`: one subnetwork spans all zones of its region."""
    return str(next(IPv4Network(cidr).subnets(prefixlen_diff=4)))


class Network(pulumi.ComponentResource):
    """A VPC network with one subnetwork in the region of its pools.

    Makes: `compute.Network`, `compute.Subnetwork`.
    """

    network_id: pulumi.Output[str]
    """Path of the network."""
    subnet_ids: pulumi.Output[Sequence[str]]
    """Path of the subnetwork."""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:Network", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        placement = args.pools[0].gcp
        network = compute.Network(
            name,
            project=placement.project,
            auto_create_subnetworks=False,
            routing_mode="REGIONAL",
            opts=child,
        )
        subnetwork = compute.Subnetwork(
            name,
            project=placement.project,
            region=placement.region,
            network=network.id,
            ip_cidr_range=subnet_cidr(args.deployment.settings.network_cidr),
            # VMs without a public address still reach Secret Manager and logging.
            private_ip_google_access=True,
            opts=child,
        )
        self.network_id = network.id
        self.subnet_ids = pulumi.Output.all(subnetwork.id)
        self.register_outputs({"network_id": self.network_id, "subnet_ids": self.subnet_ids})

    @property
    def ids(self) -> NetworkIds:
        """What a pool is placed into."""
        return NetworkIds(network_id=self.network_id, subnet_ids=self.subnet_ids)
