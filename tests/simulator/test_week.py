"""A time of the week comes at its time, whatever the clocks of its place do."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from components.schedules import starts_of
from simulator.week import MONDAY, StartError, Weekly, start_of
from tests.simulator.worlds import AUTUMN, HOUR, SPRING


def at(cron: str, time_zone: str = "Etc/UTC") -> Weekly:
    return Weekly(minutes=starts_of(cron), time_zone=time_zone)


def first(weekly: Weekly, start: str, number: int, since: float = 0.0) -> list[float]:
    """Hours from a start."""
    return [time / HOUR for time in islice(weekly.times(start_of(start), since), number)]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Mon 00:00", MONDAY),
        ("sun 06:30", datetime(2024, 1, 7, 6, 30, tzinfo=UTC)),
        ("Mon 06:00 Europe/Berlin", datetime(2024, 1, 1, 5, tzinfo=UTC)),
        ("2026-07-01 06:00 Europe/Berlin", datetime(2026, 7, 1, 4, tzinfo=UTC)),
    ],
)
def test_a_start_is_a_day_and_a_time_in_a_zone(text: str, time: datetime) -> None:
    assert start_of(text) == time


@pytest.mark.parametrize(
    "text", ["", "Mon", "06:00", "Monday 06:00", "Mon 25:00", "Mon 06:00 Berlin", "2026-02-30 1:00"]
)
def test_a_wrong_start_says_how_it_is_written(text: str) -> None:
    with pytest.raises(StartError, match="write it like Mon 06:00"):
        start_of(text)


def test_a_time_of_the_week_comes_again_each_week() -> None:
    assert first(at("30 7 * * MON,FRI"), "Mon 07:00", 4) == [0.5, 96.5, 168.5, 264.5]
    assert first(at("0 7 * * *"), "Mon 07:00", 2) == [0, 24]
    assert first(at("0 7 * * MON"), "Mon 07:30", 2, -HOUR) == [-0.5, 167.5]


@pytest.mark.parametrize(
    ("time_zone", "hours"),
    [("Etc/UTC", 9.0), ("Europe/Berlin", 8.0), ("America/New_York", 14.0), ("Asia/Tokyo", 0.0)],
)
def test_a_schedule_goes_by_the_clocks_of_its_zone(time_zone: str, hours: float) -> None:
    assert first(at("0 9 * * MON", time_zone), "Mon 00:00", 1) == [hours]


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        # 02:00 to 03:00 is skipped: from then on the clocks are ahead, and 02:30 is 03:30.
        (SPRING, {"0 1": 1, "30 2": 2.5, "0 3": 2, "0 9": 8}),
        # 02:00 to 03:00 comes twice: 02:30 counts the first time.
        (AUTUMN, {"0 1": 1, "30 2": 2.5, "0 3": 4, "0 9": 10}),
    ],
)
def test_clocks_that_change(start: str, hours: dict[str, float]) -> None:
    for time, expected in hours.items():
        found = first(at(f"{time} * * *", "Europe/Berlin"), start, 2)
        assert found[0] == expected, time
        shift = -1 if start == SPRING else 1
        assert found[1] == 24 + shift + int(time.split()[1]) + int(time.split()[0]) / 60, time
