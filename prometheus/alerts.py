"""Alerts about executors, on recorded series.

What only a cloud can know, such as a failed launch or a queue metric that no longer arrives there,
is a native alarm of the stack instead (`alerts` in the stack file).
"""

from collections.abc import Sequence

from prometheus.pools import PoolFacts, served_queues, servings
from prometheus.recording import Rule, by_executor
from prometheus.scrape import JOB_NAME

GRACE_SECONDS = 900
"""What an executor may take beyond its longest life: boot, and the last upload of results."""

_MIRRORS = (f'sg_job="{JOB_NAME}-registry"', f'job="{JOB_NAME}-registry-node"')
"""Labels of a mirror's VM: as executors push its metrics, and as Prometheus scrapes them."""


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
                "Nobody reports how many jobs of {{ $labels.queue }} wait.",
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
                "Jobs of {{ $labels.queue }} wait, and none runs.",
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
                "All executors of {{ $labels.queue }} run, and jobs still wait.",
                "Raise `max` of the pool if jobs wait longer than they may.",
            ),
        ),
        _alert(
            "ExecutorsMissing",
            f"{wanted} > on (queue) ({running} or on (queue) 0 * {wanted})",
            "30m",
            "warning",
            (
                "Fewer executors of {{ $labels.queue }} run than its jobs need.",
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
    increases = by_executor("increase(src_executor_processor_errors_total[30m])")
    errors = f"sum by (queue) ({increases})"
    return [
        _alert(
            "ExecutorJobsFail",
            f"serving:executors_failed_jobs:ratio30m > 0.5 and on (queue) {errors} >= 5",
            "15m",
            "warning",
            (
                "More than half of the jobs of {{ $labels.queue }} fail.",
                "That is rarely the fault of the jobs: look at their log on the site "
                "admin's page, at the disk of the VMs and at the registry.",
            ),
        ),
        _alert(
            "ExecutorJobsInterrupted",
            "queue:executors_interrupted_jobs:increase1h > 5",
            "0m",
            "warning",
            (
                "Jobs of {{ $labels.queue }} lose their executors.",
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
                "Jobs of {{ $labels.queue }} were given up.",
                "Each lost its executor several times, and Sourcegraph does not try again.",
            ),
        ),
    ]


def _mirror() -> Rule:
    avail, size = (
        " or ".join(
            f'node_filesystem_{kind}_bytes{{{mirror},mountpoint="/mnt/registry"}}'
            for mirror in _MIRRORS
        )
        for kind in ("avail", "size")
    )
    # Nothing in what is pushed names the mirror, so the fullest of them stands for all.
    free = f"min by (job, instance) (({avail}) / ({size}))"
    return _alert(
        "ExecutorMirrorDiskFull",
        f"{free} < 0.1",
        "15m",
        "warning",
        (
            "The disk of the Docker mirror is almost full.",
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
    summary, description = texts
    return {
        "alert": name,
        "expr": expression,
        "for": after,
        "labels": {
            "severity": severity,
            # Sourcegraph's own Alertmanager notifies by `level`, and shows these labels only
            # (`docker-images/prometheus/cmd/prom-wrapper/receivers.go`).
            "level": severity,
            "service_name": "executors",
            "name": name,
            "description": summary,
            **labels,
        },
        "annotations": {
            "summary": summary,
            "description": description,
            "value": "{{ $value | humanize }}",
        },
    }
