"""Whatever arrives: no job is lost or runs twice at once, and no pool leaves its bounds."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import baselines
from simulator.assumptions import Assumptions
from simulator.group import Group
from simulator.read import System
from simulator.result import Result
from simulator.simulate import simulate
from simulator.sourcegraph import Job
from simulator.traces import Trace
from simulator.vm import Vm
from tests import stacks
from tests.simulator.previews import systems_of

SYSTEMS = {
    **systems_of(stacks.dev()),
    **systems_of(stacks.three_pools("aws", "gcp")),
}
NAMES = st.sampled_from(sorted(SYSTEMS))
TIMES = st.integers(0, 4 * 3600).map(float)
ASSUMPTIONS = st.builds(
    Assumptions,
    metric=st.sampled_from(["outstanding", "queued"]),
    metric_math=st.sampled_from(["series", "pointwise"]),
    boot=st.sampled_from([5.0, 150.0, 600.0]),
    group_metric_delay=st.sampled_from([0.0, 30.0, 130.0]),
)


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Up to three waves of jobs, with outages and rollouts anywhere."""
    waves = draw(st.lists(st.tuples(TIMES, st.integers(1, 40), st.integers(1, 1800)), max_size=3))
    single = draw(st.lists(st.tuples(TIMES, st.integers(1, 1800)), min_size=1, max_size=20))
    jobs = [(time, float(length)) for time, number, length in waves for _ in range(number)]
    jobs += [(time, float(length)) for time, length in single]
    return Trace(
        name="random",
        jobs=tuple(sorted(jobs)),
        length=4 * 3600.0,
        silences=tuple(draw(st.lists(st.tuples(TIMES, st.just(1500.0)), max_size=1))),
        rollouts=tuple(draw(st.lists(TIMES, max_size=2))),
    )


@contextmanager
def watched() -> Generator[None]:
    """Every start of a job, and every size that is asked for, is looked at."""
    run, resize = Vm.run, Group.resize

    def checked_run(vm: Vm, job: Job) -> None:
        assert job.vm is None, "runs already"
        assert vm.booted
        assert not vm.gone
        assert vm.free_slots > 0
        assert job.queue in vm.queues
        run(vm, job)

    def checked_resize(group: Group, size: int) -> None:
        assert group.pool.smallest <= size <= group.pool.largest
        resize(group, size)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Vm, "run", checked_run)
        patch.setattr(Group, "resize", checked_resize)
        yield


def replayed(system: System, trace: Trace, assumptions: Assumptions, seed: int = 1) -> Result:
    with watched():
        return simulate(system, trace, assumptions, seed)


@settings(max_examples=25, deadline=None, database=None)
@given(NAMES, traces(), ASSUMPTIONS, st.integers(0, 9))
def test_every_job_ends_and_none_is_interrupted(
    name: str, trace: Trace, assumptions: Assumptions, seed: int
) -> None:
    result = replayed(SYSTEMS[name], trace, assumptions, seed)
    assert (result.done, result.failed) == (len(trace.jobs), 0)
    assert (result.interrupted, result.causes) == (0, {})
    assert result.largest <= SYSTEMS[name].largest


@settings(max_examples=15, deadline=None, database=None)
@given(st.sampled_from(["aws", "gcp"]), traces(), ASSUMPTIONS)
def test_the_baselines_lose_no_job_either_only_its_progress(
    cloud: str, trace: Trace, assumptions: Assumptions
) -> None:
    system = SYSTEMS["codeintel"]
    official = getattr(baselines, cloud)(system, system.slots)
    result = replayed(official, trace, assumptions)
    assert result.done + result.failed == len(trace.jobs)
    assert result.largest <= system.largest
    assert Counter(result.causes).total() == result.interrupted


@settings(max_examples=5, deadline=None, database=None)
@given(NAMES, traces(), ASSUMPTIONS, st.integers(0, 9))
def test_the_same_seed_gives_the_same_result(
    name: str, trace: Trace, assumptions: Assumptions, seed: int
) -> None:
    first, second = (simulate(SYSTEMS[name], trace, assumptions, seed) for _ in range(2))
    assert first == second


def test_another_seed_gives_another_result() -> None:
    trace = Trace(name="t", jobs=((0.0, 60.0),) * 8, length=60.0)
    first, second = (simulate(SYSTEMS["codeintel"], trace, Assumptions(), n) for n in (1, 2))
    assert first.wait_p95 != second.wait_p95
