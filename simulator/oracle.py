"""A scheduler that knows the future: a bound, which no policy reaches.

It starts every job as early as the fleet's largest size and the clouds' capacity allow, on VMs that
were requested a boot earlier. Then it pays the fewest VM-hours that these starts permit: as many
VMs at a time as the running jobs fill, whose jobs may move between them at no cost. A VM that is
not needed for a while is kept when that is cheaper than another boot, and one that expires is
booted again. Declared minimums are paid, those of schedules in their hours.
"""

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise, takewhile

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
    fleet = _most(system, assumptions)
    spans, waits = _schedule(trace, fleet * machine.slots, machine.job_seconds)
    needs = list(_needs(spans, machine.slots))
    most = max(vms for _, _, vms in needs)
    peak = next(start for start, _, vms in needs if vms == most)
    whole, boot = trace.length + TAIL_SECONDS, assumptions.boot
    minimums = [
        (start, end, min(vms, fleet)) for start, end, vms in _minimums(system, trace.start, whole)
    ]
    smallest = min(vms for _, _, vms in minimums)
    active = machine.active_seconds("") or math.inf
    needed, held = _levels(needs), _levels(minimums)
    seconds = smallest * whole
    for level in range(smallest + 1, max(most, *held, 0) + 1):
        if level in held:
            # What has to be there is asked for at that time, and replaced at no cost.
            warm = [[min(start + boot, end) if start else 0.0, end] for start, end in held[level]]
            seconds += _cost(_joined([*needed.get(level, []), *warm]), boot, math.inf)
            seconds -= 0.0 if held[level][0][0] else boot  # It is up when the trace begins.
        else:
            seconds += _cost(needed[level], boot, active)
    ordered = sorted(waits)
    return Oracle(seconds / 3600, ordered[int(0.95 * len(ordered))], most, peak)


def _most(system: System, assumptions: Assumptions) -> int:
    """VMs that the clouds have and the pools may ask for."""
    by_cloud: Counter[type] = Counter()
    for pool in system.pools:
        by_cloud[type(pool)] += pool.most
    return sum(min(number, assumptions.capacity) for number in by_cloud.values())


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


def _minimums(system: System, start: datetime, whole: float) -> Iterator[tuple[float, float, int]]:
    """Periods, and the fewest VMs of all pools that are allowed in them."""
    changes = [
        (max(0.0, time), number, bounds.smallest)
        for number, pool in enumerate(system.pools)
        for time, bounds in takewhile(lambda change: change[0] < whole, pool.bounds(start))
    ]
    now, current = 0.0, [0] * len(system.pools)
    for time, number, smallest in sorted(changes, key=lambda change: change[0]):
        if time > now:
            yield now, time, sum(current)
        now, current[number] = time, smallest
    yield now, whole, sum(current)


def _levels(periods: Iterable[tuple[float, float, int]]) -> dict[int, list[list[float]]]:
    """By number of VMs, the periods in which there are so many or more."""
    levels: dict[int, list[list[float]]] = {}
    for start, end, vms in periods:
        for level in range(1, vms + 1):
            found = levels.setdefault(level, [])
            if found and found[-1][1] == start:
                found[-1][1] = end
            else:
                found.append([start, end])
    return levels


def _joined(periods: list[list[float]]) -> list[list[float]]:
    """Periods without overlaps."""
    joined: list[list[float]] = []
    for start, end in sorted(periods):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return joined


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
