"""The flat program's pool on AWS."""

from collections.abc import Sequence

import pulumi
from pulumi_aws import autoscaling, cloudwatch, ec2, vpc

from components.boot import BootSpec, render, user_data
from tests.bench.flat import aws_identity, aws_scaler
from tests.bench.flat.literals import AWS_POOL_TAGS, AWS_REGION, EXECUTOR


def declare(
    token: pulumi.Output[str], network: ec2.Vpc, subnets: list[ec2.Subnet]
) -> autoscaling.Group:
    """The pool; `token` is where its VMs find the access token."""
    logs = cloudwatch.LogGroup(
        "executors-codeintel", region=AWS_REGION, retention_in_days=7, tags=AWS_POOL_TAGS
    )
    profile, policy = aws_identity.declare(logs, token)
    firewall = ec2.SecurityGroup(
        "executors-codeintel",
        region=AWS_REGION,
        description="Executors of the pool codeintel",
        vpc_id=network.id,
        tags=AWS_POOL_TAGS,
    )
    vpc.SecurityGroupEgressRule(
        "executors-codeintel-all",
        region=AWS_REGION,
        security_group_id=firewall.id,
        ip_protocol="-1",
        cidr_ipv4="0.0.0.0/0",
        tags=AWS_POOL_TAGS,
    )
    template = ec2.LaunchTemplate(
        "executors-codeintel",
        region=AWS_REGION,
        image_id="ami-0e5ec0de000000610",
        user_data=pulumi.Output.all(token, logs.name).apply(_user_data),
        instance_initiated_shutdown_behavior="terminate",
        iam_instance_profile={"arn": profile.arn},
        metadata_options={
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": 1,
        },
        monitoring={"enabled": True},
        cpu_options={"nested_virtualization": "enabled"},
        block_device_mappings=[
            {
                "device_name": "/dev/sda1",
                "ebs": {
                    "volume_type": "gp3",
                    "volume_size": 200,
                    "iops": 3000,
                    "throughput": 125,
                    "encrypted": "true",
                    "delete_on_termination": "true",
                },
            }
        ],
        network_interfaces=[
            {
                "associate_public_ip_address": "true",
                "security_groups": [firewall.id],
                "delete_on_termination": "true",
            }
        ],
        tag_specifications=[
            {
                "resource_type": kind,
                "tags": {**AWS_POOL_TAGS, "Name": "executor-codeintel"},
            }
            for kind in ("instance", "volume", "network-interface")
        ],
        tags=AWS_POOL_TAGS,
        opts=pulumi.ResourceOptions(depends_on=[policy]),
    )
    group = autoscaling.Group(
        "executors-codeintel",
        region=AWS_REGION,
        min_size=0,
        max_size=10,
        vpc_zone_identifiers=[subnet.id for subnet in subnets],
        mixed_instances_policy={
            "instances_distribution": {
                "on_demand_base_capacity": 0,
                "on_demand_percentage_above_base_capacity": 100,
                "on_demand_allocation_strategy": "prioritized",
                "spot_allocation_strategy": "price-capacity-optimized",
            },
            "launch_template": {
                "launch_template_specification": {
                    "launch_template_id": template.id,
                    "version": template.latest_version.apply(str),
                },
                "overrides": [
                    {"instance_type": "m8i.4xlarge"},
                    {"instance_type": "m7i.4xlarge"},
                ],
            },
        },
        default_instance_warmup=0,
        health_check_type="EC2",
        metrics_granularity="1Minute",
        enabled_metrics=[
            autoscaling.Metric.GROUP_DESIRED_CAPACITY,
            autoscaling.Metric.GROUP_IN_SERVICE_INSTANCES,
            autoscaling.Metric.GROUP_MAX_SIZE,
            autoscaling.Metric.GROUP_MIN_SIZE,
            autoscaling.Metric.GROUP_PENDING_INSTANCES,
            autoscaling.Metric.GROUP_TERMINATING_INSTANCES,
        ],
        termination_policies=["OldestInstance"],
        suspended_processes=["AZRebalance"],
        wait_for_capacity_timeout="0",
        force_delete=True,
        tags=[
            {"key": "executor_tag", "value": "executors-dev", "propagate_at_launch": True},
            {"key": "executor_pool", "value": "codeintel", "propagate_at_launch": True},
            {"key": "Name", "value": "executor-codeintel", "propagate_at_launch": True},
        ],
    )
    autoscaling.LifecycleHook(
        "executors-codeintel-drain",
        name="drain",
        region=AWS_REGION,
        autoscaling_group_name=group.name,
        lifecycle_transition="autoscaling:EC2_INSTANCE_TERMINATING",
        heartbeat_timeout=1800,
        default_result="CONTINUE",
    )
    aws_scaler.declare(group)
    return group


def _user_data(known: Sequence[str]) -> str:
    token, log_group = known
    return user_data(
        render(
            BootSpec(
                cloud="aws",
                environment={**EXECUTOR, "EXECUTOR_QUEUE_NAME": "codeintel"},
                secret_environment={"EXECUTOR_FRONTEND_PASSWORD": token},
                log_group=log_group,
                use_firecracker=True,
                stop_timeout_seconds=2100,
            )
        )
    )
