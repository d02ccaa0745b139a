"""An Auto Scaling group does what its guide says."""

from dataclasses import replace

import pytest

from components.boot.vm.agent.decision import WAIT_LIMIT_SECONDS
from simulator.declared import Hook, Policy, Step
from tests.simulator.worlds import (
    EXACT,
    MACHINE,
    OFFICIAL,
    Watched,
    alarm,
    arrive,
    aws,
    until,
    world,
)

EXACTLY = alarm()
ONE_MORE = Policy(kind="SimpleScaling", adjustment_type="ChangeInCapacity", adjustment=1)


def test_a_step_asks_for_its_size_and_repeating_it_changes_nothing() -> None:
    of = world()
    group = aws(of)
    for _ in range(3):
        group.execute(EXACTLY, 7.0)
    assert (group.size, len(group.staying)) == (7, 7)
    until(of, 99)
    assert not any(vm.dequeues for vm in group.staying)
    until(of, 101)
    assert all(vm.dequeues for vm in group.staying)


@pytest.mark.parametrize(("asked", "got"), [(1.0, 3), (9.0, 6)])
def test_a_size_stays_within_the_groups_bounds(asked: float, got: int) -> None:
    group = aws(world(), smallest=3, largest=6, first_size=4)
    group.execute(EXACTLY, asked)
    assert group.size == got


def test_bounds_of_steps_belong_to_the_side_that_the_guide_says() -> None:
    steps = (
        Step(lower=-10, upper=0, adjustment=1),
        Step(lower=0, upper=10, adjustment=2),
        Step(lower=10, upper=float("inf"), adjustment=3),
    )
    policy = Policy(kind="StepScaling", adjustment_type="ExactCapacity", steps=steps)
    for value, size in ((10.0, 3), (9.9, 2), (0.0, 2), (-0.1, 1), (-10.0, 0)):
        group = aws(world())
        group.execute(alarm(policy), value)
        assert group.size == size, value


def test_nothing_scales_in_while_vms_launch_or_warm_up() -> None:
    of = world(replace(EXACT, in_service=60.0))
    group = aws(of)
    warm = alarm(replace(EXACTLY.policy, warmup=100.0))
    group.execute(warm, 5.0)
    until(of, 159)
    group.execute(warm, 2.0)
    assert group.size == 5
    until(of, 161)
    group.execute(warm, 2.0)
    assert group.size == 2


def test_vms_that_warm_up_count_for_a_change_of_the_same_step() -> None:
    of = world()
    group = aws(of)
    step = Step(lower=0, upper=float("inf"), adjustment=2)
    policy = Policy(
        kind="StepScaling", adjustment_type="ChangeInCapacity", steps=(step,), warmup=300.0
    )
    group.execute(alarm(policy), 1.0)
    group.execute(alarm(policy), 1.0)
    assert group.size == 2
    until(of, 1000)
    group.execute(alarm(policy), 1.0)
    assert group.size == 4


def test_simple_scaling_waits_for_the_launch_and_its_cooldown() -> None:
    of = world(replace(EXACT, in_service=60.0))
    group = aws(of, machine=OFFICIAL, hook=None)
    one_more = alarm(replace(ONE_MORE, cooldown=300.0))
    of.clock.every(60, lambda: group.execute(one_more, 1.0))
    until(of, 359)
    assert group.size == 1
    until(of, 361)
    assert group.size == 2
    until(of, 3601)
    assert group.size == 9, "one per six minutes, up to the largest size"


def test_a_lifecycle_hook_pauses_simple_scaling() -> None:
    of = world()
    group = aws(of, first_size=1)
    arrive(of, 500)
    group.execute(EXACTLY, 0.0)
    until(of, 400)
    group.execute(alarm(ONE_MORE), 1.0)
    assert group.size == 0
    until(of, 600)
    group.execute(alarm(ONE_MORE), 1.0)
    assert group.size == 1


def test_a_vm_that_the_group_ends_drains_first() -> None:
    of = world()
    group = aws(of, first_size=1)
    arrive(of, 1000)
    group.execute(EXACTLY, 0.0)
    (vm,) = group.leaving
    until(of, 11)
    assert not vm.dequeues, "the agent looks every ten seconds"
    until(of, 990)
    assert group.leaving
    until(of, 1011)
    assert not group.leaving
    assert (of.ledger.done, of.ledger.interrupted.total()) == (1, 0)


def test_an_idle_vm_is_gone_within_half_a_minute() -> None:
    of = world()
    group = aws(of, first_size=1)
    group.execute(EXACTLY, 0.0)
    until(of, 30)
    assert not group.leaving


def test_a_vm_that_leaves_before_it_has_booted_takes_no_job() -> None:
    of = world(replace(EXACT, in_service=0.0))
    group = aws(of)
    group.execute(EXACTLY, 1.0)
    until(of, 50)
    group.execute(EXACTLY, 0.0)
    arrive(of, 10)
    until(of, 200)
    assert not group.leaving
    assert of.sourcegraph.queued == 1


