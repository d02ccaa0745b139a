"""What a docker mirror's VM starts from on GCP."""

import pulumi
from pulumi_gcp import compute

from components.args import DockerMirrorArgs
from components.boot import MirrorSpec, render_mirror
from components.gcp.image import image_metadata, mirror_source_image
from components.tags import mirror_tags

BOOT_DISK_GB = 20
"""The image, its log and the registry's image."""


def mirror_template(
    name: str, args: DockerMirrorArgs, account: pulumi.Output[str], parent: pulumi.Resource
) -> compute.InstanceTemplate:
    """The template of a mirror's VM, as a child of `parent`; the group adds disk and address."""
    settings, labels = args.deployment.docker_mirror.gcp, mirror_tags(args.deployment)
    image = mirror_source_image(args.deployment, parent)
    script = pulumi.Output.all(secrets=args.secrets.references).apply(
        lambda known: render_mirror(
            MirrorSpec(
                cloud="gcp", credentials_secret=known["secrets"].get("dockerMirrorCredentials")
            )
        )
    )
    boot: compute.InstanceTemplateDiskArgsDict = {
        "boot": True,
        "auto_delete": True,
        "source_image": image,
        "disk_type": settings.disk_type,
        "disk_size_gb": BOOT_DISK_GB,
        "labels": labels,
    }
    region = args.pools[0].gcp.region
    if region in args.keys:
        boot["disk_encryption_key"] = {"kms_key_self_link": args.keys[region]}
    return compute.InstanceTemplate(
        name,
        project=args.pools[0].gcp.project,
        machine_type=settings.machine_type,
        disks=[boot],
        network_interfaces=[
            {
                "network": args.network.network_id,
                "subnetwork": pulumi.Output.from_input(args.network.subnet_ids)[0],
                "access_configs": [] if args.plan.private else [{}],
            }
        ],
        service_account={"email": account, "scopes": ["cloud-platform"]},
        metadata={
            "startup-script": script,
            "enable-oslogin": "TRUE",
            **image_metadata(image),
        },
        labels=labels,
        opts=pulumi.ResourceOptions(parent=parent),
    )
