"""A pool of executors on AWS."""

import pulumi
from pulumi_aws import autoscaling, cloudwatch, ec2

from components.args import ExecutorPoolArgs, IdentityArgs, ScalerArgs
from components.aws.identity import Identity
from components.aws.scaler import Scaler
from components.aws.template import launch_template
from components.boot.vm.agent.aws import HEARTBEAT_SECONDS, HOOK
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
            kms_key_id=args.keys.get(placement.region),
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
                key=args.keys.get(placement.region),
            ),
            opts=child,
        )
        group = self._group(name, launch_template(name, args, identity, logs, self))
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
                    "on_demand_base_capacity": placement.on_demand_base,
                    "on_demand_percentage_above_base_capacity": (
                        100 - placement.spot_percent if placement.spot else 100
                    ),
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
            # As on GCP. A VM that is about to expire leaves before one that has just booted.
            termination_policies=["OldestInstance"],
            # Balancing zones would terminate VMs that run jobs.
            suspended_processes=["AZRebalance"],
            wait_for_capacity_timeout="0",
            force_delete=True,
            tags=[
                {"key": key, "value": value, "propagate_at_launch": True}
                for key, value in {**self.labels, "Name": f"executor-{self.args.pool.name}"}.items()
            ],
            opts=pulumi.ResourceOptions(
                parent=self,
                # No property shows that a VM cannot boot before its secrets have values.
                depends_on=self.args.secrets.versions,
                # Scheduled actions change it: an update in a window must not end the window.
                ignore_changes=["minSize"] if executor.windows else None,
            ),
        )


_GROUP_METRICS: list[pulumi.Input[autoscaling.Metric]] = [
    autoscaling.Metric.GROUP_DESIRED_CAPACITY,
    autoscaling.Metric.GROUP_IN_SERVICE_INSTANCES,
    autoscaling.Metric.GROUP_MAX_SIZE,
    autoscaling.Metric.GROUP_MIN_SIZE,
    autoscaling.Metric.GROUP_PENDING_INSTANCES,
    autoscaling.Metric.GROUP_TERMINATING_INSTANCES,
]
