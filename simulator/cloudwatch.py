"""CloudWatch: one-minute series, and alarms on them."""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

from simulator import metric_math
from simulator.assumptions import Assumptions
from simulator.clock import Clock
from simulator.declared import Alarm
from simulator.metric_math import Series

MINUTE = 60
KEPT_MINUTES = 40
"""Of a series; no alarm here looks further back."""


class State(Enum):
    """An alarm's."""

    OK = "OK"
    ALARM = "ALARM"
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class CloudWatch:
    """The largest value of every minute, which is what alarms here ask for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._series: dict[str, Series] = {}

    def publish(self, label: str, value: int) -> None:
        """A queue's size, from the worker."""
        self.put(f"queue {label}", value)

    def put(self, name: str, value: float) -> None:
        """A value of the minute that it is now."""
        minute = int(self._clock.now // MINUTE)
        series = self._series.setdefault(name, {})
        series[minute] = max(series.get(minute, value), value)
        if len(series) > KEPT_MINUTES:
            del series[next(iter(series))]

    def window(self, name: str, first: int, last: int) -> Series:
        """The minutes of a range that have a value."""
        series = self._series.get(name, {})
        return {minute: series[minute] for minute in range(first, last + 1) if minute in series}


class Scaling(Protocol):
    """Whose policies alarms execute."""

    def execute(self, alarm: Alarm, value: float) -> None:
        """Do what the alarm's policy says for a value of its metric."""


class Watch:
    """One alarm at work. While in ALARM it executes its policy again every minute (user guide)."""

    def __init__(
        self, alarm: Alarm, cloudwatch: CloudWatch, group: str, assumptions: Assumptions
    ) -> None:
        self._alarm, self._cloudwatch = alarm, cloudwatch
        self._assumptions = assumptions
        self._names = {
            id: f"group {group} {metric.name}" if metric.queue is None else f"queue {metric.queue}"
            for id, metric in alarm.metrics.items()
        }
        self._of_group = {id for id, metric in alarm.metrics.items() if metric.queue is None}
        self.state = State.INSUFFICIENT_DATA

    def evaluate(self, now: float, scaling: Scaling) -> None:
        """Look at the newest whole minutes."""
        alarm = self._alarm
        last = self._newest(now, self._assumptions.metric_delay)
        of_group = self._newest(now, self._assumptions.group_metric_delay)
        first = last + 1 - alarm.periods - self._assumptions.extra_datapoints
        published = {
            id: self._cloudwatch.window(
                name, first, min(last, of_group) if id in self._of_group else last
            )
            for id, name in self._names.items()
        }
        pointwise = self._assumptions.metric_math == "pointwise"
        result = metric_math.evaluate(alarm.queries, published, pointwise=pointwise)
        values = [result.get(minute) for minute in range(first, last + 1)]
        self.state = next_state(alarm, values, self.state)
        if self.state == State.ALARM:
            known = [value for value in values if value is not None]
            if known:
                scaling.execute(alarm, known[-1])

    def _newest(self, now: float, delay: float) -> int:
        return int((now - delay) // MINUTE) - 1


def breaches(alarm: Alarm, value: float) -> bool:
    """Whether a value is beyond the alarm's threshold. Raises ValueError."""
    match alarm.comparison:
        case "GreaterThanOrEqualToThreshold":
            return value >= alarm.threshold
        case "GreaterThanThreshold":
            return value > alarm.threshold
        case "LessThanThreshold":
            return value < alarm.threshold
        case "LessThanOrEqualToThreshold":
            return value <= alarm.threshold
    raise ValueError(f"{alarm.name}: the comparison {alarm.comparison} is not simulated")


def next_state(alarm: Alarm, values: Sequence[float | None], before: State) -> State:
    """The state for the values of the evaluation range, the newest last, None where missing.

    The guide's rules ("How alarm state is evaluated when data is missing"): the newest real values
    count, and only where they are fewer than the periods, missing ones are filled in.
    """
    real = [breaches(alarm, value) for value in values if value is not None]
    if len(real) >= alarm.periods:
        return _judged(sum(real[-alarm.periods :]) >= alarm.datapoints)
    breaching, filled = sum(real), alarm.periods - len(real)
    match alarm.missing:
        case "breaching":
            return _judged(breaching + filled >= alarm.datapoints)
        case "notBreaching":
            return _judged(breaching >= alarm.datapoints)
    if not real:
        return before if alarm.missing == "ignore" else State.INSUFFICIENT_DATA
    oldest = len(values) - next(i for i, value in enumerate(values) if value is not None)
    if breaching == len(real) and oldest >= alarm.datapoints:
        # "Premature alarm state": old enough, and nothing newer contradicts.
        return before if alarm.missing == "ignore" else State.ALARM
    return _judged(breaching >= alarm.datapoints)


def _judged(alarming: bool) -> State:
    return State.ALARM if alarming else State.OK
