"""A scheduler that knows the future: a bound, which no policy reaches.

It starts every job as early as the fleet's largest size allows, on VMs that were requested a boot
earlier. Then it pays the fewest VM-hours that these starts permit: as many VMs at a time as the
running jobs fill, whose jobs may move between them at no cost. A VM that is not needed for a while
is kept when that is cheaper than another boot, and one that expires is booted again.
"""

import heapq
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from simulator.assumptions import Assumptions
from simulator.read import System
from simulator.simulate import TAIL_SECONDS
from simulator.traces import Trace


@dataclass(frozen=True)
class Oracle:
    """What it costs, and when it has its most VMs."""

    vm_hours: float
    wait_p95: float
    vms: int
    """Most VMs at a time."""
    peak: float
    """When the jobs first need so many."""


def foresee(system: System, trace: Trace, assumptions: Assumptions) -> Oracle:
    """The bound for a trace. Jobs that take longer than the executor allows are cut, as there."""
    machine = system.pools[0].machine
    spans, waits = _schedule(trace, system.largest * machine.slots, machine.job_seconds)
    levels: dict[int, list[list[float]]] = {}
    peak, most = 0.0, 0
    for start, end, vms in _needs(spans, machine.slots):
        if vms > most:
            peak, most = start, vms
        for level in range(1, vms + 1):
            periods = levels.setdefault(level, [])
            if periods and periods[-1][1] == start:
                periods[-1][1] = end
            else:
                periods.append([start, end])
    smallest = sum(pool.smallest for pool in system.pools)
    active = machine.active_seconds("") or math.inf
    whole = trace.length + TAIL_SECONDS
    seconds = smallest * whole
    for level, periods in levels.items():
        if level > smallest:
            seconds += _cost(periods, assumptions.boot, active)
    ordered = sorted(waits)
    return Oracle(seconds / 3600, ordered[int(0.95 * len(ordered))], most, peak)


def _schedule(
    trace: Trace, slots: int, longest: float
) -> tuple[list[tuple[float, float]], list[float]]:
    """Begin and end of every job on so many slots in the order of arrival, and its wait."""
    free: list[float] = []
    spans, waits = [], []
    for arrival, duration in trace.jobs:
        start = arrival if len(free) < slots else max(arrival, heapq.heappop(free))
        end = start + min(duration, longest)
        heapq.heappush(free, end)
        spans.append((start, end))
        waits.append(start - arrival)
    return spans, waits


def _needs(spans: Iterable[tuple[float, float]], slots: int) -> Iterator[tuple[float, float, int]]:
    """Periods, and the VMs that the jobs running in them fill."""
    changes = sorted([(s, 1) for s, _ in spans] + [(e, -1) for _, e in spans])
    running = 0
    for (time, change), (following, _) in pairwise(changes):
        running += change
        if following > time and running:
            yield time, following, math.ceil(running / slots)


def _cost(periods: list[list[float]], boot: float, active: float) -> float:
    """VM-seconds of one VM that is needed in these periods."""
    seconds = boot
    start = periods[0][0]
    for (_, end), (following, _) in pairwise(periods):
        gap = following - end
        if gap <= boot:
            seconds += gap
        else:
            seconds += boot + _again(end - start, boot, active)
            start = following
    seconds += _again(periods[-1][1] - start, boot, active)
    return seconds + sum(end - begin for begin, end in periods)


def _again(up: float, boot: float, active: float) -> float:
    """Boots that expiry costs in a time."""
    return boot * max(0, math.ceil(up / active) - 1)
