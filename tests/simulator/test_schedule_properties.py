"""Whatever a week's schedules are: no size is outside the bounds of its moment."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.schedules import DAY, WEEK, Window, minimum_changes
from simulator.assumptions import Assumptions
from simulator.aws import AwsGroup
from simulator.declared import AwsPool, GcpPool, ScalingSchedule, ScheduledAction
from simulator.gcp import GcpGroup
from simulator.group import Group
from simulator.oracle import foresee
from simulator.simulate import simulate
from simulator.traces import Trace
from simulator.week import Weekly, start_of
from tests import stacks
from tests.simulator.previews import systems_of
from tests.simulator.worlds import AUTUMN, HOUR, SPRING


@contextmanager
def watched() -> Generator[list[str]]:
    """Looks at every group after each action and decision; the list says what was wrong."""
    wrong: list[str] = []
    decide, rebound, resize = GcpGroup._decide, AwsGroup.rebound, Group.resize

    def look(group: Group, *, at_least: bool = True) -> None:
        low, high = group.bounds.smallest, group.bounds.largest
        if group.size > high or (at_least and group.size < low):
            wrong.append(f"{group.world.clock.now}: {group.size} is not {low}..{high}")

    def decided(group: GcpGroup) -> None:
        decide(group)
        look(group)

    def rebounded(group: AwsGroup, bounds: Any) -> None:
        rebound(group, bounds)
        look(group)

    def resized(group: Group, size: int) -> None:
        resize(group, size)
        # On GCP what is recommended may be a little older than the minimum.
        look(group, at_least=isinstance(group, AwsGroup))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(GcpGroup, "_decide", decided)
        patch.setattr(AwsGroup, "rebound", rebounded)
        patch.setattr(Group, "resize", resized)
        yield wrong


WINDOWS = st.lists(
    st.builds(
        lambda starts, minutes, size: Window(
            name="w", starts=tuple(sorted(starts)), minutes=minutes, size=size
        ),
        # Most of them on the Monday of the trace.
        st.sets(st.integers(DAY, 2 * DAY) | st.integers(0, WEEK - 1), min_size=1, max_size=3),
        st.integers(5, 1200),
        st.integers(2, 6),
    ),
    min_size=1,
    max_size=3,
)


def scheduled(pool: AwsPool | GcpPool, windows: list[Window], zone: str) -> AwsPool | GcpPool:
    """The pool with what the program declares for windows."""
    if isinstance(pool, AwsPool):
        actions = (
            ScheduledAction(
                at=Weekly(minutes=(change.minute,), time_zone=zone),
                smallest=change.size,
                largest=None,
                desired=None,
            )
            for change in minimum_changes(windows, pool.smallest)
        )
        return replace(pool, actions=tuple(actions))
    return replace(
        pool,
        schedules=tuple(
            ScalingSchedule(
                at=Weekly(minutes=window.starts, time_zone=zone),
                seconds=window.minutes * 60.0,
                smallest=window.size,
            )
            for window in windows
        ),
    )


@settings(max_examples=25, deadline=None, database=None)
@given(
    WINDOWS,
    st.sampled_from(["Etc/UTC", "Europe/Berlin", "America/New_York"]),
    st.sampled_from(["codeintel", "batches"]),
    st.lists(st.tuples(st.integers(0, 8 * 3600), st.integers(1, 1800)), min_size=1, max_size=60),
    st.sampled_from(["Mon 00:00", "Mon 09:00 Europe/Berlin", SPRING, AUTUMN]),
    st.lists(st.integers(0, 8 * 3600), max_size=2),
)
def test_a_size_is_never_outside_what_schedules_allow(  # noqa: PLR0917
    windows: list[Window],
    zone: str,
    name: str,
    jobs: list[tuple[int, int]],
    start: str,
    silences: list[int],
) -> None:
    system = systems_of(stacks.dev())[name]
    system = replace(system, pools=(scheduled(system.pools[0], windows, zone),))
    trace = Trace(
        name="random",
        jobs=tuple(sorted((float(time), float(length)) for time, length in jobs)),
        length=8 * HOUR,
        silences=tuple((float(time), 1500.0) for time in silences),
        start=start_of(start),
    )
    with watched() as wrong:
        result = simulate(system, trace, Assumptions(), 1)
    assert not wrong
    assert (result.done, result.interrupted) == (len(jobs), 0)
    oracle = foresee(system, trace, Assumptions())
    if result.wait_p95 <= oracle.wait_p95:
        # A simulation ends up to a minute before the hour that the oracle counts to.
        assert result.vm_hours >= oracle.vm_hours - result.largest / 60
