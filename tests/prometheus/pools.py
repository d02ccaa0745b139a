"""Pools for the tests of rules: one for each queue, one that serves both, and a spot pool."""

from typing import Any

from prometheus import HourlyPrice, PoolFacts


def _pool(name: str, *queues: str, **settings: Any) -> PoolFacts:
    """A pool that may be empty, retires after two hours, and is paid by the hour of a VM."""
    usual: dict[str, Any] = {
        "smallest": 0,
        "slots": 4,
        "longest_life": 7200.0,
        "hourly_price": price(2.0),
    }
    return PoolFacts(name=name, queues=queues, **{**usual, **settings})


def price(
    on_demand: float | None, spot: float | None = None, base: int = 0, percent: int = 0
) -> HourlyPrice:
    """On demand unless told otherwise."""
    return HourlyPrice(on_demand=on_demand, spot=spot, on_demand_base=base, spot_percent=percent)


CODEINTEL = _pool("codeintel", "codeintel", largest=3, jobs_per_vm={"codeintel": 8.0})
SPOT = _pool(
    "codeintel-spot",
    "codeintel",
    largest=1,
    slots=8,
    jobs_per_vm={"codeintel": 16.0},
    longest_life=3600.0,
    hourly_price=price(None, 0.5, percent=100),
)
BATCHES = _pool(
    "batches",
    "batches",
    smallest=1,
    largest=6,
    slots=2,
    jobs_per_vm={"batches": 2.0},
    longest_life=None,
    hourly_price=None,
)
ALL = _pool(
    "all",
    "batches",
    "codeintel",
    largest=2,
    jobs_per_vm={"batches": 8.0, "codeintel": 8.0},
)
