"""A stack's pools as its output `pools`, and what rules and dashboard know of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from components.config import Deployment, Pool
from components.config.capacity import machine_types
from components.config.types import seconds
from components.cost import Kind, UnknownCostError, dearest
from prometheus import HourlyPrice, PoolFacts


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
        "hourlyPrice": _hourly_price(deployment, pool),
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
            hourly_price=_price(output["hourlyPrice"]),
        )
        for name, output in outputs
    ]


def _longest_life(pool: Pool) -> float | None:
    """Seconds: an executor stops to take jobs after its active time, and its last job runs on."""
    active = seconds(pool.executor.max_active_time)
    return active + seconds(pool.executor.maximum_runtime_per_job) if active else None


def _hourly_price(deployment: Deployment, pool: Pool) -> dict[str, Any] | None:
    """What one VM costs an hour; None where `prices` lacks a machine type that the pool may use."""
    placement = pool.placement
    base = getattr(placement, "on_demand_base", 0)
    percent = getattr(placement, "spot_percent", 100) if placement.spot else 0
    used: dict[Kind, bool] = {"onDemand": percent < 100 or base > 0, "spot": percent > 0}
    prices = {
        machine: price.model_dump(by_alias=True)
        for machine, price in deployment.settings.prices.items()
    }
    try:
        found = {
            kind: dearest(machine_types(placement), prices, kind) if is_used else None
            for kind, is_used in used.items()
        }
    except UnknownCostError:
        return None
    return {**found, "onDemandBase": base, "spotPercent": percent}


def _price(output: Mapping[str, Any] | None) -> HourlyPrice | None:
    if output is None:
        return None
    return HourlyPrice(
        on_demand=output["onDemand"],
        spot=output["spot"],
        on_demand_base=output["onDemandBase"],
        spot_percent=output["spotPercent"],
    )
