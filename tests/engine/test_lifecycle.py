"""The dev stack's life on the real engine; the tests run in this order."""

from typing import Any

import pytest

from local_clouds import inventory
from local_clouds.clouds import Clouds
from local_clouds.stack import OperationError, Result
from local_clouds.stack_file import Secret
from tests import stacks
from tests.engine.conftest import stack
from tests.recorder import PROJECT

pytestmark = pytest.mark.engine
REGIONS = {"us-east-1"}


def touched(result: Result) -> dict[str, str]:
    """Operation by `Kind name` of everything that does not stay as it is; steps of one replacement
    are one `replace`."""
    found: dict[str, str] = {}
    for step in result.steps:
        if step.op != "same" and not step.type.startswith("pulumi:"):
            kind = f"{step.type.rpartition(':')[2]} {step.name}"
            found[kind] = "replace" if "replace" in step.op else step.op
    return found


def test_up_makes_everything_once(clouds: Clouds) -> None:
    result = stack(clouds, stacks.dev()).up()
    assert set(result.changes) == {"create"}
    assert not [d for d in result.diagnostics if d.severity in {"error", "warning"}]
    again = stack(clouds, stacks.dev()).up()
    assert again.is_unchanged, touched(again)


def test_refresh_finds_what_up_wrote(clouds: Clouds) -> None:
    assert stack(clouds, stacks.dev()).refresh().is_unchanged
    preview = stack(clouds, stacks.dev()).preview()
    assert preview.is_unchanged, touched(preview)


AWS_TEMPLATE = {
    "LaunchTemplate executors-codeintel": "update",
    "Group executors-codeintel": "update",
}
GCP_TEMPLATE = {
    "InstanceTemplate executors-batches": "replace",
    "RegionInstanceGroupManager executors-batches": "update",
}
OTHER_IMAGE = "projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-1"


CHANGES: list[tuple[dict[str, dict[str, Any]], dict[str, str]]] = [
    (
        {
            "codeintel": {"aws": {"image": "ami-0123456789abcdef1"}},
            "batches": {"gcp": {"image": OTHER_IMAGE}},
        },
        AWS_TEMPLATE | GCP_TEMPLATE,
    ),
    (
        {
            "codeintel": {"maximumRuntimePerJob": "45m"},
            "batches": {"gcp": {"machineType": "n2-standard-32"}},
        },
        AWS_TEMPLATE | GCP_TEMPLATE,
    ),
    (
        {"codeintel": {"max": 12}, "batches": {"max": 9}},
        {
            "Group executors-codeintel": "update",
            "Policy executors-codeintel-out-1": "update",
            "Policy executors-codeintel-in-0": "update",
            "MetricAlarm executors-codeintel-out-1": "update",
            "MetricAlarm executors-codeintel-in-0": "update",
            "RegionAutoscaler executors-batches": "update",
        },
    ),
    (
        {
            "codeintel": {"aws": {"zones": ["us-east-1a", "us-east-1b", "us-east-1c"]}},
            "batches": {"paused": True},
        },
        {
            "Subnet executors-us-east-1-us-east-1c": "create",
            "RouteTableAssociation executors-us-east-1-us-east-1c": "create",
            "Group executors-codeintel": "update",
            "RegionAutoscaler executors-batches": "update",
        },
    ),
    (
        {"codeintel": {"aws": {"machineTypes": ["m8i.4xlarge"]}}},
        {"Group executors-codeintel": "update"},
    ),
]


@pytest.mark.parametrize(("settings", "expected"), CHANGES)
def test_a_change_touches_what_it_must_and_no_group_is_replaced(
    clouds: Clouds, settings: dict[str, dict[str, Any]], expected: dict[str, str]
) -> None:
    result = stack(clouds, stacks.with_pools(settings)).preview()
    assert touched(result) == expected


def test_a_new_token_changes_the_secrets_and_no_vm(clouds: Clouds) -> None:
    config = stacks.dev() | {f"{PROJECT}:accessToken": Secret("another-token-0123456789")}
    result = touched(stack(clouds, config).preview())
    assert {name.partition(" ")[0] for name in result} == {"SecretVersion"}
    assert len(result) == 2


def test_an_applied_change_is_what_the_preview_said(clouds: Clouds) -> None:
    config = stacks.with_pool("batches", max=9, gcp={"image": OTHER_IMAGE})
    planned = touched(stack(clouds, config).preview())
    assert touched(stack(clouds, config).up()) == planned
    assert stack(clouds, config).up().is_unchanged


def test_a_bad_stack_is_refused_before_anything_is_made(clouds: Clouds) -> None:
    before = inventory.list_all(clouds, REGIONS)
    with pytest.raises(OperationError, match=r"pools\.codeintel\.max.*at least `min`") as refusal:
        stack(clouds, stacks.with_pool("codeintel", min=11), name="bad").up()
    assert not [
        step
        for step in refusal.value.result.steps
        if step.op == "create" and "executors:" in step.type
    ]
    assert "Traceback" not in str(refusal.value)
    assert inventory.list_all(clouds, REGIONS) == before


def test_destroy_leaves_nothing_and_up_works_again_at_once(clouds: Clouds) -> None:
    dev = stack(clouds, stacks.dev())
    dev.destroy()
    assert inventory.list_all(clouds, REGIONS) == set()
    assert set(dev.up().changes) == {"create"}
    dev.destroy()
    assert inventory.list_all(clouds, REGIONS) == set()
