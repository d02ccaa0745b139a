"""Scheduled action of an Auto Scaling group. moto keeps actions, and performs none.

Force-new properties: the provider document aws_autoscaling_schedule. Limits: Auto Scaling API,
PutScheduledUpdateGroupAction; its user guide, "Scheduled scaling"; its quotas.
"""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pulumi_aws as aws

from local_clouds.aws.arns import arn
from local_clouds.aws.clients import Clients
from local_clouds.aws.of_group import OfGroup
from local_clouds.resource import CloudError, Failure, Properties, ResourceType
from local_clouds.rules import all_of, each, matches

MAX_ACTIONS = 125
_NAME = r"[\x20-\x7e]{1,255}"
_SIZES = {"minSize": "MinSize", "maxSize": "MaxSize", "desiredCapacity": "DesiredCapacity"}
_UNCHANGED = -1
_TIMING = {
    "recurrence": "Recurrence",
    "startTime": "StartTime",
    "endTime": "EndTime",
    "timeZone": "TimeZone",
}
_FIELD = r"(\*|[0-9]+(-[0-9]+)?)(/[0-9]+)?"
_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


class Schedule(OfGroup):
    """aws_autoscaling_schedule."""

    unstored = frozenset({"startTime", "endTime", "timeZone"})

    def make(self, inputs: Properties) -> str:
        """Create the scheduled action."""
        self.require_group(inputs)
        self._require_room(inputs)
        self._put(inputs)
        return inputs["scheduledActionName"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the scheduled action."""
        actions = self.client(state).describe_scheduled_actions(
            AutoScalingGroupName=state["autoscalingGroupName"], ScheduledActionNames=[resource_id]
        )["ScheduledUpdateGroupActions"]
        if not actions:
            return None
        shown = {key: actions[0].get(api, _UNCHANGED) for key, api in _SIZES.items()}
        if "Recurrence" in actions[0]:
            shown["recurrence"] = actions[0]["Recurrence"]
        group = f"autoScalingGroupName/{state['autoscalingGroupName']}"
        path = f"scheduledUpdateGroupAction:*:{group}:scheduledActionName/{resource_id}"
        return {
            "arn": arn("autoscaling", state["region"], path),  # moto has none
            "scheduledActionName": actions[0]["ScheduledActionName"],
            "autoscalingGroupName": actions[0]["AutoScalingGroupName"],
            **shown,
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Put the action again."""
        del state
        if "recurrence" in inputs and "startTime" not in inputs:
            # The provider sends the start that it recorded.
            message = f"{resource_id}: AWS refuses its start once that is past; replace the action."
            raise CloudError(message)
        self._put(inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the action."""
        self.client(state).delete_scheduled_action(
            AutoScalingGroupName=state["autoscalingGroupName"], ScheduledActionName=resource_id
        )

    def _put(self, inputs: Properties) -> None:
        sizes = {api: inputs[key] for key, api in _SIZES.items() if inputs[key] != _UNCHANGED}
        self.client(inputs).put_scheduled_update_group_action(
            AutoScalingGroupName=inputs["autoscalingGroupName"],
            ScheduledActionName=inputs["scheduledActionName"],
            **{api: inputs[key] for key, api in _TIMING.items() if key in inputs},
            **sizes,
        )

    def _require_room(self, inputs: Properties) -> None:
        name, group = inputs["scheduledActionName"], inputs["autoscalingGroupName"]
        found = self.client(inputs).describe_scheduled_actions()["ScheduledUpdateGroupActions"]
        if any(a["ScheduledActionName"] == name for a in found):
            # AWS keeps actions by group, moto by name alone, and AWS would overwrite one's own.
            message = f"There is a scheduled action {name} already; moto cannot hold two."
            raise CloudError(message)
        own = [action for action in found if action["AutoScalingGroupName"] == group]
        if len(own) >= MAX_ACTIONS:
            raise CloudError(f"LimitExceeded: {group} has {MAX_ACTIONS} scheduled actions already.")
        times = [(a.get("Recurrence"), a.get("TimeZone")) for a in own]
        if (inputs.get("recurrence"), inputs.get("timeZone")) in times:
            raise CloudError(f"{name}: a scheduled action with this start time exists already.")


def _is_utc_time(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return False
    return True


def _is_cron(text: str) -> bool:
    """Unix cron in numbers; AWS may take names, too."""
    fields = text.split()
    return len(fields) == len(_FIELDS) and all(
        re.fullmatch(_FIELD, part)
        and all(low <= int(n) <= high for n in re.findall("[0-9]+", part.partition("/")[0]))
        for field, (low, high) in zip(fields, _FIELDS, strict=True)
        for part in field.split(",")
    )


def _is_time_zone(text: str) -> bool:
    try:
        return "/" in text and ZoneInfo(text).key == text
    except (ValueError, LookupError, OSError):
        return False


def _check_sizes(inputs: Properties) -> list[Failure]:
    """What is left out is sent as 0, which no one means."""
    reason = "is 0 when it is left out; set -1 for no change."
    failures = [Failure(key, reason) for key in _SIZES if key not in inputs]
    sizes: list[Any] = [inputs.get(key) for key in ("minSize", "desiredCapacity", "maxSize")]
    known = [size for size in sizes if isinstance(size, int) and size != _UNCHANGED]
    if isinstance(sizes[0], int) and not known:
        failures.append(Failure("minSize", "at least one size must be set."))
    if known != sorted(known) or any(size < 0 for size in known):
        failures.append(Failure("minSize", "must hold: 0 <= min <= desired <= max."))
    return failures


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    time = "must be a UTC time such as 2030-01-31T18:00:00Z."
    return [
        ResourceType(
            token="aws:autoscaling/schedule:Schedule",  # noqa: S106
            args=aws.autoscaling.ScheduleArgs,
            lifecycle=Schedule(clients),
            force_new=frozenset({"region", "scheduledActionName", "autoscalingGroupName"}),
            in_place=frozenset({*_SIZES, *_TIMING}),
            check=all_of(
                matches("scheduledActionName", _NAME, "1 to 255 printable characters"),
                each("startTime", _is_utc_time, time),
                each("endTime", _is_utc_time, time),
                each("recurrence", _is_cron, "must be five fields of Unix cron, in numbers."),
                each("timeZone", _is_time_zone, "must be the canonical name of a time zone."),
                _check_sizes,
            ),
        ),
    ]
