"""A pool of executors on GCP."""

import pulumi
from pulumi_gcp import compute

from components.args import ExecutorPoolArgs, FirewallArgs, IdentityArgs, ScalerArgs
from components.config import Pool
from components.gcp.firewall import Firewall
from components.gcp.identity import Identity
from components.gcp.scaler import Scaler
from components.gcp.template import instance_template


class ExecutorPool(pulumi.ComponentResource):
    """Executor VMs in a regional managed instance group.

    A changed setting makes a new template; running VMs keep theirs until they retire.

    Makes: `Identity`, `Firewall`, `Scaler`, `compute.InstanceTemplate` and
    `compute.RegionInstanceGroupManager`.
    """

    group: pulumi.Output[str]
    """Name of the group manager."""
    identity: pulumi.Output[str]
    """E-mail address of the VMs' service account."""

    def __init__(
        self, name: str, args: ExecutorPoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:ExecutorPool", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.args, self.placement = args, args.pool.gcp
        identity = Identity(
            name,
            IdentityArgs(deployment=args.deployment, pool=args.pool, secrets=args.secrets),
            opts=child,
        )
        Firewall(
            name,
            FirewallArgs(
                deployment=args.deployment,
                pool=args.pool,
                network=args.network,
                identity=identity.principal,
                mirror=args.mirror,
            ),
            opts=child,
        )
        group = self._group(name, instance_template(name, args, identity, self))
        Scaler(
            name,
            ScalerArgs(deployment=args.deployment, pool=args.pool, group=group.id),
            opts=child,
        )
        self.group = group.name
        self.identity = identity.principal
        self.register_outputs({"group": self.group, "identity": self.identity})

    def _group(
        self, name: str, template: compute.InstanceTemplate
    ) -> compute.RegionInstanceGroupManager:
        placement = self.placement
        return compute.RegionInstanceGroupManager(
            name,
            project=placement.project,
            region=placement.region,
            base_instance_name=base_name(self.args.pool),
            versions=[{"instance_template": template.self_link_unique}],
            distribution_policy_zones=list(placement.zones),
            # With an autoscaler only EVEN and BALANCED are allowed, and EVEN deletes VMs to
            # rebalance zones.
            distribution_policy_target_shape="BALANCED",
            update_policy={
                "type": "OPPORTUNISTIC",
                "minimal_action": "REPLACE",
                "instance_redistribution_type": "NONE",
            },
            # A VM that powers itself off is repaired: it must come back with the new template.
            instance_lifecycle_policy={"force_update_on_repair": "YES"},
            wait_for_instances=False,
            # No property shows that a VM cannot boot before its secrets have values.
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.args.secrets.versions),
        )


def base_name(pool: Pool) -> str:
    """How the names of a pool's VMs begin."""
    return f"executor-{pool.name}"
