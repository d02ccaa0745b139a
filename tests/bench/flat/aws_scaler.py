"""How the flat program's pool on AWS scales."""

from pulumi_aws import autoscaling, cloudwatch

from tests.bench.flat.literals import AWS_POOL_TAGS, AWS_REGION


def declare(group: autoscaling.Group) -> None:
    """Ten sizes out, ten sizes in."""
    scale_out = _policy(group, "executors-codeintel-out-1", smallest=1)
    cloudwatch.MetricAlarm(
        "executors-codeintel-out-1",
        region=AWS_REGION,
        alarm_description=(
            "codeintel: out to 1..10 VMs: the alarm requests a size, it reports no fault"
        ),
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=1,
        evaluation_periods=1,
        datapoints_to_alarm=1,
        treat_missing_data="notBreaching",
        metric_queries=_queries(group, "out", "(needed > desired) * (needed <= 10)"),
        alarm_actions=[scale_out.arn],
        tags=AWS_POOL_TAGS,
    )
    scale_in = _policy(group, "executors-codeintel-in-0", smallest=0)
    cloudwatch.MetricAlarm(
        "executors-codeintel-in-0",
        region=AWS_REGION,
        alarm_description=(
            "codeintel: in to 0..9 VMs: the alarm requests a size, it reports no fault"
        ),
        comparison_operator="GreaterThanOrEqualToThreshold",
        threshold=0,
        evaluation_periods=3,
        datapoints_to_alarm=3,
        treat_missing_data="notBreaching",
        metric_queries=_queries(group, "in", "(needed < desired) * (needed <= 9)"),
        alarm_actions=[scale_in.arn],
        tags=AWS_POOL_TAGS,
    )


def _policy(group: autoscaling.Group, name: str, *, smallest: int) -> autoscaling.Policy:
    steps: list[autoscaling.PolicyStepAdjustmentArgsDict] = [
        {
            "scaling_adjustment": smallest + step,
            "metric_interval_lower_bound": str(step),
            "metric_interval_upper_bound": str(step + 1),
        }
        for step in range(9)
    ]
    last: autoscaling.PolicyStepAdjustmentArgsDict = {
        "scaling_adjustment": smallest + 9,
        "metric_interval_lower_bound": "9",
    }
    return autoscaling.Policy(
        name,
        region=AWS_REGION,
        autoscaling_group_name=group.name,
        policy_type="StepScaling",
        adjustment_type="ExactCapacity",
        metric_aggregation_type="Maximum",
        estimated_instance_warmup=0,
        step_adjustments=[*steps, last],
    )


def _queries(
    group: autoscaling.Group, direction: str, due: str
) -> list[cloudwatch.MetricAlarmMetricQueryArgsDict]:
    return [
        {
            "id": "q_codeintel",
            "metric": {
                "namespace": "sourcegraph-executor",
                "metric_name": "src_executors_queue_size",
                "dimensions": {"queueName": "codeintel", "environment": "dev"},
                "period": 60,
                "stat": "Maximum",
            },
        },
        {
            "id": "desired",
            "metric": {
                "namespace": "AWS/AutoScaling",
                "metric_name": "GroupDesiredCapacity",
                "dimensions": {"AutoScalingGroupName": group.name},
                "period": 60,
                "stat": "Maximum",
            },
        },
        {
            "id": "wanted",
            "expression": "CEIL(q_codeintel / 4)",
            "label": "VMs for all jobs",
            "return_data": False,
        },
        {
            "id": "needed",
            "expression": "IF(wanted > 10, 10, wanted)",
            "label": "VMs within min and max",
            "return_data": False,
        },
        {
            "id": "request",
            "expression": (
                "IF((FILL(q_codeintel, -1) >= 0) * (FILL(desired, -1) >= 0), "
                f"IF({due}, needed, -1))"
            ),
            "label": f"Size to request, {direction}",
            "return_data": True,
        },
    ]
