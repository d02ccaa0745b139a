"""A managed instance group and its autoscaler."""

import math
from collections import deque
from typing import Any

from components.boot.vm.agent.decision import Reason
from components.boot.vm.agent.election import Member, is_surplus, recommended_size
from simulator.agent import Agent, AgentsCloud
from simulator.clock import Clock
from simulator.declared import GcpPool
from simulator.group import Group, World
from simulator.vm import Vm

KEPT_POINTS = 200
"""Of a series; the autoscaler reads only the newest that is old enough to be seen."""


class Monitoring:
    """The newest values of every series."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._series: dict[str, deque[tuple[float, int]]] = {}

    def publish(self, label: str, value: int) -> None:
        """A queue's size, from the worker."""
        series = self._series.setdefault(label, deque(maxlen=KEPT_POINTS))
        series.append((self._clock.now, value))

    def newest(self, label: str, until: float) -> tuple[float, int] | None:
        """Time and value of the newest point that is not after `until`."""
        for point in reversed(self._series.get(label, ())):
            if point[0] <= until:
                return point
        return None


class Peak:
    """The largest number of a time window that moves along."""

    def __init__(self, window: float) -> None:
        self._window = window
        self._numbers: deque[tuple[float, int]] = deque()

    def of(self, now: float, number: int) -> int:
        """The largest one, this newest among them."""
        # Only those that no later one exceeds can be it.
        while self._numbers and self._numbers[-1][1] <= number:
            self._numbers.pop()
        self._numbers.append((now, number))
        while len(self._numbers) > 1 and self._numbers[0][0] <= now - self._window:
            self._numbers.popleft()
        return self._numbers[0][1]


class GcpGroup(Group):
    """The autoscaler recommends a size; its mode says what the group makes of it."""

    cloud = "gcp"
    beat_seconds = 0.0
    notice = (Reason.PREEMPTED, 30.0)

    def __init__(self, world: World, pool: GcpPool, monitoring: Monitoring) -> None:
        super().__init__(world, pool)
        self._pool, self._monitoring = pool, monitoring
        self._stable = Peak(pool.stabilization)
        self._largest = Peak(pool.scale_in.window) if pool.scale_in else None
        self._recommended: int | None = None
        self._missing = False
        first = world.random.uniform(0, world.assumptions.autoscaler)
        world.clock.every(world.assumptions.autoscaler, self._decide, first)

    def agents_cloud(self) -> AgentsCloud:
        return self

    def _decide(self) -> None:
        need = self._need()
        self._missing = need is None
        if need is None:
            # A minimum needs no metric.
            if self.size < self.bounds.smallest:
                self.resize(self.bounds.smallest)
            return
        self._recommended = size = self._controlled(self._stable.of(self.world.clock.now, need))
        if size > self.size or (self._pool.mode == "ON" and size < self.size):
            self.resize(size)
        self._elect()

    def _controlled(self, size: int) -> int:
        """The size as the scale-in control lets it fall."""
        control = self._pool.scale_in
        if control is None or self._largest is None:
            return size
        peak = self._largest.of(self.world.clock.now, size)
        whole = peak if self.world.assumptions.scale_in_percent == "peak" else self.size
        return max(size, peak - control.removable(whole))

    def _need(self) -> int | None:
        """VMs for the newest values; of several series the largest. None without data."""
        now, assumptions = self.world.clock.now, self.world.assumptions
        needs = []
        for label, jobs_per_vm in self._pool.series.items():
            point = self._monitoring.newest(label, now - assumptions.metric_delay)
            if point is None or now - point[0] > assumptions.stale:
                return None
            needs.append(math.ceil(point[1] / jobs_per_vm))
        return self.within(max(needs, default=0))

    def _autoscaler(self) -> dict[str, Any]:
        """What the API says of the autoscaler."""
        details = [{"type": "MISSING_CUSTOM_METRIC_DATA_POINTS"}] if self._missing else []
        details += [{"type": "REGION_RESOURCE_STOCKOUT"}] if self.refused else []
        return {
            "autoscalingPolicy": {
                "mode": self._pool.mode,
                "minNumReplicas": self.pool.smallest,
                "maxNumReplicas": self.pool.largest,
            },
            "recommendedSize": self._recommended,
            "status": "ACTIVE",
            "statusDetails": details,
        }

    def _elect(self) -> None:
        """Tell the agents whose look at the group would find something."""
        recommended = recommended_size(self._autoscaler())
        if recommended is None:
            return
        surplus = len(self.staying) - recommended
        for vm, _ in zip(list(self.staying), range(surplus), strict=False):
            if isinstance(vm.watcher, Agent):
                vm.watcher.elected()

    def surplus(self, vm: Vm) -> bool | None:
        """What `components.boot.vm.agent.gcp` finds: the agents' own election."""
        if vm in self.leaving:
            return True
        recommended = recommended_size(self._autoscaler())
        if recommended is None or self.size <= recommended:
            return False
        members = (Member(other.created, other.name) for other in self.staying)
        return is_surplus(members, vm.name, recommended)

    def retire(self, vm: Vm) -> None:
        """`deleteInstances`, which makes the group smaller, or `recreateInstances`."""
        if vm in self.leaving:
            return
        smaller = self.surplus(vm)
        self.end(vm)
        if smaller:
            self.resize(self.size - 1)
        else:
            self.reconcile()

    def shrink(self, number: int) -> None:
        """The group's choice among equal VMs is not documented: chance."""
        for vm in self.world.random.sample(list(self.staying), number):
            self.shut_down(vm, "scale-in")

    def beat(self, vm: Vm) -> None:
        """GCP has no lifecycle hooks."""

    def complete(self, vm: Vm) -> None:
        """GCP has no lifecycle hooks."""
