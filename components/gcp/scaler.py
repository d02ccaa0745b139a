"""What changes the size of a pool's group on GCP."""

import pulumi
from pulumi_gcp import compute

from components.args import ScalerArgs
from components.scaling import GCP_METRIC, gcp_plan


class Scaler(pulumi.ComponentResource):
    """An autoscaler that follows the queue upwards only; VMs that are no longer needed leave by
    themselves when their last job is done. With `scaleIn: interrupt` it deletes them itself.
    Schedules raise the size that it recommends, which VMs ask before they leave.

    Makes: `compute.RegionAutoscaler`.
    """

    def __init__(
        self, name: str, args: ScalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:Scaler", name, None, opts)
        placement = args.pool.gcp
        plan = gcp_plan(args.deployment, args.pool)
        compute.RegionAutoscaler(
            name,
            project=placement.project,
            region=placement.region,
            target=args.group,
            autoscaling_policy={
                "min_replicas": plan.smallest,
                "max_replicas": plan.largest,
                "mode": "ON" if placement.scale_in == "interrupt" else "ONLY_SCALE_OUT",
                "metrics": [
                    {
                        "name": GCP_METRIC,
                        "filter": metric_filter(series.label, plan.environment_label),
                        "single_instance_assignment": series.jobs_per_vm,
                    }
                    for series in plan.series
                ],
                "scaling_schedules": [
                    {
                        "name": window.name,
                        "schedule": window.cron,
                        "time_zone": plan.time_zone,
                        "duration_sec": window.minutes * 60,
                        "min_required_replicas": window.size,
                    }
                    for window in plan.windows
                ]
                or None,
            },
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def metric_filter(queue: str, environment: str) -> str:
    """The one series of a queue. Only AND and = are allowed; several series would be summed."""
    return (
        'resource.type = "global"'
        f' AND metric.labels.queueName = "{queue}"'
        f' AND metric.labels.environment = "{environment}"'
    )
