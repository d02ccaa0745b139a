"""A cloud has so many VMs; what a group asks for beyond is refused, and asked for again."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import report
from simulator.assumptions import Assumptions
from simulator.compare import measured
from simulator.group import Group
from simulator.oracle import foresee
from simulator.read import System
from simulator.simulate import simulate
from simulator.traces import Trace, trace
from simulator.vm import Vm
from tests import stacks
from tests.simulator.previews import systems_of
from tests.simulator.worlds import EXACT, OFFICIAL, alarm, arrive, aws, gcp, until, world

SCARCE = replace(EXACT, capacity=4, retry=60.0)


def test_a_group_gets_what_the_cloud_has_and_still_wants_the_rest() -> None:
    of = world(SCARCE)
    group = aws(of)
    group.execute(alarm(), 7.0)
    until(of, 1000)
    assert (group.size, len(group.staying), group.refused) == (7, 4, 3)
    assert all(vm.dequeues for vm in group.staying)


def test_it_gets_the_rest_at_the_next_try_after_the_cloud_has_it() -> None:
    of = world(SCARCE)
    first, second = aws(of, first_size=4), aws(of, name="second")
    second.execute(alarm(), 3.0)
    until(of, 205)
    assert len(second.staying) == 0
    first.execute(alarm(), 2.0)
    until(of, 239)
    assert len(second.staying) == 0, "it asks every minute"
    until(of, 241)
    assert (len(second.staying), second.refused) == (2, 1)
    assert [vm.created for vm in second.staying] == [240, 240]
    until(of, 341)
    assert all(vm.dequeues for vm in second.staying)


def test_a_new_request_is_tried_at_once() -> None:
    of = world(SCARCE)
    group = aws(of)
    group.execute(alarm(), 3.0)
    until(of, 10)
    group.execute(alarm(), 9.0)
    assert (len(group.staying), group.refused) == (4, 5)


@pytest.mark.parametrize(("size", "refused"), [(5.0, 1), (4.0, 0), (2.0, 0)])
def test_a_smaller_size_takes_back_what_was_refused_first(size: float, refused: int) -> None:
    of = world(replace(SCARCE, in_service=0.0))
    group = aws(of)
    group.execute(alarm(), 7.0)
    until(of, 200)
    group.execute(alarm(), size)
    assert (len(group.staying), group.refused) == (min(4, size), refused)
    until(of, 2000)
    assert len(group.staying) == min(4, size)


def test_a_vm_that_drains_is_still_one_of_the_clouds() -> None:
    of = world(replace(SCARCE, in_service=0.0))
    group = aws(of, first_size=4)
    arrive(of, *[1000] * 8)
    group.execute(alarm(), 0.0)
    until(of, 100)
    group.execute(alarm(), 4.0)
    until(of, 900)
    assert (len(group.leaving), len(group.staying), group.refused) == (4, 0, 4)
    until(of, 1200)
    assert (len(group.leaving), len(group.staying), group.refused) == (0, 4, 0)


def test_a_managed_group_keeps_trying_too() -> None:
    of = world(SCARCE)
    group, publish = gcp(of, mode="ON", machine=OFFICIAL, stabilization=60.0)
    publish(14)
    until(of, 300)
    assert (group.size, len(group.staying), group.refused) == (7, 4, 3)
    publish(4)
    until(of, 600)
    assert (group.size, len(group.staying), group.refused) == (2, 2, 0)


def test_no_vm_leaves_for_one_that_cannot_be_made() -> None:
    of = world(SCARCE)
    group, publish = gcp(of)
    publish(12)
    until(of, 300)
    assert (group.size, group.refused) == (6, 2)
    arrive(of, *[3600] * 8)
    publish(8)
    until(of, 900)
    # Six members, four are wanted, and four are there.
    assert [vm.dequeues for vm in group.staying] == [True] * 4


def test_the_clouds_have_vms_of_their_own() -> None:
    of = world(SCARCE)
    assert len(aws(of, first_size=4).staying) == 4
    assert len(gcp(of, first_size=4)[0].staying) == 4


def test_a_minimum_that_the_cloud_does_not_have_is_waited_for() -> None:
    group = aws(world(SCARCE), first_size=6, smallest=6)
    assert (group.size, len(group.staying), group.refused) == (6, 4, 2)


def test_what_was_refused_is_added_up() -> None:
    of = world(SCARCE)
    group = aws(of)
    group.execute(alarm(), 7.0)
    until(of, 1000)
    group.execute(alarm(), 5.0)
    until(of, 1500)
    group.execute(alarm(), 4.0)
    until(of, 2000)
    of.ledger.refused(of.clock.now, "pool", 0)
    assert of.ledger.largest_refusal == 3
    assert of.ledger.refused_seconds == 3 * 1000 + 1 * 500


CODEINTEL = systems_of(stacks.dev())["codeintel"]


def table(assumptions: Assumptions) -> str:
    scene = trace("burst", CODEINTEL.largest, CODEINTEL.slots, 1)
    results = {"ours": simulate(CODEINTEL, scene, assumptions, 1)}
    found = measured(results, CODEINTEL, scene, assumptions)
    return report.figures_table({policy: {"burst": one} for policy, one in found.items()})


def test_the_report_has_columns_for_it_where_it_happens() -> None:
    names, ours, _ = table(Assumptions(capacity=6)).splitlines()
    assert names.endswith("refused  for VM-hours")
    assert ours.split()[-2] == "4"
    assert "refused" not in table(Assumptions())


def test_the_oracle_has_no_more_vms_than_the_cloud() -> None:
    scene = trace("burst", CODEINTEL.largest, CODEINTEL.slots, 1)
    assert foresee(CODEINTEL, scene, Assumptions(capacity=6)).vms == 6
    assert foresee(CODEINTEL, scene, Assumptions()).vms == 10


THREE = systems_of(stacks.three_pools("aws", "gcp"))
SYSTEMS: list[System] = [CODEINTEL, systems_of(stacks.dev())["batches"], *THREE.values()]


@settings(max_examples=15, deadline=None, database=None)
@given(
    st.sampled_from(SYSTEMS),
    st.lists(st.tuples(st.integers(0, 7200), st.integers(1, 1800)), min_size=1, max_size=60),
    st.integers(1, 8),
    st.integers(0, 5),
)
def test_no_job_is_lost_and_no_cloud_gives_more_than_it_has(
    system: System, jobs: list[tuple[int, int]], capacity: int, seed: int
) -> None:
    made: dict[str, list[Vm]] = {"aws": [], "gcp": []}
    launch = Group._launch

    def launched(group: Group) -> Vm:
        vm = launch(group)
        made[group.cloud].append(vm)
        assert sum(not one.gone for one in made[group.cloud]) <= capacity
        return vm

    scene = Trace(
        name="random",
        jobs=tuple(sorted((float(time), float(length)) for time, length in jobs)),
        length=7200.0,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Group, "_launch", launched)
        result = simulate(system, scene, Assumptions(capacity=capacity), seed)
    assert (result.done, result.failed, result.interrupted) == (len(jobs), 0, 0)
