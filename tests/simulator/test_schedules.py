"""Schedules raise a pool's minimum at the minute that they name, on both clouds."""

from dataclasses import replace
from typing import Any

import pytest

from components.schedules import DAY, starts_of
from preview import PreviewError
from simulator.assumptions import Assumptions
from simulator.declared import AwsPool, GcpPool, Pool, ScalingSchedule, ScheduledAction
from simulator.oracle import foresee
from simulator.read import System
from simulator.read_aws import action
from simulator.simulate import TAIL_SECONDS, simulate
from simulator.traces import Trace
from simulator.week import Weekly, start_of
from tests import stacks
from tests.simulator.previews import systems_of
from tests.simulator.worlds import (
    AUTUMN,
    EXACT,
    HOUR,
    MACHINE,
    SPRING,
    alarm,
    arrive,
    aws,
    gcp,
    until,
    world,
)


def at(cron: str, time_zone: str = "Etc/UTC") -> Weekly:
    return Weekly(minutes=starts_of(cron), time_zone=time_zone)


def sets(cron: str, smallest: int | None = None, **more: Any) -> ScheduledAction:
    fields = {"largest": None, "desired": None, **more}
    return ScheduledAction(at=at(cron), smallest=smallest, **fields)


def lasts(cron: str, hours: float, smallest: int, time_zone: str = "Etc/UTC") -> ScalingSchedule:
    return ScalingSchedule(at=at(cron, time_zone), seconds=hours * HOUR, smallest=smallest)


def test_an_action_raises_the_size_at_its_minute_and_a_lower_minimum_takes_nobody() -> None:
    of = world()
    group = aws(of, actions=(sets("30 7 * * MON", 4), sets("0 9 * * MON", 1)))
    until(of, 7.5 * HOUR - 1)
    assert group.size == 1, "as last week's last action left it"
    until(of, 7.5 * HOUR)
    assert (group.size, len(group.staying)) == (4, 4)
    group.execute(alarm(), 0.0)
    assert group.size == 4, "a policy does not go below the minimum"
    until(of, 9 * HOUR - 1)
    assert group.bounds.smallest == 4
    until(of, 9 * HOUR)
    assert (group.bounds.smallest, group.size) == (1, 4)
    group.execute(alarm(), 0.0)
    assert group.size == 1


def test_a_size_above_a_new_minimum_stays() -> None:
    of = world()
    group = aws(of, first_size=6, actions=(sets("0 1 * * MON", 4),))
    until(of, 1.5 * HOUR)
    assert group.size == 6


def test_an_action_may_set_the_maximum_and_the_size() -> None:
    of = world()
    bigger, smaller = sets("0 1 * * MON", largest=20, desired=12), sets("0 2 * * MON", largest=3)
    group = aws(of, actions=(bigger, smaller))
    until(of, 1 * HOUR)
    assert (group.size, group.pool.most) == (12, 20)
    until(of, 2 * HOUR)
    assert (group.size, group.bounds.smallest) == (3, 0)


def test_of_two_actions_the_last_one_wins() -> None:
    of = world()
    nested = (sets("0 8 * * 1", 3), sets("0 10 * * 1", 9), sets("0 11 * * 1", 0))
    group = aws(of, actions=nested)
    until(of, 12 * HOUR)
    assert group.bounds.smallest == 0, "the inner window's end ends the outer one too"


def test_a_schedule_holds_for_its_duration_and_its_peak_for_the_stabilization_period() -> None:
    of = world(replace(EXACT, autoscaler=5.0))
    schedules = (lasts("30 7 * * MON", 1.5, 4),)
    group, publish = gcp(of, schedules=schedules, stabilization=600.0)
    publish(0)
    until(of, 7.5 * HOUR - 1)
    assert group.size == 0
    until(of, 7.5 * HOUR + 5)
    assert group.size == 4
    until(of, 9 * HOUR - 1)
    assert (group.bounds.smallest, group.size) == (4, 4)
    until(of, 9 * HOUR)
    assert group.bounds.smallest == 0
    until(of, 9 * HOUR + 590)
    assert group.size == 4
    until(of, 9 * HOUR + 720)
    assert group.size == 0


