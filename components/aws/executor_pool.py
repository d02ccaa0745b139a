"""A pool of executors on AWS."""

import pulumi
from pulumi_aws import autoscaling, cloudwatch, ec2

from components.args import ExecutorPoolArgs, FirewallArgs, IdentityArgs, ScalerArgs
from components.aws.firewall import Firewall
from components.aws.identity import Identity
from components.aws.image import image_id
from components.aws.scaler import Scaler
from components.boot import render, user_data
from components.boot.vm.agent.aws import HEARTBEAT_SECONDS, HOOK
from components.boot_spec import boot_spec
from components.config.machines import aws_is_metal
from components.tags import tags


class ExecutorPool(pulumi.ComponentResource):
    """Executor VMs in an Auto Scaling group.

    A changed setting makes a new template version; running VMs keep theirs until they retire.

    A VM that the group ends is held by a lifecycle hook until its last job is done.

    Makes: `Identity`, `Firewall`, `cloudwatch.LogGroup`, `ec2.LaunchTemplate`,
    `autoscaling.Group`, `autoscaling.LifecycleHook`, and `Scaler` unless the size is fixed.
    """

    group: pulumi.Output[str]
    """Name of the group."""
    identity: pulumi.Output[str]
    """ARN of the VMs' role."""

    def __init__(
        self, name: str, args: ExecutorPoolArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:ExecutorPool", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        placement = args.pool.aws
        self.args, self.placement, self.labels = args, placement, tags(args.deployment, args.pool)
        logs = cloudwatch.LogGroup(
            name,
            region=placement.region,
            retention_in_days=placement.log_retention_days,
            tags=self.labels,
            opts=child,
        )
        identity = Identity(
            name,
            IdentityArgs(
                deployment=args.deployment,
                pool=args.pool,
                secrets=args.secrets,
                log_group_arn=logs.arn,
            ),
            opts=child,
        )
        template = self._template(name, identity, logs)
        group = self._group(name, template)
        hook = autoscaling.LifecycleHook(
            f"{name}-{HOOK}",
            name=HOOK,
            region=placement.region,
            autoscaling_group_name=group.name,
            lifecycle_transition="autoscaling:EC2_INSTANCE_TERMINATING",
            heartbeat_timeout=HEARTBEAT_SECONDS,
            # A VM that cannot answer is dead, and its jobs are queued again.
            default_result="CONTINUE",
            opts=child,
        )
        if args.pool.executor.autoscaled:
            Scaler(
                name,
                ScalerArgs(deployment=args.deployment, pool=args.pool, group=group.name),
                # Nothing scales in before VMs drain.
                opts=pulumi.ResourceOptions(parent=self, depends_on=[hook]),
            )
        self.group = group.name
        self.identity = identity.principal
        self.register_outputs({"group": self.group, "identity": self.identity})

    def _template(
        self, name: str, identity: Identity, logs: cloudwatch.LogGroup
    ) -> ec2.LaunchTemplate:
        placement, child = self.placement, pulumi.ResourceOptions(parent=self)
        firewall = Firewall(
            name,
            FirewallArgs(
                deployment=self.args.deployment,
                pool=self.args.pool,
                network=self.args.network,
                identity=identity.principal,
            ),
            opts=child,
        )
        nested = self.args.pool.executor.firecracker.enabled and not any(
            aws_is_metal(machine_type) for machine_type in placement.machine_types
        )
        script = pulumi.Output.all(group=logs.name, secrets=self.args.secrets.references).apply(
            lambda known: user_data(
                render(boot_spec(self.args.pool, known["secrets"], log_group=known["group"]))
            )
        )
        return ec2.LaunchTemplate(
            name,
            region=placement.region,
            image_id=image_id(self.args.pool, self),
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
                    "tags": {**self.labels, "Name": f"executor-{self.args.pool.name}"},
                }
                for kind in ("instance", "volume", "network-interface")
            ],
            tags=self.labels,
            opts=child,
        )

    def _group(self, name: str, template: ec2.LaunchTemplate) -> autoscaling.Group:
        placement, executor = self.placement, self.args.pool.executor
        return autoscaling.Group(
            name,
            region=placement.region,
            min_size=executor.smallest,
            max_size=executor.largest,
            vpc_zone_identifiers=self.args.network.subnet_ids,
            mixed_instances_policy={
                "instances_distribution": {
                    "on_demand_percentage_above_base_capacity": 0 if placement.spot else 100,
                    "on_demand_allocation_strategy": "prioritized",
                    "spot_allocation_strategy": "price-capacity-optimized",
                },
                "launch_template": {
                    "launch_template_specification": {
                        "launch_template_id": template.id,
                        # Pinned, so that a preview shows the new version.
                        "version": template.latest_version.apply(str),
                    },
                    "overrides": [{"instance_type": kind} for kind in placement.machine_types],
                },
            },
            default_instance_warmup=0,
            health_check_type="EC2",
            metrics_granularity="1Minute",
            enabled_metrics=_GROUP_METRICS,
            # Balancing zones would terminate VMs that run jobs.
            suspended_processes=["AZRebalance"],
            wait_for_capacity_timeout="0",
            force_delete=True,
            tags=[
                {"key": key, "value": value, "propagate_at_launch": True}
                for key, value in {**self.labels, "Name": f"executor-{self.args.pool.name}"}.items()
            ],
            # No property shows that a VM cannot boot before its secrets have values.
            opts=pulumi.ResourceOptions(parent=self, depends_on=self.args.secrets.versions),
        )


_GROUP_METRICS: list[pulumi.Input[autoscaling.Metric]] = [
    autoscaling.Metric.GROUP_DESIRED_CAPACITY,
    autoscaling.Metric.GROUP_IN_SERVICE_INSTANCES,
    autoscaling.Metric.GROUP_MAX_SIZE,
    autoscaling.Metric.GROUP_MIN_SIZE,
    autoscaling.Metric.GROUP_PENDING_INSTANCES,
    autoscaling.Metric.GROUP_TERMINATING_INSTANCES,
]
