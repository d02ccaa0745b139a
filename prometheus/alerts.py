"""Alerts about executors, on recorded series.

What only a cloud can know, such as a failed launch or a queue metric that no longer arrives there,
is a native alarm of the stack instead (`alerts` in the stack file).
"""

from collections.abc import Sequence

from prometheus.pools import PoolFacts, served_queues, servings
from prometheus.recording import Rule

GRACE_SECONDS = 900
"""What an executor may take beyond its longest life: boot, and the last upload of results."""

_MIRROR = 'sg_job="sourcegraph-executors-registry",mountpoint="/mnt/registry"'


def alerting_rules(pools: Sequence[PoolFacts]) -> list[Rule]:
    """The alerts for these pools; labels `queue` and `severity` (warning or critical)."""
    return [*_queues(pools), *_sizes(), *_lives(pools), *_failures(), _mirror()]


def _queues(pools: Sequence[PoolFacts]) -> list[Rule]:
    busy = "queue:executors_running_jobs:sum > 0 or queue:executors_finished_jobs:rate15m > 0"
    stale = [
        _alert(
            "ExecutorQueueUnknown",
            f'absent(queue:executors_waiting_jobs:max{{queue="{queue}"}})',
            "10m",
            "critical",
            (
                f"Nobody reports how many {queue} jobs wait.",
                "The worker is down, or Prometheus does not reach it. The executors' size stays "
                "as it is until the worker publishes again.",
            ),
            queue=queue,
        )
        for queue in served_queues(pools)
    ]
    return [
        _alert(
            "ExecutorQueueNotProcessed",
            f"queue:executors_waiting_jobs:max > 0 unless on (queue) ({busy})",
            "20m",
            "critical",
            (
                "{{ $value }} {{ $labels.queue }} jobs wait, and none runs.",
                "No executor takes jobs: look whether VMs start, whether their executors reach "
                "Sourcegraph, and whether the access token is the one of the site configuration.",
            ),
        ),
        *stale,
    ]


def _sizes() -> list[Rule]:
    running = "serving:executors_running:count"
    wanted = "sum by (queue) (pool:executors_wanted:clamped)"
    return [
        _alert(
            "ExecutorsAtMaximum",
            f"{running} >= on (queue) serving:executors_largest:sum"
            " and on (queue) serving:executors_waiting_jobs:sum > 0",
            "1h",
            "warning",
            (
                "All {{ $value }} executors of {{ $labels.queue }} run, and jobs still wait.",
                "Raise `max` of the pool if jobs wait longer than they may.",
            ),
        ),
        _alert(
            "ExecutorsMissing",
            f"{wanted} > on (queue) ({running} or on (queue) 0 * {wanted})",
            "30m",
            "warning",
            (
                "{{ $labels.queue }} needs {{ $value }} executors, and fewer run.",
                "VMs do not start, or their executors do not: look at the group's activity for a "
                "quota, a lack of capacity or a bad image, then at the log of a VM's boot.",
            ),
        ),
    ]


def _lives(pools: Sequence[PoolFacts]) -> list[Rule]:
    rules = []
    for serving in servings(pools):
        if serving.longest_life is None:
            continue
        series = f'executor:executors_busy_slots:max{{queue="{serving.label}"}}'
        seconds = round(serving.longest_life + GRACE_SECONDS)
        rules.append(
            _alert(
                "ExecutorDrainTooLong",
                f"{series} and {series} offset {seconds}s",
                "5m",
                "warning",
                (
                    "{{ $labels.executor }} should have retired.",
                    "It is older than maxActiveTime and its last job's longest run together: its "
                    "drain hangs. Look at its log, then end the VM; its jobs are queued again.",
                ),
            )
        )
    return rules


def _failures() -> list[Rule]:
    errors = "sum by (queue) (increase(src_executor_processor_errors_total[30m]))"
    return [
        _alert(
            "ExecutorJobsFail",
            f"serving:executors_failed_jobs:ratio30m > 0.5 and on (queue) {errors} >= 5",
            "15m",
            "warning",
            (
                "{{ $value | humanizePercentage }} of the jobs of {{ $labels.queue }} fail.",
                "More than half is rarely the fault of the jobs: look at their log on the site "
                "admin's page, at the disk of the VMs and at the registry.",
            ),
        ),
        _alert(
            "ExecutorJobsInterrupted",
            "queue:executors_interrupted_jobs:increase1h > 5",
            "0m",
            "warning",
            (
                '{{ $value | printf "%.0f" }} {{ $labels.queue }} jobs lost their executor in 1 h.',
                "They started again from the beginning. Spot VMs are taken away; others leave only "
                "when their jobs are done, unless a pool was removed or `scaleIn` is `interrupt`.",
            ),
        ),
        _alert(
            "ExecutorJobsLost",
            "queue:executors_lost_jobs:increase1h > 0",
            "0m",
            "critical",
            (
                '{{ $value | printf "%.0f" }} {{ $labels.queue }} jobs were given up in 1 h.',
                "Each lost its executor several times, and Sourcegraph does not try again.",
            ),
        ),
    ]


def _mirror() -> Rule:
    free = f"node_filesystem_avail_bytes{{{_MIRROR}}} / node_filesystem_size_bytes{{{_MIRROR}}}"
    return _alert(
        "ExecutorMirrorDiskFull",
        f"{free} < 0.1",
        "15m",
        "warning",
        (
            "The Docker mirror has {{ $value | humanizePercentage }} of its disk left.",
            "A full mirror stops to cache: jobs pull from the registry and meet its rate limit.",
        ),
    )


def _alert(
    name: str,
    expression: str,
    after: str,
    severity: str,
    texts: tuple[str, str],
    **labels: str,
) -> Rule:
    return {
        "alert": name,
        "expr": expression,
        "for": after,
        "labels": {"severity": severity, **labels},
        "annotations": dict(zip(("summary", "description"), texts, strict=True)),
    }
