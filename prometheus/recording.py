"""Recorded series: what alerts and dashboard read instead of Sourcegraph's own series.

Sourcegraph's are, by their sources:

- `src_executor_total`, `src_executor_queued_duration_seconds_total`: per queue, jobs that wait and
  the longest wait, from every worker (`internal/workerutil/dbworker/metrics.go`). Newer workers
  have `src_workerutil_queue_depth` for the first.
- `src_executor_processor_handlers`, `_total`, `_errors_total`: per executor, its running jobs,
  those that went well and those that did not (`internal/workerutil/observability.go`).
- `…_resets_total`, `…_reset_failures_total`: jobs whose executor stopped to answer, by who finds
  them (`dbworker/resetter.go`): queued again, or given up after three times.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from prometheus.pools import PoolFacts, served_queues, servings

Rule = dict[str, Any]
"""One entry of a rule group, as in Prometheus' rule files."""

_RESETTERS = {
    "batches": "src_batch_spec_workspace_execution_worker_resetter_reset",
    "codeintel": "src_codeintel_background_index_record_reset",
}
"""Per queue, how the names of its resetter's counters begin."""


def recording_rules(pools: Sequence[PoolFacts]) -> list[Rule]:
    """The recorded series of these pools; each has a label `queue`."""
    return [
        *_executors(),
        *_queues(pools),
        *_jobs(pools),
        *_limits(pools),
        *(_wanted(pool) for pool in pools),
    ]


def by_executor(vector: str) -> str:
    """PromQL of a vector of executors' series, each executor once, by a label `executor`.

    Scraped executors are told apart by `instance`, pushed ones by `sg_instance`. Two replicas of
    the worker show the same pushed series.
    """
    scraped = f'label_replace({vector}, "executor", "$1", "instance", "(.+)")'
    named = f'label_replace({scraped}, "executor", "$1", "sg_instance", "(.+)")'
    return f"max by (queue, executor, op) ({named})"


def _executors() -> list[Rule]:
    one = "executor:executors_busy_slots:max"
    return [
        record(one, by_executor("src_executor_processor_handlers")),
        record("serving:executors_running:count", f"count by (queue) ({one})"),
        record("serving:executors_busy_slots:sum", f"sum by (queue) ({one})"),
    ]


def _queues(pools: Sequence[PoolFacts]) -> list[Rule]:
    served = "|".join(served_queues(pools))
    newer = f'src_workerutil_queue_depth{{domain=~"executors_({served})"}}'
    named = f'label_replace({newer}, "queue", "$1", "domain", "executors_(.+)")'
    older = f'src_executor_total{{queue=~"{served}"}}'
    wait = f'src_executor_queued_duration_seconds_total{{queue=~"{served}"}}'
    return [
        record(
            "queue:executors_waiting_jobs:max",
            f"max by (queue) ({older}) or max by (queue) ({named})",
        ),
        record("queue:executors_longest_wait_seconds:max", f"max by (queue) ({wait})"),
    ]


def _jobs(pools: Sequence[PoolFacts]) -> list[Rule]:
    rules = []
    for queue in served_queues(pools):
        # An executor that serves several queues does not tell whose job it runs: an equal part.
        running = [
            f'(sum(serving:executors_busy_slots:sum{{queue="{serving.label}"}}) or vector(0))'
            f" / {len(serving.queues)}"
            for serving in servings(pools)
            if queue in serving.queues
        ]
        labels = "|".join(s.label for s in servings(pools) if queue in s.queues)
        rates = [
            by_executor(f'rate(src_executor_processor_{kind}{{queue=~"{labels}"}}[15m])')
            for kind in ("total", "errors_total")
        ]
        finished = [f"(sum({rate}) or vector(0))" for rate in rates]
        rules += [
            record("queue:executors_running_jobs:sum", " + ".join(running), queue=queue),
            record("queue:executors_finished_jobs:rate15m", " + ".join(finished), queue=queue),
        ]
        if queue in _RESETTERS:
            counter = _RESETTERS[queue]
            rules += [
                record(
                    "queue:executors_interrupted_jobs:increase1h",
                    f"round(sum(increase({counter}s_total[1h])))",
                    queue=queue,
                ),
                record(
                    "queue:executors_lost_jobs:increase1h",
                    f"round(sum(increase({counter}_failures_total[1h])))",
                    queue=queue,
                ),
            ]
    errors, successes = (
        f"sum by (queue) ({by_executor(f'rate(src_executor_processor_{kind}[30m])')})"
        for kind in ("errors_total", "total")
    )
    rules.append(
        record(
            "serving:executors_failed_jobs:ratio30m",
            f"{errors} / ({errors} + ({successes} or 0 * {errors}))",
        )
    )
    return rules


def _limits(pools: Iterable[PoolFacts]) -> list[Rule]:
    rules = []
    for serving in servings(pools):
        waiting = f'queue:executors_waiting_jobs:max{{queue=~"{"|".join(serving.queues)}"}}'
        rules += [
            record(
                "serving:executors_largest:sum", f"vector({serving.largest:g})", queue=serving.label
            ),
            record(
                "serving:executors_slots:sum",
                f'serving:executors_running:count{{queue="{serving.label}"}} * {serving.slots:g}',
            ),
            record("serving:executors_waiting_jobs:sum", f"sum({waiting})", queue=serving.label),
        ]
    return rules


def _wanted(pool: PoolFacts) -> Rule:
    """What the pool's policy asks for, when the metric counts running jobs; without schedules."""
    needed = " + ".join(
        f'(sum(queue:executors_waiting_jobs:max{{queue="{queue}"}})'
        f' + sum(queue:executors_running_jobs:sum{{queue="{queue}"}})) / {jobs:.10g}'
        for queue, jobs in sorted(pool.jobs_per_vm.items())
    )
    clamped = f"clamp(ceil({needed}), {pool.smallest:g}, {pool.largest:g})"
    return record("pool:executors_wanted:clamped", clamped, queue=pool.label, pool=pool.name)


def record(name: str, expression: str, **labels: str) -> Rule:
    """A rule that records an expression under a name, with labels over its own."""
    rule: Rule = {"record": name, "expr": expression}
    return {**rule, "labels": labels} if labels else rule
