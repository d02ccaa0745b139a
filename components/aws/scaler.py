"""What changes the size of a pool's group on AWS."""

import pulumi
from pulumi_aws import autoscaling, cloudwatch

from components.args import ScalerArgs
from components.scaling import aws_plan
from components.step_scaling import EVALUATION_MINUTES, PERIOD_SECONDS, bands, metric_queries
from components.tags import tags


class Scaler(pulumi.ComponentResource):
    """Step scaling to the exact size that the queue needs, out within a minute, in after three.

    The policies alone own the group's desired capacity, and scheduled actions its minimum: Auto
    Scaling never follows a policy below the minimum of the moment.

    Makes, for each direction and each 20 sizes: `autoscaling.Policy` and `cloudwatch.MetricAlarm`;
    for each start and end of a schedule in the week: `autoscaling.Schedule`.
    """

    def __init__(
        self, name: str, args: ScalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:Scaler", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        plan = aws_plan(args.deployment, args.pool)
        region = args.pool.placement.region
        for direction in ("out", "in"):
            minutes = EVALUATION_MINUTES[direction]
            for band in bands(plan, direction):
                policy = autoscaling.Policy(
                    f"{name}-{direction}-{band.lowest}",
                    region=region,
                    autoscaling_group_name=args.group,
                    policy_type="StepScaling",
                    adjustment_type="ExactCapacity",
                    metric_aggregation_type="Maximum",
                    # The provider drops the group's own default of 0, and an unset warm-up is the
                    # default cooldown: 300 s in which nothing scales in.
                    estimated_instance_warmup=0,
                    step_adjustments=band.adjustments(),
                    opts=child,
                )
                cloudwatch.MetricAlarm(
                    f"{name}-{direction}-{band.lowest}",
                    region=region,
                    alarm_description=(
                        f"{args.pool.name}: {direction} to {band.lowest}..{band.highest} VMs: "
                        "the alarm requests a size, it reports no fault"
                    ),
                    comparison_operator="GreaterThanOrEqualToThreshold",
                    threshold=band.lowest,
                    evaluation_periods=minutes * 60 // PERIOD_SECONDS,
                    datapoints_to_alarm=minutes * 60 // PERIOD_SECONDS,
                    # One breaching minute and then silence is an alarm for `missing`.
                    treat_missing_data="notBreaching",
                    metric_queries=metric_queries(plan, direction, band, args.group),
                    alarm_actions=[policy.arn],
                    tags=tags(args.deployment, args.pool),
                    opts=child,
                )
        for change in plan.minimum_changes:
            autoscaling.Schedule(
                f"{name}-min-{change.name}",
                region=region,
                autoscaling_group_name=args.group,
                scheduled_action_name=f"{args.pool.name}-min-{change.name}",
                recurrence=change.cron,
                time_zone=plan.time_zone,
                min_size=change.size,
                # The provider sends 0 for a size that is left out.
                max_size=-1,
                desired_capacity=-1,
                opts=pulumi.ResourceOptions(
                    parent=self,
                    # An update would repeat the recorded start, which is refused once it is past;
                    # and no two actions may start at one time.
                    replace_on_changes=["minSize", "timeZone"],
                    delete_before_replace=True,
                ),
            )
        self.register_outputs({})
