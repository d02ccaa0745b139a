"""A managed instance group, its autoscaler and the agents' election."""

from dataclasses import replace

import pytest

from simulator.declared import ScaleInControl
from tests.simulator.worlds import EXACT, MACHINE, OFFICIAL, arrive, gcp, until, world


def test_one_decision_leads_to_the_whole_size() -> None:
    of = world(replace(EXACT, autoscaler=30.0))
    group, publish = gcp(of)
    until(of, 100)
    publish(13)
    until(of, 136)
    assert group.size == 7


@pytest.mark.parametrize(("size", "vms"), [(0, 1), (3, 2), (4, 2), (99, 9)])
def test_a_size_is_rounded_up_and_stays_within_the_bounds(size: int, vms: int) -> None:
    of = world()
    group, publish = gcp(of, smallest=1)
    publish(size)
    until(of, 60)
    assert group.size == vms


def test_the_mode_on_removes_all_surplus_at_once_after_the_stabilization_period() -> None:
    of = world()
    group, publish = gcp(of, mode="ON", machine=OFFICIAL, stabilization=600.0)
    publish(12)
    until(of, 200)
    assert group.size == 6
    arrive(of, *[1000] * 12)
    publish(2)
    until(of, 790)
    assert group.size == 6, "the peak of ten minutes counts"
    until(of, 850)
    assert group.size == 1
    until(of, 1000)
    assert of.ledger.interrupted == {"scale-in": 10}


@pytest.mark.parametrize(
    ("control", "after_five", "after_ten"),
    [
        (ScaleInControl(window=600.0, percent=80), 2, 0),
        (ScaleInControl(window=600.0, percent=50), 4, 0),
        (ScaleInControl(window=600.0, fixed=5), 3, 0),
        (None, 0, 0),
    ],
)
def test_a_scale_in_control_keeps_a_part_of_the_peak_for_its_window(
    control: ScaleInControl | None, after_five: int, after_ten: int
) -> None:
    of = world()
    group, publish = gcp(of, stabilization=0.0, scale_in=control)
    publish(16)
    until(of, 60)
    assert group.size == 8
    publish(0)
    until(of, 360)
    assert group.size == after_five
    until(of, 760)
    assert group.size == after_ten


def test_a_percentage_of_the_target_size_gives_vms_back_as_the_group_shrinks() -> None:
    of = world(replace(EXACT, scale_in_percent="target"))
    group, publish = gcp(of, stabilization=0.0, scale_in=ScaleInControl(window=600.0, percent=80))
    publish(16)
    until(of, 60)
    publish(0)
    until(of, 360)
    assert group.size > 2


def test_a_busy_vm_is_surplus_for_five_minutes_before_it_drains() -> None:
    of = world()
    group, publish = gcp(of, first_size=1)
    arrive(of, 1000)
    publish(0)
    until(of, 300)
    assert [vm.dequeues for vm in group.staying] == [True]
    until(of, 430)
    assert [vm.dequeues for vm in group.staying] == [False]


def test_the_mode_only_scale_out_leaves_shrinking_to_the_oldest_vms() -> None:
    of = world()
    group, publish = gcp(of)
    publish(4)
    until(of, 300)
    publish(8)
    until(of, 600)
    vms = list(group.staying)
    assert len(vms) == 4
    publish(4)
    until(of, 900)
    assert list(group.staying) == vms[2:]
    assert group.size == 2


def test_a_surplus_vm_drains_before_it_goes() -> None:
    of = world()
    group, publish = gcp(of, first_size=1)
    arrive(of, 1000)
    publish(0)
    until(of, 999)
    assert [vm.dequeues for vm in group.staying] == [False]
    until(of, 1100)
    assert not group.staying
    assert of.ledger.interrupted.total() == 0


def test_a_drained_vm_that_a_burst_needs_starts_again() -> None:
    of = world()
    group, publish = gcp(of, first_size=1)
    arrive(of, 1000)
    publish(0)
    until(of, 700)
    publish(2)
    (vm,) = group.staying
    assert not vm.dequeues
    until(of, 1020)
    assert list(group.staying) == [vm]
    assert vm.dequeues


def test_missing_data_holds() -> None:
    of = world(replace(EXACT, stale=120.0))
    group, publish = gcp(of)
    publish(8)
    until(of, 300)
    publish(-1)
    until(of, 5000)
    assert (group.size, len(group.staying)) == (4, 4)
    publish(2)
    until(of, 5600)
    assert len(group.staying) == 1


def test_data_that_vanishes_during_an_election_keeps_the_elected_too() -> None:
    of = world(replace(EXACT, stale=60.0))
    group, publish = gcp(of, first_size=3)
    arrive(of, *[900] * 6)
    publish(0)
    until(of, 600)
    assert not any(vm.dequeues for vm in group.staying)
    publish(-1)
    until(of, 2000)
    assert len(group.staying) == 3, "an idle VM that does not know stays"


def test_an_expired_vm_goes_and_the_autoscaler_makes_another_when_one_is_needed() -> None:
    of = world()
    group, publish = gcp(of, machine=replace(MACHINE, active_time="10m"))
    publish(2)
    until(of, 60)
    (old,) = group.staying
    until(of, 1000)
    assert old.gone
    (new,) = group.staying
    assert new.created > 500


def test_an_official_vm_that_powers_off_is_made_again() -> None:
    of = world(replace(EXACT, repair=60.0))
    machine = replace(OFFICIAL, total_jobs=1)
    group, publish = gcp(of, mode="ON", machine=machine, first_size=1)
    publish(2)
    arrive(of, 100)
    until(of, 161)
    (vm,) = group.staying
    assert vm.created == 160


@pytest.mark.parametrize(("replaces", "lost"), [(True, {"rollout": 2}), (False, {})])
def test_a_new_template_ends_jobs_only_where_the_group_replaces_its_vms(
    replaces: bool, lost: dict[str, int]
) -> None:
    of = world()
    group, publish = gcp(of, first_size=1, replaces_running=replaces)
    publish(2)
    arrive(of, 600, 600)
    group.roll_out()
    until(of, 500)
    assert of.ledger.interrupted == lost
    assert len(group.staying) == 1


def test_a_fixed_size_replaces_what_expires() -> None:
    of = world()
    machine = replace(MACHINE, active_time="10m")
    group, _ = gcp(of, series={}, smallest=2, largest=2, first_size=2, machine=machine)
    until(of, 3000)
    assert len(group.staying) == 2
    assert min(vm.created for vm in group.staying) > 1000


def test_a_preempted_vm_has_half_a_minute() -> None:
    of = world()
    group, publish = gcp(of, first_size=1, spot_part=1.0)
    publish(4)
    arrive(of, 20, 100)
    group.interrupt(1.0)
    until(of, 31)
    assert (of.ledger.done, of.ledger.interrupted) == (1, {"spot": 1})