def test_of_schedules_that_overlap_the_largest_counts() -> None:
    of = world()
    schedules = (lasts("0 8 * * 1", 10, 3), lasts("0 10 * * 1", 1, 7), lasts("0 10 * * 1", 2, 99))
    group, _ = gcp(of, schedules=schedules[:2])
    found = []
    for hour in (7, 9, 10, 11, 18):
        until(of, hour * HOUR)
        found.append(group.bounds.smallest)
    assert found == [0, 3, 7, 3, 0]
    of = world()
    capped, _ = gcp(of, schedules=schedules)
    until(of, 10 * HOUR + 1)
    assert capped.bounds.smallest == 9, "an autoscaler recommends its maximum at most"


def test_a_schedule_needs_no_metric() -> None:
    of = world()
    group, publish = gcp(of, schedules=(lasts("0 1 * * MON", 1, 4),))
    publish(-1)
    until(of, HOUR + 31)
    assert group.size == 4


@pytest.mark.parametrize(("start", "size"), [("Mon 09:00", 4), ("Mon 06:00", 0), ("Sun 09:00", 0)])
def test_a_trace_may_begin_in_a_scheduled_hour(start: str, size: int) -> None:
    actions = (sets("0 8 * * 1-5", 4), sets("0 18 * * 1-5", 0))
    group = aws(world(start=start_of(start)), actions=actions)
    assert (group.size, sum(vm.dequeues for vm in group.staying)) == (size, size)
    same, _ = gcp(world(start=start_of(start)), schedules=(lasts("0 8 * * 1-5", 10, 4),))
    assert (same.size, same.bounds) == (size, group.bounds)


OVERLAP = {
    "day": {"cron": "30 7 * * MON-FRI", "timeZone": "Europe/Berlin", "duration": "11h", "min": 2},
    "rush": {"cron": "0 9 * * MON", "timeZone": "Europe/Berlin", "duration": "2h30m", "min": 5},
    "night": {"cron": "0 22 * * SAT", "timeZone": "Europe/Berlin", "duration": "9h", "min": 3},
}


def declared(schedules: dict[str, Any]) -> dict[str, System]:
    both = {name: {"schedules": schedules} for name in ("codeintel", "batches")}
    return systems_of(stacks.with_pools(both))


def minimums(pool: Pool, start: str, hours: int) -> list[int]:
    """The smallest size of every minute."""
    found, now = [], 0
    for time, bounds in pool.bounds(start_of(start)):
        minute = round(time / 60)
        found += [now] * (min(minute, hours * 60) - len(found))
        now = bounds.smallest
        if minute >= hours * 60:
            return found
    raise AssertionError


def test_both_clouds_declare_the_same_minimum_for_every_minute_of_a_week() -> None:
    systems = declared(OVERLAP)
    on_aws, on_gcp = (systems[name].pools[0] for name in ("codeintel", "batches"))
    assert isinstance(on_aws, AwsPool)
    assert isinstance(on_gcp, GcpPool)
    assert (len(on_aws.actions), len(on_gcp.schedules)) == (14, 3)
    found = minimums(on_aws, "Sun 00:00 Europe/Berlin", 168)
    same = minimums(on_gcp, "Sun 00:00 Europe/Berlin", 168)
    assert [max(size, 1) for size in found] == same
    monday = found[DAY : 2 * DAY]
    assert monday[449:451] == [0, 2]
    assert monday[539:541] == [2, 5]
    assert monday[689:691] == [5, 2]
    assert monday[1109:1111] == [2, 0]
    assert found[7 * 60 - 1 : 7 * 60 + 1] == [3, 0]


