"""Traces are sized to a fleet, repeat by seed, and can be recorded ones."""

from pathlib import Path

import pytest

from simulator.assumptions import Assumptions
from simulator.oracle import foresee
from simulator.traces import BUILT_IN, Trace, TraceError, recorded, trace
from tests import stacks
from tests.simulator.previews import systems_of


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_trace_repeats_by_its_seed(name: str) -> None:
    first = trace(name, 10, 4, 1)
    assert first == trace(name, 10, 4, 1)
    assert first != trace(name, 10, 4, 2)
    assert first.name == name
    assert list(first.jobs) == sorted(first.jobs, key=lambda job: job[0])
    assert all(0 < duration <= 1800 for _, duration in first.jobs)


def test_the_burst_fills_every_slot() -> None:
    assert len(trace("burst", 40, 4, 1).jobs) == 160


@pytest.mark.parametrize(
    ("name", "part"), [("ramp", 0.8), ("diurnal", 0.8), ("metric-outage", 0.5)]
)
def test_a_followed_load_needs_its_part_of_the_fleet(name: str, part: float) -> None:
    system = systems_of(stacks.dev())["codeintel"]
    needed = foresee(system, trace(name, 10, 4, 1), Assumptions()).vms
    assert 10 * part <= needed <= 10 * part + 4


def read(text: str) -> Trace:
    return recorded("mine", (line.split(",") for line in text.splitlines()))


def test_a_recorded_trace_may_have_a_header_and_any_order() -> None:
    assert read("arrival,duration\n30,5\n10.5,60").jobs == ((10.5, 60.0), (30.0, 5.0))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "mine has no jobs"),
        ("arrival,duration", "mine has no jobs"),
        ("1,2\nx,3", "row 2"),
        ("1,2,3\n1,2,3", "row 2"),
        ("1,2\n-1,3", "row 2: .* are no times in seconds"),
        ("1,0", "row 1"),
        ("nan,2", "row 1"),
        ("1,inf", "row 1"),
    ],
)
def test_a_wrong_row_is_told_by_its_number(text: str, says: str) -> None:
    with pytest.raises(TraceError, match=says):
        read(text)


def test_a_trace_is_a_file_or_a_known_name(tmp_path: Path) -> None:
    file = tmp_path / "monday.csv"
    file.write_text("0,60\n5,60\n")
    assert trace(str(file), 1, 1, 1) == Trace(
        name="monday", jobs=((0.0, 60.0), (5.0, 60.0)), length=5.0
    )
    with pytest.raises(TraceError, match="these are burst"):
        trace("tuesday", 1, 1, 1)
