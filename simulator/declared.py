"""A pool's scaling as its resources declare it."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, Self

from simulator.machine import Machine
from simulator.metric_math import Query
from simulator.week import Weekly, merged

LOOK_BACK_SECONDS = 8 * 24 * 3600.0
"""What schedules did in the last week holds when a trace begins; a day more for the clocks."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a size may be from a moment on."""

    smallest: int
    largest: int
    desired: int | None = None
    """The size that is asked for at that moment; None where the schedule names none."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What both clouds' pools have."""

    name: str
    machine: Machine
    smallest: int
    largest: int
    first_size: int
    """Its size when the trace begins."""
    zones: int = 1
    on_demand_base: int = 0
    """VMs that are never spot."""
    spot_part: float = 0.0
    """Part of the others that is."""
    replaces_running: bool = False
    """Whether a new template ends the VMs that run."""

    @property
    def most(self) -> int:
        """Most VMs at any time of the week."""
        return self.largest

    def bounds(self, start: datetime) -> Iterator[tuple[float, Bounds]]:
        """Seconds from `start`, and the bounds from then on; the first is past, and may be all."""
        del start
        yield -LOOK_BACK_SECONDS, Bounds(smallest=self.smallest, largest=self.largest)

    def is_spot(self, on_demand: int, spot: int) -> bool:
        """Whether the next VM is spot, beside so many of both kinds."""
        above = max(0, on_demand - self.on_demand_base) + spot + 1
        return on_demand >= self.on_demand_base and spot + 1 <= self.spot_part * above


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step adjustment, its bounds relative to the alarm's threshold."""

    lower: float
    upper: float
    adjustment: int


@dataclass(frozen=True, kw_only=True)
class Policy:
    """An Auto Scaling policy."""

    kind: Literal["StepScaling", "SimpleScaling"]
    adjustment_type: Literal["ExactCapacity", "ChangeInCapacity"]
    steps: tuple[Step, ...] = ()
    adjustment: int = 0
    """Of simple scaling."""
    cooldown: float = 0.0
    """Of simple scaling: after an activity has ended."""
    warmup: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What an alarm's query reads."""

    name: str
    queue: str | None
    """The queue of a size that the worker publishes; None for a metric of the group."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A CloudWatch alarm whose action is a policy."""

    name: str
    queries: tuple[Query, ...]
    metrics: Mapping[str, Metric]
    """By query id."""
    comparison: str
    threshold: float
    periods: int
    datapoints: int
    missing: str
    policy: Policy


@dataclass(frozen=True, kw_only=True)
class Hook:
    """A lifecycle hook of terminating instances."""

    timeout: float


@dataclass(frozen=True, kw_only=True)
class ScheduledAction:
    """Sizes that an Auto Scaling group is given at a time, for good; None leaves one as it is."""

    at: Weekly
    smallest: int | None
    largest: int | None
    desired: int | None


@dataclass(frozen=True, kw_only=True)
class AwsPool(Pool):
    """An Auto Scaling group with what scales it."""

    alarms: tuple[Alarm, ...]
    hook: Hook | None
    termination_policies: tuple[str, ...] = ("Default",)
    rebalances: bool = False
    """Whether the group ends VMs to balance its zones."""
    actions: tuple[ScheduledAction, ...] = ()

    @property
    def unscheduled(self) -> Self:
        """It without its schedules."""
        return replace(self, actions=())

    @property
    def most(self) -> int:
        return max(self.largest, *(action.largest or 0 for action in self.actions), 0)

    def bounds(self, start: datetime) -> Iterator[tuple[float, Bounds]]:
        """Each action sets what it names; the last one wins."""
        now, bounds = next(super().bounds(start))
        yield now, bounds
        for time, action in merged((one.at.times(start, now), one) for one in self.actions):
            bounds = Bounds(
                smallest=bounds.smallest if action.smallest is None else action.smallest,
                largest=bounds.largest if action.largest is None else action.largest,
                desired=action.desired,
            )
            yield time, bounds


@dataclass(frozen=True, kw_only=True)
class ScalingSchedule:
    """A time in which an autoscaler recommends no fewer VMs."""

    at: Weekly
    """When it begins."""
    seconds: float
    smallest: int

    def ends(self, start: datetime, since: float) -> Iterator[float]:
        """The ends of what begins from `since` on, as `Weekly.times` says."""
        return (time + self.seconds for time in self.at.times(start, since))


@dataclass(frozen=True, kw_only=True)
class ScaleInControl:
    """How far the recommended size may fall below the largest one of a time window."""

    window: float
    """Seconds."""
    fixed: int | None = None
    """VMs; None for a percentage."""
    percent: int = 0

    def removable(self, size: int) -> int:
        """VMs that may go from a size; "if there is a remainder, the number is rounded" (API)."""
        return math.floor(self.percent / 100 * size + 0.5) if self.fixed is None else self.fixed


@dataclass(frozen=True, kw_only=True)
class GcpPool(Pool):
    """A managed instance group with its autoscaler."""

    mode: str
    """The autoscaler's."""
    series: Mapping[str, float]
    """Jobs for which one VM is started, by the name of the series' queue."""
    stabilization: float = 600.0
    """Seconds; the autoscaler recommends what the peak in it needs."""
    scale_in: ScaleInControl | None = None
    schedules: tuple[ScalingSchedule, ...] = ()

    @property
    def unscheduled(self) -> Self:
        """It without its schedules."""
        return replace(self, schedules=())

    def bounds(self, start: datetime) -> Iterator[tuple[float, Bounds]]:
        """Of the schedules in force the largest counts, within what the pool may be."""
        now, bounds = next(super().bounds(start))
        yield now, bounds
        begin = [(one.at.times(start, now), (one.smallest, 1)) for one in self.schedules]
        end = [(one.ends(start, now), (one.smallest, -1)) for one in self.schedules]
        in_force: Counter[int] = Counter()
        for time, (size, change) in merged([*begin, *end]):
            in_force[size] += change
            scheduled = max((size for size, number in in_force.items() if number), default=0)
            smallest = min(max(scheduled, self.smallest), self.largest)
            yield time, replace(bounds, smallest=smallest)
