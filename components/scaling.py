"""What a pool's size follows: one plan, from which both clouds' policies are made.

The worker publishes, per queue, the jobs that are queued, errored or running
(`cmd/worker/internal/executorqueue`), so `needed = ceil(size * part / jobs per VM)` is an
absolute number of VMs and needs no memory of earlier requests.
"""

import math
from dataclasses import dataclass

from components.config import Deployment, Pool
from components.schedules import MinimumChange, Window, minimum_changes

GCP_METRIC = "custom.googleapis.com/executors/queue/size"
AWS_METRIC = "src_executors_queue_size"
AWS_NAMESPACE = "sourcegraph-executor"
"""The namespace that the worker must be given as EXECUTOR_METRIC_AWS_NAMESPACE."""


@dataclass(frozen=True, kw_only=True)
class QueueSeries:
    """One published series, and how much of it one VM of the pool is started for."""

    label: str
    """Value of the dimension or label `queueName`."""
    jobs_per_vm: float
    """Jobs of the published number, in all of which the pool's part needs one VM."""


@dataclass(frozen=True, kw_only=True)
class ScalingPlan:
    """`needed = ceil(sum of series / their jobs_per_vm)`, held within smallest and largest."""

    smallest: int
    largest: int
    environment_label: str
    series: tuple[QueueSeries, ...]
    windows: tuple[Window, ...] = ()
    """Hours of the week in which the smallest size is larger; none for a fixed size."""
    time_zone: str | None = None
    """Of all windows; None without one."""

    @property
    def minimum_changes(self) -> tuple[MinimumChange, ...]:
        """The moments of the week at which a window begins or ends."""
        return minimum_changes(self.windows, self.smallest)

    @property
    def scales(self) -> bool:
        """False for a pool of fixed size, which has no policy."""
        return self.smallest != self.largest


def aws_plan(deployment: Deployment, pool: Pool) -> ScalingPlan:
    """CloudWatch adds up series, so every queue has its own and each its own weight."""
    series = tuple(
        QueueSeries(label=queue, jobs_per_vm=_jobs_per_vm(deployment, pool, queue))
        for queue in pool.executor.queue_names
    )
    return _plan(pool, series)


def gcp_plan(deployment: Deployment, pool: Pool) -> ScalingPlan:
    """The autoscaler takes the largest of several metrics, so several queues are one series.

    The worker names it after all its queues, sorted and joined by `_`; the shares of these
    queues are equal (`components.shares`), so any of them gives the weight.
    """
    queues = pool.executor.queue_names
    jobs_per_vm = _jobs_per_vm(deployment, pool, queues[0])
    return _plan(pool, (QueueSeries(label="_".join(queues), jobs_per_vm=jobs_per_vm),))


def _plan(pool: Pool, series: tuple[QueueSeries, ...]) -> ScalingPlan:
    return ScalingPlan(
        smallest=pool.executor.smallest,
        largest=pool.executor.largest,
        environment_label=pool.executor.sourcegraph.environment_label,
        series=series,
        windows=pool.executor.windows,
        time_zone=pool.executor.time_zone,
    )


def _jobs_per_vm(deployment: Deployment, pool: Pool, queue: str) -> float:
    return _rounded_up(pool.executor.jobs_per_vm / deployment.shares.of_cloud(pool.name, queue))


def _rounded_up(value: float) -> float:
    """`value` with ten digits, never less: an exact multiple of it must not need one VM more."""
    scale = 10 ** (9 - math.floor(math.log10(value)))
    nearest = round(value)
    exact = (
        nearest if math.isclose(value, nearest, rel_tol=1e-12) else math.ceil(value * scale) / scale
    )
    return float(exact)
