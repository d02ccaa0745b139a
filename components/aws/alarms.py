"""What CloudWatch watches."""

import pulumi
from pulumi_aws import cloudwatch

from components.alarms import (
    LAUNCH_MINUTES,
    METRIC_AGE_MINUTES,
    failed_launches,
    silence,
    watched_series,
)
from components.args import AlarmsArgs
from components.config import Pool
from components.scaling import AWS_METRIC, AWS_NAMESPACE
from components.tags import tags

_MINUTE = 60


class Alarms(pulumi.ComponentResource):
    """Alarms about a queue size that no longer arrives, and VMs that cannot be launched.

    Makes: `cloudwatch.MetricAlarm` per queue that a pool follows, and per pool.
    """

    def __init__(
        self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:Alarms", name, None, opts)
        self.args, self.child = args, pulumi.ResourceOptions(parent=self)
        for queue in watched_series(args.deployment, "aws"):
            self._silence(f"{name}-{queue}-silence", queue)
        for pool in args.deployment.pools_on("aws"):
            self._launches(f"{name}-{pool.name}-launches", pool)
        self.register_outputs({})

    def _silence(self, name: str, queue: str) -> None:
        deployment = self.args.deployment
        region = deployment.metric_location["aws"]
        topics = deployment.alert_targets("aws", region)
        label = deployment.settings.sourcegraph.environment_label
        cloudwatch.MetricAlarm(
            name,
            region=region,
            alarm_description=silence(queue),
            namespace=AWS_NAMESPACE,
            metric_name=AWS_METRIC,
            dimensions={"queueName": queue, "environment": label},
            statistic="SampleCount",
            period=_MINUTE,
            comparison_operator="LessThanThreshold",
            threshold=1,
            evaluation_periods=METRIC_AGE_MINUTES,
            datapoints_to_alarm=METRIC_AGE_MINUTES,
            # A minute without the metric has no count at all.
            treat_missing_data="breaching",
            alarm_actions=topics,
            ok_actions=topics,
            tags=tags(deployment),
            opts=self.child,
        )

    def _launches(self, name: str, pool: Pool) -> None:
        deployment, region = self.args.deployment, pool.aws.region
        topics = deployment.alert_targets("aws", region)
        group = self.args.groups[pool.name]
        cloudwatch.MetricAlarm(
            name,
            region=region,
            alarm_description=failed_launches(pool.name),
            metric_queries=[
                _of_group("desired", "GroupDesiredCapacity", group),
                _of_group("running", "GroupInServiceInstances", group),
                {
                    "id": "missing",
                    # Math takes a missing value as 0: only two values can disagree.
                    "expression": "IF(FILL(running, -1) >= 0, desired - running, 0)",
                    "label": "VMs that did not start",
                    "return_data": True,
                },
            ],
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            evaluation_periods=LAUNCH_MINUTES,
            datapoints_to_alarm=LAUNCH_MINUTES,
            treat_missing_data="notBreaching",
            alarm_actions=topics,
            ok_actions=topics,
            tags=tags(deployment, pool),
            opts=self.child,
        )


def _of_group(
    name: str, metric: str, group: pulumi.Input[str]
) -> cloudwatch.MetricAlarmMetricQueryArgsDict:
    return {
        "id": name,
        "return_data": False,
        "metric": {
            "namespace": "AWS/AutoScaling",
            "metric_name": metric,
            "dimensions": {"AutoScalingGroupName": group},
            "period": _MINUTE,
            "stat": "Maximum",
        },
    }
