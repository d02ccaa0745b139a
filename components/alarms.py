"""What native alarms watch, the same on every cloud."""

from components.config import Deployment
from components.config.placement import Cloud
from components.scaling import aws_plan, gcp_plan

METRIC_AGE_MINUTES = 10
"""After this long without the queue size a group may be too small; the worker sends it each minute
or more often (`cmd/worker/internal/executorqueue/reporter.go`)."""

LAUNCH_MINUTES = 15
"""A launch that works takes a few minutes at most."""

_PLANS = {"aws": aws_plan, "gcp": gcp_plan}


def watched_series(deployment: Deployment, cloud: Cloud) -> list[str]:
    """Labels `queueName` of the series that a cloud's policies follow, sorted."""
    scaled = [pool for pool in deployment.pools_on(cloud) if pool.executor.autoscaled]
    return sorted(
        {series.label for pool in scaled for series in _PLANS[cloud](deployment, pool).series}
    )


def silence(queue: str) -> str:
    """What a stale series means, and where to look."""
    return (
        f"No size of the queue {queue} has arrived for {METRIC_AGE_MINUTES} minutes, so the "
        "executors' number does not change. Look at the log of Sourcegraph's worker for "
        "`Failed to send executor queue size metric`, and at its credentials."
    )


def failed_launches(pool: str) -> str:
    """What failed launches mean, and where to look."""
    return (
        f"VMs of the pool {pool} cannot be launched. Look at its group's activity for the reason: "
        "a quota, a lack of capacity in the zones, or an image that is gone."
    )
