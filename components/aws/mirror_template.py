"""What a docker mirror's VM starts from on AWS."""

import pulumi
from pulumi_aws import cloudwatch, ebs, ec2

from components.args import DockerMirrorArgs
from components.aws.image import mirror_image_id
from components.aws.key_access import key_of_disk
from components.aws.mirror_identity import NAMESPACE, mirror_profile
from components.boot import MirrorSpec, render_mirror, user_data
from components.tags import mirror_tags

METRIC = "DiskUsedPercent"
LOG_RETENTION_DAYS = 7
BOOT_DISK_GIB = 32
"""The image, its log and the registry's image."""


def mirror_template(
    name: str,
    args: DockerMirrorArgs,
    volume: ebs.Volume,
    security_group: pulumi.Output[str],
    parent: pulumi.Resource,
) -> ec2.LaunchTemplate:
    """The template of a mirror's VM, its log group and its identity, as children of `parent`."""
    child, region = pulumi.ResourceOptions(parent=parent), args.pools[0].aws.region
    labels = mirror_tags(args.deployment)
    logs = cloudwatch.LogGroup(
        name,
        region=region,
        retention_in_days=LOG_RETENTION_DAYS,
        kms_key_id=args.keys.get(region),
        tags=labels,
        opts=child,
    )
    script = pulumi.Output.all(
        volume=volume.id, group=logs.name, secrets=args.secrets.references
    ).apply(
        lambda known: user_data(
            render_mirror(
                MirrorSpec(
                    cloud="aws",
                    volume=known["volume"],
                    address=str(args.plan.address),
                    log_group=known["group"],
                    metric={"namespace": NAMESPACE, "name": METRIC, "mirror": known["volume"]},
                    credentials_secret=known["secrets"].get("dockerMirrorCredentials"),
                )
            )
        )
    )
    return ec2.LaunchTemplate(
        name,
        region=region,
        image_id=mirror_image_id(args.deployment, region, parent),
        instance_type=args.deployment.docker_mirror.aws.machine_type,
        user_data=script,
        instance_initiated_shutdown_behavior="terminate",
        iam_instance_profile={"arn": mirror_profile(name, args, volume, logs, parent)},
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        },
        block_device_mappings=[
            {
                "device_name": "/dev/sda1",
                "ebs": {
                    "volume_type": "gp3",
                    "volume_size": BOOT_DISK_GIB,
                    "encrypted": "true",
                    **key_of_disk(args.keys, region),
                    "delete_on_termination": "true",
                },
            }
        ],
        network_interfaces=[
            {
                "associate_public_ip_address": str(not args.plan.private).lower(),
                "security_groups": [security_group],
                "delete_on_termination": "true",
            }
        ],
        tag_specifications=[
            {"resource_type": kind, "tags": {**labels, "Name": name}}
            for kind in ("instance", "volume", "network-interface")
        ],
        tags=labels,
        opts=child,
    )
