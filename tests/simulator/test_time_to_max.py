"""How long a pool takes to ask for all of its VMs, worked by hand."""

import copy
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from preview import UNKNOWN, PreviewError, Resource, Resources
from simulator.time_to_max import seconds_to_max
from tests import stacks
from tests.simulator.previews import altered, preview

AWS, GCP = "autoscaling/group:Group", "RegionInstanceGroupManager"
ALARM, POLICY = ":MetricAlarm", "autoscaling/policy:Policy"

# The minute in which the queue grows has to end (60 s) and to be seen (30 s). The alarm looks once
# a minute: of the moments that are tried, the unluckiest one is 10 s too early.
ON_AWS = 60 + 30 + 50
# A value is seen after 30 s. The autoscaler decides every 30 s, and may have done so 5 s before.
ON_GCP = 30 + 25

Alter = Callable[[Resource], Resource | None]


def time(kind: str, config: dict[str, Any] | None = None, alter: Alter = lambda one: one) -> float:
    """Of the dev stack's pool on a cloud, or of another stack's."""
    resources = altered(preview(config or stacks.dev()), alter).after
    (group,) = resources.of_type(kind)
    return seconds_to_max(resources, group)


def with_inputs(kind: str, **inputs: Any) -> Alter:
    def alter(one: Resource) -> Resource:
        if not one.type.endswith(kind):
            return one
        return replace(one, inputs={**copy.deepcopy(dict(one.inputs)), **inputs})

    return alter


def test_one_evaluation_on_aws_and_one_decision_on_gcp() -> None:
    assert time(AWS) == ON_AWS
    assert time(GCP) == ON_GCP


@pytest.mark.parametrize(("kind", "pool"), [(AWS, "codeintel"), (GCP, "batches")])
def test_a_larger_maximum_takes_no_longer(kind: str, pool: str) -> None:
    config = stacks.with_pool(pool, max=500)
    assert time(kind, config) == {AWS: ON_AWS, GCP: ON_GCP}[kind]


@pytest.mark.parametrize(
    "changes",
    [
        {"jobsPerInstance": 40},
        # On Mondays, which is when a simulation begins.
        {"schedules": {"early": {"cron": "0 0 * * MON", "duration": "24h", "min": 6}}},
    ],
)
def test_neither_jobs_per_vm_nor_hours_of_the_week_count(changes: dict[str, Any]) -> None:
    config = stacks.with_pools({"codeintel": changes, "batches": changes})
    assert time(AWS, config) == ON_AWS
    assert time(GCP, config) == ON_GCP


def test_boot_scripts_that_are_not_known_yet_do_not_matter() -> None:
    unknown = {"userData": UNKNOWN, "metadata": UNKNOWN}
    assert time(AWS, alter=with_inputs("Template", **unknown)) == ON_AWS
    assert time(GCP, alter=with_inputs("Template", **unknown)) == ON_GCP


def test_each_minute_that_an_alarm_waits_for_is_a_minute() -> None:
    slower = with_inputs(ALARM, evaluationPeriods=10, datapointsToAlarm=10)
    assert time(AWS, alter=slower) == ON_AWS + 9 * 60


def test_one_vm_at_a_time_waits_for_each_launch_and_cooldown() -> None:
    def one_by_one(one: Resource) -> Resource:
        # The official module's policy.
        inputs = {"adjustmentType": "ChangeInCapacity", "scalingAdjustment": 1}
        return replace(one, inputs=inputs) if one.type.endswith(POLICY) else one

    def out_only(one: Resource) -> Resource | None:
        return None if one.type.endswith(ALARM) and "-in-" in one.name else one_by_one(one)

    # Ten VMs: nine times a launch of 60 s and the default cooldown.
    assert time(AWS, alter=out_only) == ON_AWS + 9 * (60 + 300)


def test_a_pool_that_nothing_scales_never_gets_there() -> None:
    assert time(AWS, alter=lambda one: None if one.type.endswith(ALARM) else one) == math.inf


def _policy(**changes: Any) -> dict[str, Any]:
    (autoscaler,) = preview(stacks.dev()).after.of_type("Autoscaler")
    return {**autoscaler.inputs["autoscalingPolicy"], **changes}


@pytest.mark.parametrize(
    ("kind", "alter", "says"),
    [
        (AWS, with_inputs(POLICY, policyType="TargetTrackingScaling"), "is not simulated"),
        (AWS, with_inputs(ALARM, threshold=UNKNOWN), "known after the change only"),
        (AWS, with_inputs(ALARM, comparisonOperator="Near"), "Near is not simulated"),
        (AWS, with_inputs(ALARM, metricQueries=UNKNOWN), "unknown form"),
        (
            AWS,
            with_inputs(ALARM, metricQueries=[{"id": "m", "expression": "NOW()"}]),
            "NOW with 0 arguments|cannot read",
        ),
        (GCP, with_inputs("Autoscaler", autoscalingPolicy=UNKNOWN), "unknown form"),
        (GCP, with_inputs("Autoscaler", autoscalingPolicy={}), "'minReplicas'"),
        (GCP, with_inputs("Autoscaler", autoscalingPolicy=_policy(mode="OFF")), "OFF is not"),
    ],
)
def test_what_cannot_be_simulated_says_why(kind: str, alter: Alter, says: str) -> None:
    with pytest.raises(PreviewError, match=says):
        time(kind, alter=alter)


def test_each_side_is_what_its_own_resources_declare() -> None:
    known = preview(stacks.dev())
    changed = altered(known, with_inputs(ALARM, evaluationPeriods=2, datapointsToAlarm=2))

    def of(side: Resources) -> float:
        (group,) = side.of_type(AWS)
        return seconds_to_max(side, group)

    assert (of(changed.before), of(changed.after)) == (ON_AWS, ON_AWS + 60)
