"""A pool's scaling as its resources declare it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from simulator.machine import Machine
from simulator.metric_math import Query


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
class AwsPool(Pool):
    """An Auto Scaling group with what scales it."""

    alarms: tuple[Alarm, ...]
    hook: Hook | None
    termination_policies: tuple[str, ...] = ("Default",)
    rebalances: bool = False
    """Whether the group ends VMs to balance its zones."""


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

    mode: str | None
    """The autoscaler's; None without one."""
    series: Mapping[str, float]
    """Jobs for which one VM is started, by the name of the series' queue."""
    stabilization: float = 600.0
    """Seconds; the autoscaler recommends what the peak in it needs."""
    scale_in: ScaleInControl | None = None
