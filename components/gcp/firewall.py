"""Who may reach a pool's VMs on GCP."""

import pulumi
from pulumi_gcp import compute

from components.args import FirewallArgs
from components.config.mirror import MIRROR_PORTS

METRICS_PORT = 6060
"""The debug port of every Sourcegraph program, which serves its metrics."""

IAP_RANGE = "35.235.240.0/20"
"""Where Identity-Aware Proxy's TCP forwarding comes from (its guide, "Using TCP forwarding")."""


class Firewall(pulumi.ComponentResource):
    """In only by SSH through Identity-Aware Proxy, and to the metrics port from named ranges.

    A network of another project has its own firewall: nothing is made there. The ports of the
    network's docker mirror open to the pool. Makes: `compute.Firewall`, one to three.
    """

    def __init__(
        self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:Firewall", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        placement = args.pool.gcp
        rules = {"ssh": (22, [IAP_RANGE])}
        if args.pool.executor.metrics_access_cidrs:
            rules["metrics"] = (METRICS_PORT, list(args.pool.executor.metrics_access_cidrs))
        if _is_foreign(placement.network.network if placement.network else "", placement.project):
            rules = {}
        for purpose, (port, ranges) in rules.items():
            compute.Firewall(
                f"{name}-{purpose}",
                project=placement.project,
                network=args.network.network_id,
                direction="INGRESS",
                allows=[{"protocol": "tcp", "ports": [str(port)]}],
                source_ranges=ranges,
                target_service_accounts=[args.identity],
                opts=child,
            )
        if args.mirror is not None:
            compute.Firewall(
                f"{name}-mirror",
                project=placement.project,
                network=args.network.network_id,
                direction="INGRESS",
                allows=[{"protocol": "tcp", "ports": [str(port) for port in MIRROR_PORTS]}],
                source_service_accounts=[args.identity],
                target_service_accounts=[args.mirror],
                opts=child,
            )
        self.register_outputs({})


def _is_foreign(network: str, project: str) -> bool:
    return "/" in network and network.split("/")[1] != project
