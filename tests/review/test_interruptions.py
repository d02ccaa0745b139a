"""Changes that end VMs with their jobs."""

from typing import Any

import pytest

from review import comment, red_lines
from tests.review.steps import preview, rules, step

ASG = "aws:autoscaling/group:Group"
AUTOSCALER = "gcp:compute/regionAutoscaler:RegionAutoscaler"
MIG = "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager"


def _scaled(largest: int, mode: str = "ONLY_SCALE_OUT") -> dict[str, Any]:
    return {"minReplicas": 0, "maxReplicas": largest, "mode": mode}


@pytest.mark.parametrize("kind", [ASG, MIG])
@pytest.mark.parametrize("op", ["replace", "delete", "create-replacement"])
def test_a_group_that_goes_while_it_may_run_jobs_is_told(kind: str, op: str) -> None:
    def crossed(largest: int) -> set[str]:
        of_group = {"minSize": 0, "maxSize": largest} if kind == ASG else {}
        scaler = {"autoscalingPolicy": _scaled(largest)}
        return rules(
            step(op, kind, old=of_group, new=None if op == "delete" else of_group),
            *([step("same", AUTOSCALER, old=scaler, new=scaler)] if kind == MIG else ()),
        )

    assert crossed(3) == {"Jobs are interrupted"}
    assert crossed(0) == set()


@pytest.mark.parametrize(
    ("kind", "new"),
    [
        (ASG, {"minSize": 0, "maxSize": 3, "instanceRefresh": {"strategy": "Rolling"}}),
        (MIG, {"updatePolicy": {"type": "PROACTIVE"}}),
    ],
)
def test_a_rollout_that_ends_running_vms_is_told(kind: str, new: dict[str, Any]) -> None:
    old = {key: value for key, value in new.items() if key.endswith("Size")}
    assert rules(step("update", kind, old=old, new=new)) == {"Jobs are interrupted"}


def test_a_refresh_that_only_reads_changes_nothing() -> None:
    read_only = step("refresh", ASG, old={"maxSize": 3}, new={"maxSize": 9})
    same = step("same", ASG, old={"maxSize": 3}, new={"maxSize": 3})
    found = preview(read_only, same)
    assert {change.operation for change in found.changes} == {"same"}


def _gcp_pool(
    before: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A group with its autoscaler."""
    old, new = {"autoscalingPolicy": before}, {"autoscalingPolicy": after}
    return step("same", MIG, old={}, new={}), step("update", AUTOSCALER, old=old, new=new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_scaled(6, "ON"), _scaled(4, "ON")),
        (_scaled(6, "ON"), _scaled(0, "ON")),
    ],
)
def test_a_gcp_pool_that_becomes_smaller_at_once_is_told(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    found = preview(*_gcp_pool(old, new))
    assert "Jobs are interrupted" in {line.rule for line in red_lines(found)}
    assert "end with their jobs, which start again" in comment(found)
    assert "finish their jobs and leave" not in comment(found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (_scaled(6), _scaled(4)),
        (_scaled(6), _scaled(0)),
        (_scaled(6, "ON"), _scaled(4)),
        (_scaled(0), _scaled(3)),
    ],
)
def test_a_gcp_pool_that_drains_or_grows_is_not_told(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    found = preview(*_gcp_pool(old, new))
    assert red_lines(found) == []
    assert "start again" not in comment(found)


def test_an_autoscaler_that_may_end_vms_is_told() -> None:
    def autoscaler(mode: str) -> dict[str, Any]:
        return {"autoscalingPolicy": {"minReplicas": 0, "maxReplicas": 2, "mode": mode}}

    group = step("same", MIG, old={}, new={})
    drains, ends = autoscaler("ONLY_SCALE_OUT"), autoscaler("ON")
    assert rules(group, step("update", AUTOSCALER, old=drains, new=ends)) == {
        "Jobs are interrupted"
    }
    assert rules(group, step("update", AUTOSCALER, old=ends, new=drains)) == set()
    assert rules(group, step("update", AUTOSCALER, old=drains, new=drains)) == set()
    assert rules(group, step("update", AUTOSCALER, old=ends, new=ends)) == set()
