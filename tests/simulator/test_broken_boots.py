"""A VM whose executor never starts leaves when its agent says so, after an hour."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.boot.vm.agent.decision import BROKEN_SECONDS
from simulator import report
from simulator.assumptions import Assumptions
from simulator.compare import measured
from simulator.simulate import simulate
from simulator.traces import Trace, trace
from tests import stacks
from tests.simulator.previews import systems_of
from tests.simulator.worlds import EXACT, MACHINE, OFFICIAL, alarm, arrive, aws, gcp, until, world

ALL = replace(EXACT, boot_failures=1.0)
SYSTEMS = {**systems_of(stacks.dev()), **systems_of(stacks.three_pools("aws", "gcp"))}


def test_it_takes_no_job_and_is_replaced_when_it_is_an_hour_old() -> None:
    of = world(ALL)
    group = aws(of)
    group.execute(alarm(), 2.0)
    arrive(of, 60)
    until(of, BROKEN_SECONDS - 1)
    old = list(group.staying)
    assert (len(old), of.sourcegraph.queued) == (2, 1)
    # The agent looks every ten seconds: it drains, asks the group, and lets the hook go.
    until(of, BROKEN_SECONDS + 21)
    assert all(vm.gone for vm in old)
    assert (group.size, len(group.staying), len(group.leaving)) == (2, 2, 0)
    assert of.ledger.broken == 2
    assert 2 * BROKEN_SECONDS <= of.ledger.broken_seconds <= 2 * (BROKEN_SECONDS + 21)
    assert of.ledger.broken_seconds == of.ledger.vm_seconds
    assert of.ledger.idle_seconds == 0, "its hours are counted apart"


def test_on_gcp_it_ends_itself_and_another_comes_when_one_is_needed() -> None:
    of = world(ALL)
    group, publish = gcp(of)
    publish(3)
    until(of, 600)
    old = list(group.staying)
    assert len(old) == 2
    until(of, BROKEN_SECONDS + 100)
    assert all(vm.gone for vm in old)
    assert (group.size, len(group.staying), of.ledger.broken) == (2, 2, 2)
    publish(0)
    until(of, 2 * BROKEN_SECONDS + 200)
    assert (group.size, len(group.staying), of.ledger.broken) == (0, 0, 4)


def test_a_fixed_size_has_it_made_anew() -> None:
    of = world(ALL)
    group, _ = gcp(of, series={}, smallest=1, largest=1, first_size=1)
    group.end(next(iter(group.staying)))
    group.reconcile()
    until(of, BROKEN_SECONDS + 100)
    assert (of.ledger.broken, len(group.staying)) == (1, 1)


def test_a_group_that_ends_it_does_not_wait_for_an_hour() -> None:
    of = world(replace(ALL, in_service=0.0))
    group = aws(of)
    group.execute(alarm(), 1.0)
    until(of, 200)
    group.execute(alarm(), 0.0)
    until(of, 225)
    assert not group.leaving
    assert of.ledger.broken == 1


def test_an_election_finds_no_running_executor_on_it() -> None:
    of = world(ALL)
    group, publish = gcp(of)
    publish(2)
    until(of, 400)
    (broken,) = group.staying
    publish(0)
    until(of, 1000)
    publish(2)
    until(of, BROKEN_SECONDS - 1)
    assert list(group.staying) == [broken]
    until(of, BROKEN_SECONDS + 100)
    assert broken.gone
    assert len(group.staying) == 1


def test_one_that_goes_before_it_has_booted_was_not_seen_to_be_broken() -> None:
    of = world(replace(ALL, in_service=0.0))
    group = aws(of, machine=OFFICIAL, hook=None)
    group.execute(alarm(), 1.0)
    until(of, 50)
    group.execute(alarm(), 0.0)
    until(of, 200)
    assert (of.ledger.broken, of.ledger.vm_seconds) == (0, 50)


def test_without_an_agent_it_stays_as_long_as_the_group_wants_it() -> None:
    of = world(ALL)
    group = aws(of, machine=replace(OFFICIAL, active_time="2h"), hook=None)
    group.execute(alarm(), 1.0)
    until(of, 40 * BROKEN_SECONDS)
    (vm,) = group.staying
    assert vm.created == 0


def test_vms_that_are_up_when_the_trace_begins_have_booted() -> None:
    group = aws(world(ALL), first_size=3)
    assert all(vm.dequeues for vm in group.staying)


@pytest.mark.parametrize("part", [0.0, 0.25])
def test_which_vm_is_broken_is_chance(part: float) -> None:
    of = world(replace(EXACT, boot_failures=part))
    machine = replace(MACHINE, total_jobs=1)
    group = aws(of, machine=machine, largest=800)
    group.resize(800)
    until(of, 101)
    working = sum(vm.dequeues for vm in group.staying)
    assert working == pytest.approx((1 - part) * 800, abs=40 if part else 0)


def test_the_report_has_columns_for_it_where_it_happens() -> None:
    system = SYSTEMS["codeintel"]
    scene = trace("burst", 10, system.slots, 1)
    tables = []
    for part in (0.0, 0.3):
        assumptions = Assumptions(boot_failures=part)
        results = {"ours": simulate(system, scene, assumptions, 1)}
        found = measured(results, system, scene, assumptions)
        tables.append(report.figures_table({name: {"burst": one} for name, one in found.items()}))
    assert "broken" not in tables[0]
    names, ours, _ = tables[1].splitlines()
    assert names.endswith("broken  their hours")
    broken, hours = map(float, ours.split()[-2:])
    assert 1 <= broken <= 9
    assert 0 < hours <= broken * (BROKEN_SECONDS + 60) / 3600


@settings(max_examples=15, deadline=None, database=None)
@given(
    st.sampled_from(sorted(SYSTEMS)),
    st.lists(st.tuples(st.integers(0, 7200), st.integers(1, 1800)), min_size=1, max_size=40),
    st.sampled_from([0.1, 0.6]),
    st.sampled_from([3, 1000]),
    st.integers(0, 9),
)
def test_every_job_ends_whichever_vms_are_broken(
    name: str, jobs: list[tuple[int, int]], part: float, capacity: int, seed: int
) -> None:
    scene = Trace(
        name="random",
        jobs=tuple(sorted((float(time), float(length)) for time, length in jobs)),
        length=7200.0,
    )
    assumptions = Assumptions(boot_failures=part, capacity=capacity)
    result = simulate(SYSTEMS[name], scene, assumptions, seed)
    assert (result.done, result.failed, result.interrupted) == (len(jobs), 0, 0)
    assert result.broken_vm_hours <= result.vm_hours
    assert result == simulate(SYSTEMS[name], scene, assumptions, seed)
