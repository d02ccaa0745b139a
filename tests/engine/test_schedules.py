"""A group's minimum in a window belongs to its scheduled actions; the tests run in this order."""

from typing import Any

import pytest

from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.stack import LocalStack, OperationError, Result
from tests import stacks
from tests.engine.conftest import stack

pytestmark = pytest.mark.engine
OFFICE = {"cron": "0 8 * * MON", "timeZone": "Europe/Berlin", "duration": "9h", "min": 4}


OTHER_IMAGE = {"image": "ami-0123456789abcdef1"}


def dev(clouds: Clouds, **settings: Any) -> LocalStack:
    """Both pools with the schedule; codeintel with changed settings."""
    schedules = {"schedules": {"office": OFFICE}}
    return stack(
        clouds, stacks.with_pools({"codeintel": schedules | settings, "batches": schedules})
    )


def touched(result: Result) -> dict[str, set[str]]:
    """Names by operation and type, of what does not stay as it is."""
    found: dict[str, set[str]] = {}
    for step in result.steps:
        if step.op != "same" and not step.type.startswith("pulumi:"):
            found.setdefault(f"{step.op} {step.type.rpartition(':')[2]}", set()).add(step.name)
    return found


def the_group(clouds: Clouds) -> dict[str, Any]:
    client = Clients(clouds.aws_endpoint)("autoscaling", "us-east-1")
    (group,) = client.describe_auto_scaling_groups()["AutoScalingGroups"]
    return group


def minimum(clouds: Clouds) -> int:
    return the_group(clouds)["MinSize"]


def perform(clouds: Clouds, size: int) -> None:
    """What a scheduled action does; moto performs none."""
    group = the_group(clouds)
    policy = group["MixedInstancesPolicy"]  # which moto forgets when it is left out
    del policy["LaunchTemplate"]["LaunchTemplateSpecification"]["LaunchTemplateName"]
    Clients(clouds.aws_endpoint)("autoscaling", "us-east-1").update_auto_scaling_group(
        AutoScalingGroupName=group["AutoScalingGroupName"],
        MinSize=size,
        MixedInstancesPolicy=policy,
    )


def test_up_makes_the_actions_and_leaves_the_minimum_as_it_is(clouds: Clouds) -> None:
    made = touched(dev(clouds).up())
    assert made["create Schedule"] == {
        "executors-codeintel-min-mon-0800",
        "executors-codeintel-min-mon-1700",
    }
    assert minimum(clouds) == 0


def test_neither_a_refresh_nor_an_update_ends_a_window(clouds: Clouds) -> None:
    perform(clouds, 4)
    dev(clouds).refresh()
    assert dev(clouds).preview().is_unchanged
    assert touched(dev(clouds, aws=OTHER_IMAGE).up()) == {
        "update LaunchTemplate": {"executors-codeintel"},
        "update Group": {"executors-codeintel"},
    }
    assert minimum(clouds) == 4


def test_another_size_replaces_the_action_and_nothing_else(clouds: Clouds) -> None:
    perform(clouds, 0)
    more = {"schedules": {"office": OFFICE | {"min": 5}}}
    name = {"executors-codeintel-min-mon-0800"}
    assert touched(dev(clouds, aws=OTHER_IMAGE, **more).up()) == {
        "delete-replaced Schedule": name,
        "replace Schedule": name,
        "create-replacement Schedule": name,
    }
    assert minimum(clouds) == 0


def test_a_pause_in_a_window_needs_a_refresh_and_takes_the_actions_away(clouds: Clouds) -> None:
    paused = dev(clouds, aws=OTHER_IMAGE, paused=True)
    paused.refresh()
    perform(clouds, 4)
    with pytest.raises(OperationError, match="Min bound, 4, must be at most max bound, 0"):
        paused.up()
    paused.refresh()
    assert len(touched(paused.up())["delete Schedule"]) == 2
    assert (minimum(clouds), the_group(clouds)["MaxSize"]) == (0, 0)
