"""What a pool's VMs start from on GCP."""

import pulumi
from pulumi_gcp import compute

from components.args import ExecutorPoolArgs
from components.boot import render
from components.boot_spec import boot_spec
from components.config.machine_sizes import LOCAL_SSD_GB
from components.gcp.identity import Identity
from components.gcp.image import image_metadata, source_image
from components.tags import tags

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


def instance_template(
    name: str, args: ExecutorPoolArgs, identity: Identity, parent: pulumi.Resource
) -> compute.InstanceTemplate:
    """The template of a pool's VMs, as a child of `parent`."""
    placement, labels = args.pool.gcp, tags(args.deployment, args.pool)
    image = source_image(args.pool, parent)
    script = pulumi.Output.all(**args.secrets.references).apply(
        lambda secrets: render(boot_spec(args.pool, secrets))
    )
    return compute.InstanceTemplate(
        name,
        project=placement.project,
        machine_type=placement.machine_type,
        disks=_disks(args, image, labels),
        network_interfaces=[
            {
                "network": args.network.network_id,
                "subnetwork": pulumi.Output.from_input(args.network.subnet_ids)[0],
                "access_configs": [{}] if placement.assign_public_ip else [],
            }
        ],
        # The account's roles limit it; a narrow scope would only hide a missing role.
        service_account={"email": identity.profile, "scopes": ["cloud-platform"]},
        scheduling=_SPOT if placement.spot else _STANDARD,
        advanced_machine_features=(
            {"enable_nested_virtualization": True}
            if args.pool.executor.firecracker.enabled
            else None
        ),
        metadata={
            "startup-script": script,
            "enable-oslogin": "TRUE",
            **image_metadata(image),
        },
        labels=labels,
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _disks(
    args: ExecutorPoolArgs, image: str, labels: dict[str, str]
) -> list[compute.InstanceTemplateDiskArgsDict]:
    placement = args.pool.gcp
    boot: compute.InstanceTemplateDiskArgsDict = {
        "boot": True,
        "auto_delete": True,
        "source_image": image,
        "disk_type": placement.boot_disk_type,
        "disk_size_gb": placement.boot_disk_size,
        "labels": labels,
    }
    if placement.region in args.keys:
        boot["disk_encryption_key"] = {"kms_key_self_link": args.keys[placement.region]}
    scratch: compute.InstanceTemplateDiskArgsDict = {
        "type": "SCRATCH",
        "disk_type": "local-ssd",
        "interface": "NVME",
        "disk_size_gb": LOCAL_SSD_GB,
        "auto_delete": True,
    }
    return [boot, scratch] if placement.local_ssd else [boot]
