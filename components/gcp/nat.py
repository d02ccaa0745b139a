"""The way out for VMs without a public address."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pulumi
from pulumi_gcp import compute

from components.config import Pool
from components.tags import tags

if TYPE_CHECKING:
    from components.gcp.network import Network


class Nat:
    """A router with Cloud NAT from static addresses, as children of a network.

    It serves the VMs that have no public address, and leaves the others alone.
    """

    def __init__(
        self, network: "Network", pools: Sequence[Pool], subnetwork: compute.Subnetwork
    ) -> None:
        name, settings, placement = network.name, network.network, pools[0].gcp
        child = pulumi.ResourceOptions(parent=network)
        project, region = placement.project, placement.region
        addresses = [
            compute.Address(
                f"{name}-nat-{number}",
                address_type="EXTERNAL",
                project=project,
                region=region,
                labels=tags(network.deployment),
                opts=child,
            )
            # An address that is added is last, so that the others keep their names.
            for number in range(1, settings.nat_addresses + 1)
        ]
        router = compute.Router(
            name, project=project, region=region, network=network.network_id, opts=child
        )
        self.gateway = compute.RouterNat(
            name,
            project=project,
            region=region,
            router=router.name,
            nat_ip_allocate_option="MANUAL_ONLY",
            nat_ips=[address.self_link for address in addresses],
            source_subnetwork_ip_ranges_to_nat="LIST_OF_SUBNETWORKS",
            subnetworks=[{"name": subnetwork.id, "source_ip_ranges_to_nats": ["ALL_IP_RANGES"]}],
            min_ports_per_vm=settings.nat_ports_per_vm,
            log_config={"enable": True, "filter": "ERRORS_ONLY"},
            opts=child,
        )
        self.addresses = [address.address for address in addresses]
        """Egress addresses."""
