"""A pool of executors on GCP."""

import pulumi
from pulumi_gcp import compute

from components.args import ExecutorPoolArgs, FirewallArgs, IdentityArgs, ScalerArgs
from components.boot import render
from components.boot_spec import boot_spec
from components.gcp.firewall import Firewall
from components.gcp.identity import Identity
from components.gcp.image import image_metadata, source_image
from components.gcp.scaler import Scaler
from components.tags import tags

LOCAL_SSD_GB = 375
"""The size of every local NVMe disk on the families that take them one by one."""


class ExecutorPool(pulumi.ComponentResource):
    """Executor VMs in a regional managed instance group.

    A changed setting makes a new template; running VMs keep theirs until they retire.

    Makes: `Identity`, `Firewall`, `compute.InstanceTemplate`,
    `compute.RegionInstanceGroupManager`, and `Scaler` unless the size is fixed.
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
        self.labels = tags(args.deployment, args.pool)
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
            ),
            opts=child,
        )
        group = self._group(name, self._template(name, identity))
        if args.pool.executor.autoscaled or args.pool.executor.paused:
            Scaler(
                name,
                ScalerArgs(deployment=args.deployment, pool=args.pool, group=group.id),
                opts=child,
            )
        self.group = group.name
        self.identity = identity.principal
        self.register_outputs({"group": self.group, "identity": self.identity})

    def _template(self, name: str, identity: Identity) -> compute.InstanceTemplate:
        placement = self.placement
        image = source_image(self.args.pool, self)
        script = pulumi.Output.all(**self.args.secrets.references).apply(
            lambda secrets: render(boot_spec(self.args.pool, secrets))
        )
        return compute.InstanceTemplate(
            name,
            project=placement.project,
            machine_type=placement.machine_type,
            disks=self._disks(image),
            network_interfaces=[
                {
                    "network": self.args.network.network_id,
                    "subnetwork": pulumi.Output.from_input(self.args.network.subnet_ids)[0],
                    "access_configs": [{}] if placement.assign_public_ip else [],
                }
            ],
            # The account's roles limit it; a narrow scope would only hide a missing role.
            service_account={"email": identity.profile, "scopes": ["cloud-platform"]},
            scheduling=_SPOT if placement.spot else _STANDARD,
            advanced_machine_features=(
                {"enable_nested_virtualization": True}
                if self.args.pool.executor.firecracker.enabled
                else None
            ),
            metadata={
                "startup-script": script,
                "enable-oslogin": "TRUE",
                **image_metadata(image),
            },
            labels=self.labels,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _disks(self, image: str) -> list[compute.InstanceTemplateDiskArgsDict]:
        boot: compute.InstanceTemplateDiskArgsDict = {
            "boot": True,
            "auto_delete": True,
            "source_image": image,
            "disk_type": self.placement.boot_disk_type,
            "disk_size_gb": self.placement.boot_disk_size,
            "labels": self.labels,
        }
        scratch: compute.InstanceTemplateDiskArgsDict = {
            "type": "SCRATCH",
            "disk_type": "local-ssd",
            "interface": "NVME",
            "disk_size_gb": LOCAL_SSD_GB,
            "auto_delete": True,
        }
        return [boot, scratch] if self.placement.local_ssd else [boot]

    def _group(
        self, name: str, template: compute.InstanceTemplate
    ) -> compute.RegionInstanceGroupManager:
        placement, executor = self.placement, self.args.pool.executor
        fixed = not executor.autoscaled and not executor.paused
        return compute.RegionInstanceGroupManager(
            name,
            project=placement.project,
            region=placement.region,
            base_instance_name=f"executor-{self.args.pool.name}",
            versions=[{"instance_template": template.self_link_unique}],
            target_size=executor.min if fixed else None,
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


_STANDARD: compute.InstanceTemplateSchedulingArgsDict = {
    "provisioning_model": "STANDARD",
    "automatic_restart": True,
    "on_host_maintenance": "MIGRATE",
}
_SPOT: compute.InstanceTemplateSchedulingArgsDict = {
    "provisioning_model": "SPOT",
    "preemptible": True,
    "automatic_restart": False,
    "on_host_maintenance": "TERMINATE",
    "instance_termination_action": "STOP",
}
