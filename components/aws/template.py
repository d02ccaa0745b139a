"""What a pool's VMs start from on AWS."""

import pulumi
from pulumi_aws import cloudwatch, ec2

from components.args import ExecutorPoolArgs, FirewallArgs
from components.aws.firewall import Firewall
from components.aws.identity import Identity
from components.aws.image import image_id
from components.aws.key_access import key_of_disk
from components.boot import render, user_data
from components.boot_spec import boot_spec
from components.config.machines import aws_is_metal
from components.tags import tags


def launch_template(
    name: str,
    args: ExecutorPoolArgs,
    identity: Identity,
    logs: cloudwatch.LogGroup,
    parent: pulumi.Resource,
) -> ec2.LaunchTemplate:
    """The template of a pool's VMs, and the firewall around them, as children of `parent`."""
    placement, child = args.pool.aws, pulumi.ResourceOptions(parent=parent)
    labels = tags(args.deployment, args.pool)
    firewall = Firewall(
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
    nested = args.pool.executor.firecracker.enabled and not any(
        aws_is_metal(machine_type) for machine_type in placement.machine_types
    )
    script = pulumi.Output.all(group=logs.name, secrets=args.secrets.references).apply(
        lambda known: user_data(
            render(boot_spec(args.pool, known["secrets"], log_group=known["group"]))
        )
    )
    return ec2.LaunchTemplate(
        name,
        region=placement.region,
        image_id=image_id(args.pool, parent),
        user_data=script,
        instance_initiated_shutdown_behavior="terminate",
        iam_instance_profile={"arn": identity.profile},
        # A job that leaves its sandbox must not reach the VM's identity.
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        },
        monitoring={"enabled": True},
        cpu_options={"nested_virtualization": "enabled"} if nested else None,
        block_device_mappings=[
            {
                "device_name": "/dev/sda1",
                "ebs": {
                    "volume_type": "gp3",
                    "volume_size": placement.boot_disk_size,
                    "iops": placement.boot_disk_iops,
                    "throughput": placement.boot_disk_throughput,
                    "encrypted": "true",
                    **key_of_disk(args.keys, placement.region),
                    "delete_on_termination": "true",
                },
            }
        ],
        network_interfaces=[
            {
                "associate_public_ip_address": str(placement.assign_public_ip).lower(),
                "security_groups": [firewall.group],
                "delete_on_termination": "true",
            }
        ],
        tag_specifications=[
            {
                "resource_type": kind,
                "tags": {**labels, "Name": f"executor-{args.pool.name}"},
            }
            for kind in ("instance", "volume", "network-interface")
        ],
        tags=labels,
        opts=child,
    )
