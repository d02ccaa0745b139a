"""A plan as CloudWatch metric math and Auto Scaling step tables.

Two alarms watch each range of sizes. Both request the exact size that is needed, so a repeated
or a late request changes nothing, and out and in never answer the same minute.

CloudWatch takes a missing value as 0 in arithmetic between series (its guide, "Using metric math"):
a stopped worker would read as an empty queue, and a late group metric as an empty group. So every
series is filled with -1, and a request has a value only in minutes in which none of them is. In any
other minute IF without an otherwise has no value, and the alarm holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from components.scaling import AWS_METRIC, AWS_NAMESPACE, ScalingPlan

Direction = Literal["out", "in"]

MAX_STEPS = 20
"""Step adjustments of one policy (Auto Scaling quotas)."""

ROUNDING = 0.05
"""Above 20 VMs a request may exceed the need by this part, which keeps tables short."""

SUM_SLACK = 0.999999999
"""In binary fractions 44/40 + 128/40 + 28/40 is a hair above 5: no reason for a sixth VM."""

EVALUATION_MINUTES = {"out": 1, "in": 3}
"""Minutes for which an alarm's condition holds before it acts (`docs/adr/0010-scale-in.md`)."""

PERIOD_SECONDS = 60
"""The worker publishes at standard resolution, which is one minute."""


@dataclass(frozen=True)
class Step:
    """Request `size` while `lowest <= needed`, up to the next step."""

    lowest: int
    size: int


@dataclass(frozen=True)
class Band:
    """Neighbouring sizes that fit into one policy."""

    steps: tuple[Step, ...]

    @property
    def lowest(self) -> int:
        """Smallest need that the band answers."""
        return self.steps[0].lowest

    @property
    def highest(self) -> int:
        """Largest need that the band answers, which is also its largest size."""
        return self.steps[-1].size

    def adjustments(self) -> list[Any]:
        """Step adjustments relative to an alarm threshold of `lowest`; the last has no end."""
        bounds = [step.lowest - self.lowest for step in self.steps]
        return [
            {
                "scaling_adjustment": step.size,
                "metric_interval_lower_bound": str(bound),
                **({"metric_interval_upper_bound": str(end)} if end is not None else {}),
            }
            for step, bound, end in zip(self.steps, bounds, [*bounds[1:], None], strict=True)
        ]


def sizes(smallest: int, largest: int) -> list[int]:
    """The sizes that are ever requested: all up to 20 VMs, then in steps of at most 5 %."""
    result = [smallest]
    while result[-1] < largest:
        result.append(min(largest, result[-1] + max(1, int(result[-1] * ROUNDING))))
    return result


def bands(plan: ScalingPlan, direction: Direction) -> Iterator[Band]:
    """The policies of one direction. Out never requests the smallest size, in never the largest."""
    reachable = sizes(plan.smallest, plan.largest)
    lowest = [plan.smallest, *(size + 1 for size in reachable[:-1])]
    steps = [Step(low, size) for low, size in zip(lowest, reachable, strict=True)]
    steps = steps[1:] if direction == "out" else steps[:-1]
    for start in range(0, len(steps), MAX_STEPS):
        yield Band(tuple(steps[start : start + MAX_STEPS]))


def metric_queries(
    plan: ScalingPlan, direction: Direction, band: Band, group_name: Any
) -> list[Any]:
    """Alarm queries whose result is the needed size while a change is due, else -1.

    `group_name` is the Auto Scaling group's name, an Output in a program.
    """
    ids = {series.label: "q_" + series.label.replace("-", "_") for series in plan.series}
    total = " + ".join(f"{ids[s.label]} / {s.jobs_per_vm:.10g}" for s in plan.series)
    if len(plan.series) > 1:
        total = f"({total}) * {SUM_SLACK}"
    present = " * ".join(f"(FILL({name}, -1) >= 0)" for name in (*ids.values(), "desired"))
    due = "needed > desired" if direction == "out" else "needed < desired"
    return [
        *(
            _metric(
                name,
                AWS_NAMESPACE,
                AWS_METRIC,
                {"queueName": label, "environment": plan.environment_label},
            )
            for label, name in ids.items()
        ),
        _metric(
            "desired",
            "AWS/AutoScaling",
            "GroupDesiredCapacity",
            {"AutoScalingGroupName": group_name},
        ),
        _expression("wanted", f"CEIL({total})", "VMs for all jobs"),
        _expression("needed", _within("wanted", plan), "VMs within min and max"),
        _expression(
            "request",
            f"IF({present}, IF(({due}) * (needed <= {band.highest}), needed, -1))",
            f"Size to request, {direction}",
            returned=True,
        ),
    ]


def _within(value: str, plan: ScalingPlan) -> str:
    clamped = f"IF({value} > {plan.largest}, {plan.largest}, {value})"
    if plan.smallest == 0:
        return clamped
    return f"IF({value} < {plan.smallest}, {plan.smallest}, {clamped})"


def _metric(name: str, namespace: str, metric: str, dimensions: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "metric": {
            "namespace": namespace,
            "metric_name": metric,
            "dimensions": dimensions,
            "period": PERIOD_SECONDS,
            "stat": "Maximum",
        },
    }


def _expression(
    name: str, expression: str, label: str, *, returned: bool = False
) -> dict[str, Any]:
    return {"id": name, "expression": expression, "label": label, "return_data": returned}