@pytest.mark.parametrize(("start", "on_aws", "on_gcp"), [(SPRING, 6, 7), (AUTUMN, 8, 7)])
def test_over_a_change_of_clocks_aws_goes_by_the_clock_and_gcp_by_the_duration(
    start: str, on_aws: int, on_gcp: int
) -> None:
    systems = declared(OVERLAP)
    for name, end in (("codeintel", on_aws), ("batches", on_gcp)):
        found = minimums(systems[name].pools[0], start, 12)
        assert found[end * 60 - 1] == 3, name
        assert found[end * 60] < 3, name


@pytest.mark.parametrize("name", ["codeintel", "batches"])
def test_jobs_in_scheduled_hours_find_vms_that_are_up(name: str) -> None:
    system = declared(OVERLAP)[name]
    slots = 2 * system.slots
    jobs = tuple((10 * HOUR, 600.0) for _ in range(slots))
    trace = Trace(name="t", jobs=jobs, length=20 * HOUR, start=start_of("Tue 00:00"))
    assert simulate(system, trace, Assumptions(), 1).wait_p99 == 0
    early = replace(trace, jobs=tuple((5 * HOUR, 600.0) for _ in range(slots)))
    assert simulate(system, early, Assumptions(), 1).wait_p99 > 60


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"recurrence": "0 7 1 * *"}, "is not simulated; minutes, hours and weekdays are"),
        ({"recurrence": ""}, "is not simulated"),
        ({"recurrence": "0 7 * * 1", "timeZone": "Mars/Base"}, "IANA"),
        ({"recurrence": "0 7 * * 1", "startTime": "2030-01-01T00:00:00Z"}, "office has startTime"),
    ],
)
def test_schedules_that_are_not_simulated_are_refused(inputs: dict[str, Any], says: str) -> None:
    with pytest.raises(PreviewError, match=says):
        action("office", {"minSize": 1, "maxSize": -1, "desiredCapacity": -1, **inputs})


def test_a_size_that_is_left_out_is_sent_as_0() -> None:
    read = action("office", {"recurrence": "0 7 * * 1", "maxSize": -1})
    assert (read.smallest, read.largest, read.desired) == (0, None, 0)


def test_the_oracle_pays_for_scheduled_hours() -> None:
    pool = replace(systems_of(stacks.dev())["codeintel"].pools[0], machine=MACHINE)
    assert isinstance(pool, AwsPool)
    actions = (sets("0 1 * * MON", 3), sets("0 2 * * MON", 1))
    system = System(name="s", pools=(replace(pool, actions=actions, smallest=1),), allocations={})
    whole = 3 * HOUR + TAIL_SECONDS
    boot = Assumptions().boot

    def paid(*jobs: tuple[float, float]) -> float:
        trace = Trace(name="t", jobs=jobs, length=3 * HOUR)
        return foresee(system, trace, Assumptions()).vm_hours * HOUR

    # The minimum of 1, and two more for an hour; the jobs of two slots each find them.
    assert paid((1.5 * HOUR, 600.0)) == pytest.approx(whole + 2 * HOUR)
    assert paid(*[(1.5 * HOUR, 600.0)] * 6) == pytest.approx(whole + 2 * HOUR)
    # Beyond the hour: its VMs stay for a job that lasts, and others boot.
    assert paid(*[(1.9 * HOUR, 0.2 * HOUR)] * 6) == pytest.approx(whole + 2.2 * HOUR)
    assert paid(*[(2.5 * HOUR, 600.0)] * 4) == pytest.approx(whole + 2 * HOUR + boot + 600)


def test_a_scheduled_group_asks_for_jobs_as_ever() -> None:
    of = world()
    group, publish = gcp(of, schedules=(lasts("0 0 * * *", 12, 2),))
    publish(12)
    arrive(of, *[600.0] * 12)
    until(of, 400)
    assert (group.size, of.sourcegraph.processing) == (6, 12)
