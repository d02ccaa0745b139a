"""A stack's pools as its output `pools`, and what rules and dashboard know of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from components.config import Deployment, Pool
from components.config.types import seconds
from prometheus import PoolFacts


def pool(deployment: Deployment, pool: Pool, group: Any) -> dict[str, Any]:
    """One pool as a stack output; `group` is its group's name, an Output in a program."""
    executor = pool.executor
    return {
        "cloud": pool.cloud,
        "region": pool.placement.region,
        "queues": list(executor.queue_names),
        "min": executor.smallest,
        "max": executor.largest,
        "group": group,
        "slots": executor.maximum_num_jobs,
        "jobsPerVm": {
            queue: executor.jobs_per_vm / deployment.shares.by_pool[pool.name, queue]
            for queue in executor.queue_names
        },
        "longestLife": _longest_life(pool),
    }


def facts(stacks: Iterable[Mapping[str, Any]]) -> list[PoolFacts]:
    """All pools of some stacks, from their outputs `pools`.

    Pools of two stacks that have the same name get the names of their groups.
    """
    outputs = [(name, output) for pools in stacks for name, output in pools.items()]
    names = [name for name, _ in outputs]
    return [
        PoolFacts(
            name=name if names.count(name) == 1 else output["group"],
            queues=tuple(output["queues"]),
            smallest=output["min"],
            largest=output["max"],
            slots=output["slots"],
            jobs_per_vm=output["jobsPerVm"],
            longest_life=output["longestLife"],
        )
        for name, output in outputs
    ]


def _longest_life(pool: Pool) -> float | None:
    """Seconds: an executor stops to take jobs after its active time, and its last job runs on."""
    active = seconds(pool.executor.max_active_time)
    return active + seconds(pool.executor.maximum_runtime_per_job) if active else None
