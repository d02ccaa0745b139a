"""On AWS a pool goes from any size to the needed one in one evaluation, and holds when in doubt."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.scaling import QueueSeries, ScalingPlan
from components.step_scaling import (
    EVALUATION_MINUTES,
    MAX_STEPS,
    Band,
    Direction,
    bands,
    metric_queries,
)
from simulator.assumptions import Assumptions
from simulator.cloudwatch import State, next_state
from simulator.metric_math import Query, Series, evaluate
from simulator.read_aws import alarm as declared_alarm
from simulator.read_aws import policy

RANGES = [(0, 1), (0, 20), (0, 21), (1, 2), (3, 50), (0, 100), (19, 40), (5, 1000), (0, 1000)]
MAX_POLICIES = 50
MAX_QUERIES = 10
EXTRA = Assumptions().extra_datapoints
"""Minutes that CloudWatch looks back further when some are missing."""


def plan(smallest: int, largest: int, *jobs_per_vm: float) -> ScalingPlan:
    series = tuple(
        QueueSeries(label=f"queue-{i}", jobs_per_vm=jobs) for i, jobs in enumerate(jobs_per_vm)
    )
    return ScalingPlan(smallest=smallest, largest=largest, environment_label="prod", series=series)


@dataclass(frozen=True)
class Alarm:
    """One alarm and its policy, as `components.aws.scaler` declares them."""

    direction: Direction
    band: Band
    inputs: list[dict[str, Any]]

    @property
    def queries(self) -> list[Query]:
        return [
            Query(query["id"], query.get("expression"), bool(query.get("return_data")))
            for query in self.inputs
        ]

    def breach(
        self, published: dict[str, Series], now: int, *, pointwise: bool = False
    ) -> float | None:
        """The newest value while in ALARM, as CloudWatch judges the evaluation range."""
        values = evaluate(self.queries, published, pointwise=pointwise)
        minutes = EVALUATION_MINUTES[self.direction]
        seen = [values.get(minute) for minute in range(now + 1 - minutes - EXTRA, now + 1)]
        declared = declared_alarm(
            self.direction,
            {
                "metricQueries": [],
                "comparisonOperator": "GreaterThanOrEqualToThreshold",
                "threshold": self.band.lowest,
                "evaluationPeriods": minutes,
                "treatMissingData": "notBreaching",
            },
            policy({"policyType": "StepScaling", "adjustmentType": "ExactCapacity"}, {}),
        )
        if next_state(declared, seen, State.OK) != State.ALARM:
            return None
        return [value for value in seen if value is not None][-1]

    def size(self, value: float) -> int:
        """What Auto Scaling requests: lower bounds are inclusive, upper ones are not."""
        distance = value - self.band.lowest
        [size] = [
            step["scaling_adjustment"]
            for step in self.band.adjustments()
            if float(step["metric_interval_lower_bound"])
            <= distance
            < float(step.get("metric_interval_upper_bound", math.inf))
        ]
        return size


def alarms(of: ScalingPlan) -> list[Alarm]:
    return [
        Alarm(direction, band, metric_queries(of, direction, band, "group"))
        for direction in ("out", "in")
        for band in bands(of, direction)
    ]


def requests(
    of: ScalingPlan, published: dict[str, Series], now: int = 5, *, pointwise: bool = False
) -> dict[Direction, int]:
    """Requested sizes by direction; two policies of one direction never answer together."""
    result: dict[Direction, int] = {}
    for alarm in alarms(of):
        value = alarm.breach(published, now, pointwise=pointwise)
        if value is not None:
            assert alarm.direction not in result
            result[alarm.direction] = alarm.size(value)
    return result


def steady(queues: Sequence[float], desired: float) -> dict[str, Series]:
    """Five minutes of the same values of every metric."""
    names = [f"q_queue_{i}" for i in range(len(queues))]
    values = dict(zip(names, queues, strict=True)) | {"desired": desired}
    return {name: dict.fromkeys(range(1, 6), value) for name, value in values.items()}


def needed(of: ScalingPlan, jobs: int, jobs_per_vm: int) -> int:
    return min(max(-(-jobs // jobs_per_vm), of.smallest), of.largest)


def within_rounding(size: int, need: int) -> bool:
    return size == need if need <= 20 else need <= size <= need * 1.05


ranges = st.sampled_from(RANGES) | st.tuples(st.integers(0, 40), st.integers(1, 80)).map(
    lambda pair: (pair[0], pair[0] + pair[1])
)


@settings(max_examples=150, deadline=None, database=None)
@given(ranges, st.integers(1, 30), st.data())
def test_one_evaluation_leads_from_any_size_to_the_needed_one(
    sizes: tuple[int, int], jobs_per_vm: int, data: st.DataObject
) -> None:
    of = plan(*sizes, jobs_per_vm)
    desired = data.draw(st.integers(*sizes), label="desired")
    vms = data.draw(st.integers(0, of.largest + 3), label="VMs for all jobs")
    jobs = max(0, vms * jobs_per_vm - data.draw(st.integers(0, jobs_per_vm - 1), label="less"))
    need = needed(of, jobs, jobs_per_vm)
    asked = requests(of, steady([jobs], desired))
    if need == desired:
        assert not asked
        return
    if asked == {} and desired > need:
        assert within_rounding(desired, need), "only a size that is right already is kept"
        return
    [direction] = asked
    assert direction == ("out" if need > desired else "in")
    assert within_rounding(asked[direction], need)
    assert of.smallest <= asked[direction] <= of.largest
    # A size that no policy asks for, such as a schedule's, may be rounded up on the way down.
    towards = (asked[direction] - desired) * (need - desired) >= 0
    assert towards or within_rounding(desired, need), "never away from the need"


@pytest.mark.parametrize(("desired", "jobs", "size"), [(0, 1, 1), (0, 400, 100), (100, 0, 0)])
def test_zero_is_a_size_like_any_other(desired: int, jobs: int, size: int) -> None:
    assert list(requests(plan(0, 100, 4), steady([jobs], desired)).values()) == [size]


def test_a_burst_is_answered_at_once_and_a_lull_after_three_minutes() -> None:
    of, burst, lull = plan(0, 20, 1), steady([2], 2), steady([9], 9)
    burst["q_queue_0"][5] = 9
    assert requests(of, burst) == {"out": 9}
    lull["q_queue_0"].update({4: 3, 5: 3})
    assert requests(of, lull) == {}
    lull["q_queue_0"][3] = 3
    assert requests(of, lull) == {"in": 3}


@settings(max_examples=150, deadline=None, database=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.data())
def test_missing_data_holds(first: int, second: int, desired: int, data: st.DataObject) -> None:
    of, published = plan(0, 60, 2, 3), steady([first, second], desired)
    lost = data.draw(st.sets(st.sampled_from(sorted(published)), min_size=1), label="lost")
    minutes = data.draw(st.sets(st.integers(1, 2)), label="minutes") | {3, 4, 5}
    for name in lost:
        for minute in minutes:
            del published[name][minute]
    assert requests(of, published) == {}
    assert requests(of, published, pointwise=True) == {}


@settings(max_examples=150, deadline=None, database=None)
@given(st.integers(0, 60), st.integers(0, 60), st.data())
def test_a_gap_asks_for_nothing_that_its_neighbours_do_not(
    queued: int, desired: int, data: st.DataObject
) -> None:
    of, published = plan(0, 60, 2), steady([queued], desired)
    whole = requests(of, published)
    for name, minutes in data.draw(
        st.fixed_dictionaries({name: st.sets(st.integers(1, 5)) for name in published})
    ).items():
        for minute in minutes:
            del published[name][minute]
    for pointwise in (False, True):
        assert requests(of, published, pointwise=pointwise).items() <= whole.items()


@pytest.mark.parametrize("lost", [["q_queue_0"], ["desired"], ["q_queue_0", "q_queue_1"]])
def test_a_series_that_is_gone_altogether_holds(lost: list[str]) -> None:
    for desired in (0, 9):
        published = {n: s for n, s in steady([3, 3], desired).items() if n not in lost}
        assert requests(plan(0, 20, 1, 1), published) == {}
        assert requests(plan(0, 20, 1, 1), published, pointwise=True) == {}


@pytest.mark.parametrize("lost", ["q_queue_0", "q_queue_1", "desired"])
def test_three_minutes_of_which_data_is_missing_take_no_vm_away(lost: str) -> None:
    published = steady([3, 3], 9)
    for minute in (3, 4, 5):
        del published[lost][minute]
    assert requests(plan(0, 20, 1, 1), published) == {}
    assert requests(plan(0, 20, 1, 1), published, pointwise=True) == {}


def test_a_late_group_metric_never_asks_for_less_than_there_is() -> None:
    published = steady([3], 9)
    published["q_queue_0"].update({3: 9, 4: 9, 5: 3})
    published["desired"] = dict.fromkeys(range(1, 5), 9)
    assert requests(plan(0, 20, 1), published) == {}


@settings(max_examples=150, deadline=None, database=None)
@given(st.integers(1, 60), st.integers(1, 60), st.lists(st.floats(0, 1), max_size=5))
def test_an_exact_multiple_over_several_queues_needs_no_vm_more(
    jobs_per_vm: int, vms: int, cuts: list[float]
) -> None:
    jobs = jobs_per_vm * vms
    marks = [0, *sorted(int(cut * jobs) for cut in cuts), jobs]
    queues = [end - start for start, end in pairwise(marks)]
    asked = requests(plan(0, 100, *[jobs_per_vm] * len(queues)), steady(queues, 0))
    assert within_rounding(asked["out"], vms)


@settings(max_examples=150, deadline=None, database=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 60)), min_size=1, max_size=6))
def test_queues_of_different_weights_are_summed_exactly(queues: list[tuple[int, int]]) -> None:
    of = plan(0, 1000, *(jobs_per_vm for _, jobs_per_vm in queues))
    need = min(math.ceil(sum(Fraction(*queue) for queue in queues)), 1000)
    asked = requests(of, steady([jobs for jobs, _ in queues], 0))
    assert within_rounding(asked.get("out", 0), need)


def test_three_equal_queues_that_binary_fractions_would_round_up() -> None:
    assert requests(plan(0, 20, 40, 40, 40), steady([44, 128, 28], 0)) == {"out": 5}
    assert requests(plan(0, 20, 40, 40, 40), steady([44, 128, 29], 0)) == {"out": 6}


@pytest.mark.parametrize(("smallest", "largest"), RANGES)
def test_policies_are_within_the_clouds_limits(smallest: int, largest: int) -> None:
    found = alarms(plan(smallest, largest, *[1.0] * 6))
    assert len(found) <= MAX_POLICIES
    for alarm in found:
        assert 1 <= len(alarm.band.adjustments()) <= MAX_STEPS
        assert len(alarm.queries) <= MAX_QUERIES
        ids = [query.id for query in alarm.queries]
        assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(("smallest", "largest"), RANGES)
def test_steps_have_no_gap_and_no_overlap(smallest: int, largest: int) -> None:
    for direction in ("out", "in"):
        found = list(bands(plan(smallest, largest, 1), direction))
        for band in found:
            bounds = [
                (step["metric_interval_lower_bound"], step.get("metric_interval_upper_bound"))
                for step in band.adjustments()
            ]
            assert bounds[0][0] == "0"
            assert bounds[-1][1] is None
            assert [end for _, end in bounds[:-1]] == [start for start, _ in bounds[1:]]
        assert [band.lowest for band in found[1:]] == [band.highest + 1 for band in found[:-1]]
