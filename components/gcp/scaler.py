"""What changes the size of a pool's group on GCP."""

import pulumi
from pulumi_gcp import compute

from components.args import ScalerArgs
from components.scaling import GCP_METRIC, gcp_plan

STABILIZATION_SECONDS = 60
"""Before the recommended size falls. Compute Engine's default of 600 keeps every VM for that long;
it is right for an autoscaler that deletes VMs under their jobs."""
REMOVABLE_PERCENT = 80
"""How far the recommended size may fall below the largest one of `KEPT_SECONDS`: the others are
there when jobs come in waves. docs/adr/0010-scale-in.md has what was tried."""
KEPT_SECONDS = 840


class Scaler(pulumi.ComponentResource):
    """An autoscaler that follows the queue upwards only, and recommends smaller sizes to the VMs,
    which leave by themselves: four fifths after a minute, the others after 14. With
    `scaleIn: interrupt` it deletes them itself, when Compute Engine's defaults say so. Schedules
    raise the size that it recommends. A fixed size is one that it cannot leave.

    Makes: `compute.RegionAutoscaler`.
    """

    def __init__(
        self, name: str, args: ScalerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:Scaler", name, None, opts)
        placement = args.pool.gcp
        plan = gcp_plan(args.deployment, args.pool)
        drains = placement.scale_in == "drain"
        # An autoscaler needs a signal: to reach 0, as a pause does, a metric of the group; at a
        # fixed size, which may have no series that it could read, any.
        series = plan.series if plan.smallest == 0 or plan.scales else ()
        compute.RegionAutoscaler(
            name,
            project=placement.project,
            region=placement.region,
            target=args.group,
            autoscaling_policy={
                "min_replicas": plan.smallest,
                "max_replicas": plan.largest,
                "mode": "ONLY_SCALE_OUT" if drains else "ON",
                "stabilization_period": STABILIZATION_SECONDS if drains else None,
                "scale_in_control": {
                    "max_scaled_in_replicas": {"percent": REMOVABLE_PERCENT},
                    "time_window_sec": KEPT_SECONDS,
                }
                if drains and plan.scales
                else None,
                "cpu_utilization": None if series else {"target": 1},
                "metrics": [
                    {
                        "name": GCP_METRIC,
                        "filter": metric_filter(one.label, plan.environment_label),
                        "single_instance_assignment": one.jobs_per_vm,
                    }
                    for one in series
                ]
                or None,
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
