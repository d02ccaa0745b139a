"""What arrives when: built-in traces, sized to a fleet, and CSV files of recorded ones."""

import csv
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random

from simulator.week import MONDAY

MINUTE, HOUR = 60.0, 3600.0
MEAN_SECONDS = 600.0
"""Mean duration of a job in the traces that name no other."""


class TraceError(ValueError):
    """A trace that does not exist or cannot be read."""


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Jobs by arrival, and what else happens. All times are seconds from the beginning."""

    name: str
    jobs: tuple[tuple[float, float], ...]
    """Arrival and duration."""
    length: float
    """How long the trace lasts; afterwards everything may empty."""
    silences: tuple[tuple[float, float], ...] = ()
    """Begin and duration of the worker's outages."""
    storms: tuple[tuple[float, float], ...] = ()
    """When the cloud takes which part of the spot VMs."""
    rollouts: tuple[float, ...] = ()
    """When the VMs' template changes."""
    start: datetime = MONDAY
    """The time of the beginning, which schedules go by."""


def _durations(random: Random, mean: float = MEAN_SECONDS) -> float:
    """Log-normal, with a long tail, within the usual limit of 30 minutes."""
    return min(random.lognormvariate(math.log(mean) - 0.32, 0.8), 1750.0)


def _arrivals(
    random: Random, length: float, rate: Callable[[float], float], highest: float
) -> Iterator[float]:
    """A Poisson process of a changing rate, by thinning one of the highest rate."""
    time = 0.0
    while (time := time + random.expovariate(highest)) < length:
        if random.random() < rate(time) / highest:
            yield time


def _followed(
    random: Random, name: str, length: float, load: Callable[[float], float], slots: float
) -> Trace:
    """Jobs that keep `load(time)` of all slots busy, on average."""
    highest = slots / MEAN_SECONDS
    times = _arrivals(random, length, lambda time: load(time) * highest, highest)
    jobs = tuple((time, _durations(random)) for time in times)
    return Trace(name=name, jobs=jobs, length=length)


def burst(random: Random, vms: int, slots: int) -> Trace:
    """As many jobs at once as all slots hold, of 5 to 15 minutes."""
    jobs = tuple((MINUTE, random.uniform(300, 900)) for _ in range(vms * slots))
    return Trace(name="burst", jobs=jobs, length=HOUR)


def backlog(random: Random, vms: int, slots: int) -> Trace:
    """Jobs for hours at once: 25 for each slot."""
    jobs = tuple((MINUTE, random.uniform(300, 900)) for _ in range(25 * vms * slots))
    return Trace(name="backlog", jobs=jobs, length=4 * HOUR)


def ramp(random: Random, vms: int, slots: int) -> Trace:
    """Two hours up to 80 % of all slots, one hour there, two hours down; new template on top."""

    def load(time: float) -> float:
        return 0.8 * min(time / (2 * HOUR), 1.0, (5 * HOUR - time) / (2 * HOUR))

    trace = _followed(random, "ramp", 5 * HOUR, load, vms * slots)
    return replace(trace, rollouts=(2.5 * HOUR,))


def diurnal(random: Random, vms: int, slots: int) -> Trace:
    """A day between 8 % and 80 % of all slots."""

    def load(time: float) -> float:
        return 0.44 - 0.36 * math.cos(2 * math.pi * time / (24 * HOUR))

    trace = _followed(random, "diurnal", 24 * HOUR, load, vms * slots)
    return replace(trace, rollouts=(12 * HOUR,))


def many_small(random: Random, vms: int, slots: int) -> Trace:
    """Jobs of 10 to 60 seconds, 60 % of all slots, in waves of ten minutes."""

    def rate(time: float) -> float:
        return 0.6 * vms * slots / 35 if time % (20 * MINUTE) < 10 * MINUTE else 0.0

    times = _arrivals(random, 2 * HOUR, rate, 0.6 * vms * slots / 35)
    jobs = tuple((time, random.uniform(10, 60)) for time in times)
    return Trace(name="many-small", jobs=jobs, length=2 * HOUR)


def few_long(random: Random, vms: int, slots: int) -> Trace:
    """A few jobs an hour, of 25 minutes and more."""
    del slots
    times = sorted(random.uniform(0, 4 * HOUR) for _ in range(max(4, vms // 2)))
    jobs = tuple((time, random.uniform(1500, 1750)) for time in times)
    return Trace(name="few-long", jobs=jobs, length=4 * HOUR)


def metric_outage(random: Random, vms: int, slots: int) -> Trace:
    """Half of all slots busy for two hours, then few; the worker is silent in both and between."""

    def load(time: float) -> float:
        return 0.5 if time < 2 * HOUR else 0.1

    trace = _followed(random, "metric-outage", 4 * HOUR, load, vms * slots)
    silences = tuple((start * HOUR, 25 * MINUTE) for start in (1.0, 1.9, 3.0))
    return replace(trace, silences=silences)


def spot_storm(random: Random, vms: int, slots: int) -> Trace:
    """Half of all slots busy; the cloud takes half of the spot VMs, later most of them."""
    trace = _followed(random, "spot-storm", 3 * HOUR, lambda _: 0.5, vms * slots)
    return replace(trace, storms=((1 * HOUR, 0.5), (2 * HOUR, 0.9)))


BUILT_IN: dict[str, Callable[[Random, int, int], Trace]] = {
    "burst": burst,
    "backlog": backlog,
    "ramp": ramp,
    "diurnal": diurnal,
    "many-small": many_small,
    "few-long": few_long,
    "metric-outage": metric_outage,
    "spot-storm": spot_storm,
}


def trace(name: str, vms: int, slots: int, seed: int) -> Trace:
    """A built-in trace for a fleet of so many VMs, or the CSV file of that name.

    Raises TraceError.
    """
    if name in BUILT_IN:
        return BUILT_IN[name](Random(f"{name} {seed}"), vms, slots)
    path = Path(name)
    if not path.is_file():
        known = ", ".join(BUILT_IN)
        raise TraceError(f"{name!r} is no file and no built-in trace; these are {known}")
    with path.open(newline="") as file:
        return recorded(path.stem, csv.reader(file))


def recorded(name: str, rows: Iterable[list[str]]) -> Trace:
    """A trace of rows `arrival,duration` in seconds; a first row of words is skipped.

    Raises TraceError.
    """
    jobs = []
    for number, row in enumerate(rows, 1):
        try:
            arrival, duration = map(float, row)
        except ValueError:
            if number == 1:
                continue
            raise TraceError(f"{name}, row {number}: {row} is not `arrival,duration`") from None
        if not (0 <= arrival < math.inf and 0 < duration < math.inf):
            raise TraceError(f"{name}, row {number}: {row} are no times in seconds")
        jobs.append((arrival, duration))
    if not jobs:
        raise TraceError(f"{name} has no jobs")
    jobs.sort()
    return Trace(name=name, jobs=tuple(jobs), length=jobs[-1][0])
