"""What rules and dashboard know of a stack's pools: plain values from its output `pools`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class HourlyPrice:
    """What a VM of a pool costs an hour at most, in the currency of the stack's `prices`."""

    on_demand: float | None
    """None when no VM is on demand."""
    spot: float | None
    """None when no VM is spot."""
    on_demand_base: int
    """VMs that are never spot."""
    spot_percent: int
    """Part of the others that is spot, rounded in favour of on demand."""


@dataclass(frozen=True, kw_only=True)
class PoolFacts:
    """One pool."""

    name: str
    queues: tuple[str, ...]
    """Sorted; at least one."""
    smallest: int
    largest: int
    slots: int
    """Jobs that one VM runs at once."""
    jobs_per_vm: Mapping[str, float]
    """Per queue, outstanding jobs of the whole queue in which this pool needs one VM."""
    longest_life: float | None
    """Seconds from an executor's start to the end of its last job; None when it is endless."""
    hourly_price: HourlyPrice | None
    """None when a price is unknown."""

    @property
    def label(self) -> str:
        """The label `queue` of its executors (`executorutil.FormatQueueNamesForMetrics`)."""
        return "_".join(self.queues)


@dataclass(frozen=True, kw_only=True)
class Serving:
    """All pools whose executors have one label `queue`: their series cannot be told apart."""

    label: str
    queues: tuple[str, ...]
    pools: tuple[PoolFacts, ...]

    @property
    def largest(self) -> int:
        """Most executors."""
        return sum(pool.largest for pool in self.pools)

    @property
    def slots(self) -> float:
        """Slots of one executor; the average where pools differ, by their largest sizes."""
        if not self.largest:
            return float(max(pool.slots for pool in self.pools))
        return sum(pool.slots * pool.largest for pool in self.pools) / self.largest

    @property
    def longest_life(self) -> float | None:
        """The longest life of an executor in seconds; None when one is endless."""
        lives = [pool.longest_life for pool in self.pools]
        return None if None in lives else max(life for life in lives if life is not None)


def servings(pools: Iterable[PoolFacts]) -> list[Serving]:
    """The pools by label, sorted."""
    by_label: dict[str, list[PoolFacts]] = defaultdict(list)
    for pool in sorted(pools, key=lambda pool: pool.name):
        by_label[pool.label].append(pool)
    return [
        Serving(label=label, queues=found[0].queues, pools=tuple(found))
        for label, found in sorted(by_label.items())
    ]


def served_queues(pools: Iterable[PoolFacts]) -> list[str]:
    """Every queue that a pool serves, sorted."""
    return sorted({queue for pool in pools for queue in pool.queues})
