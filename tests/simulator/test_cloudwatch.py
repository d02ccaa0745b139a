"""Alarms do what CloudWatch's user guide says, above all when data is missing."""

import pytest

from simulator.clock import Clock
from simulator.cloudwatch import CloudWatch, State, Watch, breaches, next_state
from simulator.declared import Alarm, Metric
from simulator.metric_math import MathError, Query, evaluate
from tests.simulator.worlds import EXACT, alarm

POINTS = {"0": -1.0, "X": 1.0, "-": None}
STATES = {"OK": State.OK, "ALARM": State.ALARM, "NONE": State.INSUFFICIENT_DATA}
KEPT = "kept"

# The guide's two tables: points with the newest last, then the state for each treatment.
THREE_OF_THREE = [
    ("0-X-X", "OK", "OK", "OK", "OK"),
    ("0----", "OK", "OK", "OK", "OK"),
    ("-----", "NONE", KEPT, "ALARM", "OK"),
    ("0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("--X--", "ALARM", KEPT, "ALARM", "OK"),
]
TWO_OF_THREE = [
    ("0-X-X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("00X0X", "ALARM", "ALARM", "ALARM", "ALARM"),
    ("0-X--", "OK", "OK", "ALARM", "OK"),
    ("----0", "OK", "OK", "ALARM", "OK"),
    ("---X-", "ALARM", KEPT, "ALARM", "OK"),
]
CASES = [(row, 3) for row in THREE_OF_THREE] + [(row, 2) for row in TWO_OF_THREE]


@pytest.mark.parametrize(("row", "datapoints"), CASES)
@pytest.mark.parametrize("before", list(State))
def test_the_guides_tables(row: tuple[str, ...], datapoints: int, before: State) -> None:
    points, *states = row
    values = [POINTS[point] for point in points]
    for missing, state in zip(
        ["missing", "ignore", "breaching", "notBreaching"], states, strict=True
    ):
        watched = alarm(periods=3, datapoints=datapoints, missing=missing)
        expected = before if state == KEPT else STATES[state]
        assert next_state(watched, values, before) == expected, missing


def test_one_breaching_minute_that_is_too_young_is_no_alarm_yet() -> None:
    watched = alarm(periods=3, datapoints=3)
    assert next_state(watched, [None, None, None, None, 1.0], State.OK) == State.OK


@pytest.mark.parametrize(
    ("comparison", "answers"),
    [
        ("GreaterThanOrEqualToThreshold", (False, True, True)),
        ("GreaterThanThreshold", (False, False, True)),
        ("LessThanThreshold", (True, False, False)),
        ("LessThanOrEqualToThreshold", (True, True, False)),
    ],
)
def test_comparisons(comparison: str, answers: tuple[bool, ...]) -> None:
    watched = alarm(comparison=comparison, threshold=5.0)
    assert tuple(breaches(watched, value) for value in (4.0, 5.0, 6.0)) == answers


def test_a_comparison_that_is_not_simulated_is_refused() -> None:
    with pytest.raises(ValueError, match="LessThanLowerThreshold"):
        breaches(alarm(comparison="LessThanLowerThreshold"), 1.0)


class Executed:
    """Notes the values for which a policy is executed."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def execute(self, alarm: Alarm, value: float) -> None:
        del alarm
        self.values.append(value)


def test_an_alarm_acts_again_every_minute_on_the_newest_whole_minute() -> None:
    clock, executed = Clock(), Executed()
    cloudwatch = CloudWatch(clock)
    watched = alarm(metrics={"m": Metric(name="size", queue="q")}, threshold=2.0)
    watch = Watch(watched, cloudwatch, "pool", EXACT)
    for minute, value in enumerate([1, 3, 3, 4, 1, 1, 1, 1]):
        clock.at(minute * 60 + 10, cloudwatch.publish, "q", value)
        clock.at(minute * 60 + 60, watch.evaluate, minute * 60 + 60.0, executed)
    clock.run(lambda: False)
    assert executed.values == [3, 3, 4]


def test_the_largest_value_of_a_minute_counts() -> None:
    clock = Clock()
    cloudwatch = CloudWatch(clock)
    for value in (1, 7, 2):
        cloudwatch.publish("q", value)
    assert cloudwatch.window("queue q", 0, 0) == {0: 7}


def test_a_series_keeps_a_bounded_past() -> None:
    clock = Clock()
    cloudwatch = CloudWatch(clock)
    clock.every(60, lambda: cloudwatch.put("s", 1.0))
    clock.run(lambda: clock.now >= 600_000)
    assert len(cloudwatch.window("s", 0, 10_000)) <= 40


def official(queue: dict[int, float], count: dict[int, float]) -> dict[int, float]:
    queries = [
        Query("q", None, False),
        Query("n", None, False),
        Query("e", "CEIL(q / 360) - n", True),
    ]
    return evaluate(queries, {"q": queue, "n": count})


def test_the_official_expression_reads_a_silent_worker_as_an_empty_queue() -> None:
    assert official({1: 721.0}, {1: 1.0, 2: 5.0}) == {1: 2.0, 2: -5.0}


@pytest.mark.parametrize("text", ["q AND n", "SUM(q)", "(q", "q +", "q ? n", "q)"])
def test_an_expression_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(MathError):
        evaluate([Query("q", None, False), Query("e", text, True)], {"q": {1: 1.0}})


def test_a_number_is_nothing_to_watch() -> None:
    with pytest.raises(MathError, match="one query returns data"):
        evaluate([Query("e", "1 + 1", True)], {})
