"""Scale-in on GCP: VMs that never talk to each other, each with its own old list."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from components.boot.vm.agent.decision import (
    BUSY_SECONDS,
    Action,
    Drain,
    Executor,
    Observation,
    decide,
)
from components.boot.vm.agent.election import Member, is_surplus, recommended_size

STEP = 10
LOOK = 60
LISTING_AGE = 60


@dataclass
class Vm:
    """One VM of the simulated group; a job list is only its end."""

    member: Member
    phase: int
    busy_for: int
    executor: Executor = Executor.RUNNING
    drain: Drain | None = None
    drained_at: int = 0
    surplus_since: float = math.inf


class Group:
    """A group that its autoscaler only makes larger, and whose VMs decide for themselves."""

    def __init__(
        self, size: int, recommend: Callable[[int], int], busy: tuple[int, int], seed: int
    ) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a simulation
        self.recommend, self.busy = recommend, busy
        self.now = 0
        self.made = 0
        self.vms: dict[str, Vm] = {}
        self.history: list[tuple[list[Member], int]] = []
        self.seen: list[int] = []
        self.drained = 0
        for _ in range(size):
            self.add()
        self.smallest = size

    def add(self) -> None:
        # Several VMs are created in the same second; their names are random.
        name = f"z/executor-{self.random.randrange(10**9):09}"
        vm = Vm(
            Member(self.made // 7, name),
            self.random.randrange(LOOK // STEP) * STEP,
            self.random.randint(*self.busy),
        )
        self.vms[name] = vm
        self.made += 1

    def run(self, seconds: int) -> None:
        for _ in range(seconds // STEP):
            recommended = self.recommend(self.now)
            while len(self.vms) < recommended:
                self.add()
            listed = [vm.member for vm in self.vms.values()]
            self.random.shuffle(listed)
            self.history.append((listed, recommended))
            for vm in self.random.sample(list(self.vms.values()), len(self.vms)):
                self.step(vm)
            self.smallest = min(self.smallest, len(self.vms))
            self.now += STEP

    def step(self, vm: Vm) -> None:
        if vm.executor == Executor.STOPPING and self.now >= vm.drained_at:
            vm.executor = Executor.FINISHED
        idle = vm.drain is not None and vm.executor == Executor.FINISHED
        if vm.drain is not None and idle and vm.drain.idle_since is None:
            vm.drain = replace(vm.drain, idle_since=float(self.now))
        looks = vm.drain is None and (self.now + vm.phase) % LOOK == 0
        surplus = self.look(vm) if looks or idle else None
        if surplus is not None and vm.drain is None:
            vm.surplus_since = min(vm.surplus_since, self.now) if surplus else math.inf
        seen = Observation(
            vm.executor,
            surplus=surplus,
            surplus_for=max(0, self.now - vm.surplus_since),
            idle=not vm.busy_for,
        )
        action, reason = decide(seen, vm.drain, self.now)
        if action == Action.DRAIN and reason is not None and vm.drain is None:
            vm.drain = Drain(reason, self.now)
            vm.executor, vm.drained_at = Executor.STOPPING, self.now + vm.busy_for
            self.drained += 1
        elif action == Action.RESUME:
            vm.drain, vm.executor = None, Executor.RUNNING
        elif action == Action.RETIRE:
            del self.vms[vm.member.name]
        else:
            assert action == Action.HOLD

    def look(self, vm: Vm) -> bool | None:
        members, recommended = self.aged()[0], self.aged()[1]
        self.seen.append(recommended)
        if vm.member not in members:
            return None
        return is_surplus(members, vm.member.name, recommended)

    def aged(self) -> tuple[list[Member], int]:
        age = self.random.randint(0, LISTING_AGE // STEP)
        return self.history[max(0, len(self.history) - 1 - age)]

    @property
    def working(self) -> int:
        return sum(vm.executor == Executor.RUNNING for vm in self.vms.values())


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("recommended", [0, 63, 199])
def test_a_constant_recommendation_is_met_exactly(recommended: int, seed: int) -> None:
    group = Group(200, lambda _: recommended, (0, 1800), seed)
    oldest = sorted(vm.member for vm in group.vms.values())
    group.run(2400)
    assert len(group.vms) == group.working == recommended
    assert group.drained == 200 - recommended
    assert sorted(vm.member for vm in group.vms.values()) == oldest[200 - recommended :]


@pytest.mark.parametrize("seed", range(3))
def test_a_changing_one_never_takes_more_than_the_largest_surplus_seen(seed: int) -> None:
    chosen = random.Random(seed)  # noqa: S311 - a simulation
    levels = [chosen.randint(20, 200) for _ in range(100)]
    group = Group(200, lambda now: levels[now // 90 % 40], (0, 1200), seed)
    group.run(2400)
    assert group.smallest >= min(group.seen) >= 20
    group.recommend = lambda _: 77
    group.run(2400)
    assert len(group.vms) == group.working == 77


def test_a_burst_during_the_drain_gets_its_vms_back() -> None:
    group = Group(200, lambda now: 50 if now < 600 else 200, (600, 1800), seed=1)
    group.run(590)
    assert group.drained == 150
    group.run(2400)
    assert (len(group.vms), group.working, group.made) == (200, 200, 200)


def test_half_a_burst_gets_half_of_them() -> None:
    group = Group(200, lambda now: 50 if now < 600 else 125, (600, 1800), seed=2)
    group.run(2400)
    assert (len(group.vms), group.working, group.made) == (125, 125, 200)


def test_a_burst_soon_after_finds_every_busy_vm_at_work() -> None:
    group = Group(
        200, lambda now: 50 if now < BUSY_SECONDS - LISTING_AGE else 200, (600, 1800), seed=3
    )
    group.run(2400)
    assert (group.drained, group.working) == (0, 200)


def test_newcomers_move_nobody() -> None:
    members = [Member(float(n // 3), f"z/{n:02}") for n in range(30)]
    for newcomers in range(20):
        later = members + [Member(100.0, f"z/new-{n}") for n in range(newcomers)]
        elected = [m.name for m in later if is_surplus(later, m.name, 20 + newcomers)]
        assert elected == [f"z/{n:02}" for n in range(10)]


SCALER: dict[str, Any] = {
    "status": "ACTIVE",
    "recommendedSize": 3,
    "autoscalingPolicy": {"mode": "ONLY_SCALE_OUT", "minNumReplicas": 1},
    "statusDetails": [{"type": "MODE_ONLY_SCALE_OUT"}, {"type": "CAPPED_AT_MAX_NUM_REPLICAS"}],
}


def test_an_autoscaler_that_is_well_is_believed() -> None:
    assert recommended_size(SCALER) == 3
    assert recommended_size({**SCALER, "recommendedSize": 0}) == 1


@pytest.mark.parametrize("size", [0, 2])
def test_a_policy_that_leaves_no_choice_needs_no_numbers(size: int) -> None:
    policy = {"mode": "ONLY_SCALE_OUT", "minNumReplicas": size, "maxNumReplicas": size}
    details = [{"type": "MISSING_CUSTOM_METRIC_DATA_POINTS"}]
    change = {"autoscalingPolicy": policy, "recommendedSize": None, "statusDetails": details}
    assert recommended_size({**SCALER, **change}) == size
    assert (
        recommended_size({**SCALER, **change, "autoscalingPolicy": {**policy, "mode": "ON"}})
        is None
    )


@pytest.mark.parametrize(
    "change",
    [
        {"recommendedSize": None},
        {"status": "ERROR"},
        {"status": "PENDING"},
        {"status": "DELETING"},
        {"status": None},
        {"statusDetails": [{"type": "MISSING_CUSTOM_METRIC_DATA_POINTS"}]},
        {"statusDetails": [{"type": "CUSTOM_METRIC_INVALID", "message": "no"}]},
        {"autoscalingPolicy": {"mode": "ON"}},
        {"autoscalingPolicy": {"mode": "OFF"}},
        {"autoscalingPolicy": {}},
    ],
)
def test_without_a_sound_recommendation_nobody_leaves(change: dict[str, Any]) -> None:
    assert recommended_size({**SCALER, **change}) is None
