"""Windows of the week, and the moments at which the minimum changes because of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.scaling import aws_plan, gcp_plan
from components.schedules import DAY, WEEK, Window, minimum_changes, starts_of
from tests.unit.stacks import deployed

OFFICE = {"cron": "30 7 * * MON-FRI", "timeZone": "Europe/Berlin", "duration": "10h", "min": 4}


def window(cron: str, minutes: int, size: int) -> Window:
    return Window(name="w", starts=starts_of(cron), minutes=minutes, size=size)


@pytest.mark.parametrize(
    ("cron", "starts"),
    [
        ("0 0 * * 0", [0]),
        ("0 0 * * 7", [0]),
        ("5 1 * * sun", [65]),
        ("30 7 * * MON-FRI", [day * DAY + 450 for day in range(1, 6)]),
        ("0 9 * * sat-sun", [540, 6 * DAY + 540]),
        ("0 9 * * 5-7", [540, 5 * DAY + 540, 6 * DAY + 540]),
        ("0,30 8-10/2 * * 2", [2 * DAY + m for m in (480, 510, 600, 630)]),
        ("*/20 0 * * 3", [3 * DAY, 3 * DAY + 20, 3 * DAY + 40]),
        ("0 12 * * *", [day * DAY + 720 for day in range(7)]),
        ("0 0 * * */3", [0, 3 * DAY, 6 * DAY]),
    ],
)
def test_a_cron_expression_names_minutes_of_the_week(cron: str, starts: list[int]) -> None:
    assert starts_of(cron) == tuple(starts)


@pytest.mark.parametrize(
    "cron",
    [
        *("", "* * * *", "0 7 * * * *", "0 7 1 * *", "0 7 * 1 *", "60 7 * * *", "0 24 * * *"),
        *("0 7 * * 8", "0 7 * * MONDAY", "5-1 7 * * *", "0 7-5 * * *", "*/0 7 * * *"),
        *("5/2 7 * * *", "-1 7 * * *", "0 7 * * fri-mon", "0 7,, * * *", "0 +7 * * *", "0 ٣ * * *"),
    ],
)
def test_what_names_no_times_of_a_week_is_refused(cron: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of which every caller makes its own message
        starts_of(cron)


def test_the_minimum_changes_when_a_window_begins_and_when_it_ends() -> None:
    changes = minimum_changes([window("30 7 * * MON,TUE", 10 * 60, 4)], 1)
    assert [(change.name, change.cron, change.size) for change in changes] == [
        ("mon-0730", "30 7 * * 1", 4),
        ("mon-1730", "30 17 * * 1", 1),
        ("tue-0730", "30 7 * * 2", 4),
        ("tue-1730", "30 17 * * 2", 1),
    ]


def test_a_window_may_pass_midnight_and_the_end_of_the_week() -> None:
    changes = minimum_changes([window("0 22 * * SAT", 4 * 60, 2)], 0)
    assert [(change.name, change.size) for change in changes] == [("sun-0200", 0), ("sat-2200", 2)]


def test_where_windows_overlap_the_largest_counts_and_the_rest_comes_back() -> None:
    inner, outer = window("0 10 * * WED", 60, 9), window("0 8 * * WED", 600, 3)
    for windows in ([inner, outer], [outer, inner]):
        changes = [(change.name, change.size) for change in minimum_changes(windows, 1)]
        assert changes == [("wed-0800", 3), ("wed-1000", 9), ("wed-1100", 3), ("wed-1800", 1)]


def test_windows_that_touch_are_one() -> None:
    changes = minimum_changes([window("0 8-10 * * MON", 60, 2)], 0)
    assert [change.name for change in changes] == ["mon-0800", "mon-1100"]


windows = st.builds(
    lambda starts, minutes, size: Window(
        name="w", starts=tuple(sorted(starts)), minutes=minutes, size=size
    ),
    st.sets(st.integers(0, WEEK - 1), min_size=1, max_size=4),
    st.integers(5, WEEK - 1),
    st.integers(1, 6),
)


@settings(max_examples=60, deadline=None, database=None)
@given(st.lists(windows, max_size=4), st.integers(0, 3))
def test_what_the_moments_set_is_the_largest_window_at_every_minute(
    found: list[Window], base: int
) -> None:
    changes = {change.minute: change.size for change in minimum_changes(found, base)}
    current = list(changes.values())[-1] if changes else max([base, *(w.size for w in found)])
    for minute in range(WEEK):
        current = changes.get(minute, current)
        covering = [
            w.size for w in found if any((minute - start) % WEEK < w.minutes for start in w.starts)
        ]
        assert current == max([base, *covering]) or not changes
    assert len({change.name for change in minimum_changes(found, base)}) == len(changes)


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.sets(st.integers(0, 59), min_size=1),
    st.sets(st.integers(0, 23), min_size=1),
    st.sets(st.integers(0, 6), min_size=1),
)
def test_a_windows_cron_expression_names_its_starts(
    minutes: set[int], hours: set[int], days: set[int]
) -> None:
    listed = [",".join(map(str, sorted(values))) for values in (minutes, hours, days)]
    made = window("{} {} * * {}".format(*listed), 5, 1)
    assert starts_of(made.cron) == made.starts
    assert len(made.starts) == len(minutes) * len(hours) * len(days)


def test_both_clouds_plans_have_the_schedules_of_the_pool() -> None:
    deployment = deployed(
        {"pools.codeintel.schedules": {"day": OFFICE}, "pools.batches.schedules": {"day": OFFICE}}
    )
    aws = aws_plan(deployment, deployment.pools_on("aws")[0])
    gcp = gcp_plan(deployment, deployment.pools_on("gcp")[0])
    assert aws.windows == gcp.windows
    assert aws.time_zone == gcp.time_zone == "Europe/Berlin"
    assert {change.size for change in aws.minimum_changes} == {0, 4}
    assert {change.size for change in gcp.minimum_changes} == {1, 4}


def test_a_paused_pool_has_no_schedules() -> None:
    deployment = deployed(
        {"pools.codeintel.schedules": {"day": OFFICE}, "pools.codeintel.paused": True}
    )
    plan = aws_plan(deployment, deployment.pools_on("aws")[0])
    assert (plan.windows, plan.minimum_changes) == ((), ())