def test_a_hook_without_heartbeats_gives_the_vm_up_after_its_timeout() -> None:
    of = world()
    group = aws(of, first_size=1, hook=Hook(timeout=600.0))
    arrive(of, 1700)
    (vm,) = group.staying
    vm.watcher = Watched()
    group.execute(EXACTLY, 0.0)
    until(of, 689)
    assert not vm.gone
    until(of, 691)
    assert vm.gone
    assert of.ledger.interrupted == {"hook timeout": 1}


def test_heartbeats_keep_the_hook_for_longer_than_its_timeout() -> None:
    of = world()
    group = aws(of, first_size=1, hook=Hook(timeout=600.0))
    arrive(of, 1700)
    group.execute(EXACTLY, 0.0)
    until(of, 1800)
    assert (of.ledger.done, of.ledger.interrupted.total()) == (1, 0)


@pytest.mark.parametrize("timeout", [1000.0, 7200.0])
def test_a_hook_ends_after_48_hours_or_100_timeouts(timeout: float) -> None:
    of = world()
    machine = replace(MACHINE, job_seconds=9e5, stop_seconds=9e5)
    group = aws(of, machine=machine, first_size=1, hook=Hook(timeout=timeout))
    arrive(of, 8e5)
    (vm,) = group.staying
    group.execute(EXACTLY, 0.0)
    limit = min(WAIT_LIMIT_SECONDS, 100 * timeout)
    until(of, limit - 1)
    assert not vm.gone
    until(of, limit + 91)
    assert vm.gone


def test_an_expired_vm_is_replaced_without_a_smaller_size() -> None:
    of = world()
    group = aws(of, machine=replace(MACHINE, active_time="10m"), first_size=1)
    (old,) = group.staying
    until(of, 700)
    assert old.gone
    (new,) = group.staying
    assert new.dequeues or new.created > 400
    assert group.size == 1


def test_without_hook_and_agent_a_vm_takes_its_jobs_along_after_90_seconds() -> None:
    of = world()
    group = aws(of, machine=OFFICIAL, hook=None, first_size=1)
    arrive(of, 80, 300)
    group.execute(EXACTLY, 0.0)
    until(of, 91)
    assert (of.ledger.done, of.ledger.interrupted) == (1, {"scale-in": 1})


def test_an_official_vm_that_powers_off_is_replaced_when_that_is_noticed() -> None:
    of = world(replace(EXACT, repair=60.0))
    machine = replace(OFFICIAL, active_time="10m")
    group = aws(of, machine=machine, hook=None, first_size=1)
    until(of, 661)
    (vm,) = group.staying
    assert vm.created == 660


@pytest.mark.parametrize(("policy", "left"), [("OldestInstance", 2), ("NewestInstance", 0)])
def test_which_vm_leaves(policy: str, left: int) -> None:
    of = world(replace(EXACT, in_service=0.0))
    group = aws(of, termination_policies=(policy,))
    for size in (1.0, 2.0, 3.0):
        group.execute(EXACTLY, size)
        until(of, of.clock.now + 200)
    vms = list(group.staying)
    group.execute(EXACTLY, 1.0)
    assert list(group.staying) == [vms[left]]


def test_zones_stay_balanced_when_vms_come_and_go() -> None:
    of = world(replace(EXACT, in_service=0.0))
    group = aws(of, zones=3)
    group.execute(EXACTLY, 8.0)
    assert sorted(group.by_zone.values()) == [2, 3, 3]
    until(of, 200)
    group.execute(EXACTLY, 4.0)
    assert sorted(group.by_zone.values()) == [1, 1, 2]


@pytest.mark.parametrize(("rebalances", "counts"), [(True, [2, 2]), (False, [1, 3])])
def test_a_group_that_rebalances_replaces_vms_of_the_fullest_zone(
    rebalances: bool, counts: list[int]
) -> None:
    of = world()
    group = aws(of, zones=2, first_size=6, rebalances=rebalances, smallest=4)
    first = [vm for vm in group.staying if vm.zone == 0]
    group.size = 4
    for vm in first[:2]:
        group.end(vm)
    until(of, 600)
    assert sorted(group.by_zone.values()) == counts


def test_a_base_is_on_demand_and_of_the_rest_the_stated_part_is_spot() -> None:
    group = aws(world(), first_size=8, on_demand_base=2, spot_part=0.5)
    assert [vm.spot for vm in group.staying] == [False] * 3 + [True, False, True, False, True]


def test_a_spot_vm_has_two_minutes() -> None:
    of = world(replace(EXACT, repair=60.0))
    group = aws(of, first_size=2, spot_part=1.0)
    arrive(of, 100, 100, 400, 400)
    group.interrupt(1.0)
    until(of, 121)
    assert (of.ledger.done, of.ledger.interrupted) == (2, {"spot": 2})
    until(of, 300)
    assert sum(vm.dequeues for vm in group.staying) == 2
