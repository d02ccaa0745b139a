"""What Cloud Monitoring watches."""

import pulumi
from pulumi_gcp import monitoring

from components.alarms import METRIC_AGE_MINUTES, failed_launches, silence, watched_series
from components.args import AlarmsArgs
from components.config import Pool
from components.gcp.executor_pool import base_name
from components.tags import tags

_SERIES = "custom_googleapis_com:executors_queue_size"
"""The metric's name in PromQL (Cloud Monitoring, "Mapping Cloud Monitoring metrics to PromQL")."""

_AN_HOUR = "3600s"


class Alarms(pulumi.ComponentResource):
    """Alarms about a queue size that no longer arrives, and VMs that cannot be launched.

    Makes: `monitoring.AlertPolicy` per series that a pool follows, and per pool.
    """

    def __init__(
        self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:Alarms", name, None, opts)
        self.args, self.child = args, pulumi.ResourceOptions(parent=self)
        for queue in watched_series(args.deployment, "gcp"):
            self._silence(f"{name}-{queue}-silence", queue)
        for pool in args.deployment.pools_on("gcp"):
            self._launches(f"{name}-{pool.name}-launches", pool)
        self.register_outputs({})

    def _silence(self, name: str, queue: str) -> None:
        deployment = self.args.deployment
        project = deployment.metric_location["gcp"]
        label = deployment.settings.sourcegraph.environment_label
        series = (
            f'{_SERIES}{{monitored_resource="global",queueName="{queue}",environment="{label}"}}'
        )
        title = f"No size of the executors' queue {queue} ({deployment.stack})"
        monitoring.AlertPolicy(
            name,
            project=project,
            display_name=title,
            combiner="OR",
            severity="CRITICAL",
            conditions=[
                {
                    "display_name": title,
                    "condition_prometheus_query_language": {
                        "query": f"absent_over_time({series}[{METRIC_AGE_MINUTES}m])",
                        "duration": "0s",
                        "evaluation_interval": "60s",
                        # The metric exists from the worker's first write on.
                        "disable_metric_validation": True,
                    },
                }
            ],
            documentation={"content": silence(queue), "mime_type": "text/markdown"},
            notification_channels=deployment.alert_targets("gcp", project),
            user_labels=tags(deployment),
            opts=self.child,
        )

    def _launches(self, name: str, pool: Pool) -> None:
        deployment, project = self.args.deployment, pool.gcp.project
        title = f"Executors of the pool {pool.name} cannot be launched ({deployment.stack})"
        monitoring.AlertPolicy(
            name,
            project=project,
            display_name=title,
            combiner="OR",
            severity="WARNING",
            conditions=[
                {
                    "display_name": title,
                    "condition_matched_log": {"filter": failed_inserts(pool)},
                }
            ],
            # A group tries again all the time.
            alert_strategy={
                "notification_rate_limit": {"period": _AN_HOUR},
                "auto_close": _AN_HOUR,
            },
            documentation={"content": failed_launches(pool.name), "mime_type": "text/markdown"},
            notification_channels=deployment.alert_targets("gcp", project),
            user_labels=tags(deployment, pool),
            opts=self.child,
        )


def failed_inserts(pool: Pool) -> str:
    """The audit log's entries about VMs that the pool's group could not make.

    A group's VMs have its base name and four characters (Compute Engine, "Working with
    managed instances").
    """
    return (
        f'logName="projects/{pool.gcp.project}/logs/cloudaudit.googleapis.com%2Factivity"'
        ' AND resource.type="gce_instance"'
        " AND severity>=ERROR"
        ' AND protoPayload.methodName=~"compute\\.instances\\.insert$"'
        f' AND protoPayload.resourceName=~"/instances/{base_name(pool)}-[a-z0-9]{{4}}$"'
    )
