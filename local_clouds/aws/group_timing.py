"""Lifecycle hook and scheduled action of an Auto Scaling group.

Force-new properties: the provider documents aws_autoscaling_lifecycle_hook and
aws_autoscaling_schedule. Limits: Auto Scaling API, PutLifecycleHook.
"""

from datetime import datetime

import pulumi_aws as aws

from local_clouds.aws.arns import arn
from local_clouds.aws.clients import Clients
from local_clouds.aws.group import put_hook
from local_clouds.aws.of_group import OfGroup
from local_clouds.resource import Autoname, Properties, ResourceType
from local_clouds.rules import all_of, between, each, matches, one_of

_NAME = r"[\x20-\x7e]{1,255}"
_SCHEDULE = {
    "minSize": "MinSize",
    "maxSize": "MaxSize",
    "desiredCapacity": "DesiredCapacity",
    "recurrence": "Recurrence",
    "startTime": "StartTime",
    "endTime": "EndTime",
    "timeZone": "TimeZone",
}


class LifecycleHook(OfGroup):
    """aws_autoscaling_lifecycle_hook."""

    unstored = frozenset({"notificationMetadata", "notificationTargetArn", "roleArn"})

    def make(self, inputs: Properties) -> str:
        """Create the hook."""
        self.require_group(inputs)
        put_hook(self.client(inputs), inputs["autoscalingGroupName"], inputs)
        return inputs["name"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the hook."""
        hooks = self.client(state).describe_lifecycle_hooks(
            AutoScalingGroupName=state["autoscalingGroupName"], LifecycleHookNames=[resource_id]
        )["LifecycleHooks"]
        if not hooks:
            return None
        return {
            "name": hooks[0]["LifecycleHookName"],
            "autoscalingGroupName": hooks[0]["AutoScalingGroupName"],
            "lifecycleTransition": hooks[0]["LifecycleTransition"],
            "defaultResult": hooks[0].get("DefaultResult", "ABANDON"),
            "heartbeatTimeout": hooks[0].get("HeartbeatTimeout", 3600),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Put the hook again."""
        del resource_id, state
        put_hook(self.client(inputs), inputs["autoscalingGroupName"], inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the hook."""
        self.client(state).delete_lifecycle_hook(
            AutoScalingGroupName=state["autoscalingGroupName"], LifecycleHookName=resource_id
        )


class Schedule(OfGroup):
    """aws_autoscaling_schedule."""

    unstored = frozenset({"startTime", "endTime", "timeZone"})

    def make(self, inputs: Properties) -> str:
        """Create the scheduled action."""
        self.require_group(inputs)
        self._put(inputs)
        return inputs["scheduledActionName"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the scheduled action."""
        actions = self.client(state).describe_scheduled_actions(
            AutoScalingGroupName=state["autoscalingGroupName"], ScheduledActionNames=[resource_id]
        )["ScheduledUpdateGroupActions"]
        if not actions:
            return None
        shown = {
            key: actions[0][api]
            for key, api in _SCHEDULE.items()
            if api in actions[0] and key not in self.unstored
        }
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
        del resource_id, state
        self._put(inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the action."""
        self.client(state).delete_scheduled_action(
            AutoScalingGroupName=state["autoscalingGroupName"], ScheduledActionName=resource_id
        )

    def _put(self, inputs: Properties) -> None:
        self.client(inputs).put_scheduled_update_group_action(
            AutoScalingGroupName=inputs["autoscalingGroupName"],
            ScheduledActionName=inputs["scheduledActionName"],
            **{api: inputs[key] for key, api in _SCHEDULE.items() if key in inputs},
        )


def _is_utc_time(text: str) -> bool:
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return False
    return True


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    hook_name = r"[A-Za-z0-9\-_/]{1,255}"
    time = "must be a UTC time such as 2030-01-31T18:00:00Z."
    return [
        ResourceType(
            token="aws:autoscaling/lifecycleHook:LifecycleHook",  # noqa: S106
            args=aws.autoscaling.LifecycleHookArgs,
            lifecycle=LifecycleHook(clients),
            force_new=frozenset({"region", "name", "autoscalingGroupName"}),
            in_place=LifecycleHook.unstored
            | {"lifecycleTransition", "defaultResult", "heartbeatTimeout"},
            autoname=Autoname(max_length=255, pattern=hook_name),
            check=all_of(
                matches("name", hook_name, "1 to 255 letters, digits or -_/"),
                one_of(
                    "lifecycleTransition",
                    "autoscaling:EC2_INSTANCE_LAUNCHING",
                    "autoscaling:EC2_INSTANCE_TERMINATING",
                ),
                one_of("defaultResult", "CONTINUE", "ABANDON"),
                between("heartbeatTimeout", 30, 7200),
            ),
        ),
        ResourceType(
            token="aws:autoscaling/schedule:Schedule",  # noqa: S106
            args=aws.autoscaling.ScheduleArgs,
            lifecycle=Schedule(clients),
            force_new=frozenset({"region", "scheduledActionName", "autoscalingGroupName"}),
            in_place=frozenset(_SCHEDULE),
            check=all_of(
                matches("scheduledActionName", _NAME, "1 to 255 printable characters"),
                each("startTime", _is_utc_time, time),
                each("endTime", _is_utc_time, time),
                each(
                    "",
                    lambda action: action.keys() & {"minSize", "maxSize", "desiredCapacity"},
                    "set at least one of minSize, maxSize and desiredCapacity.",
                ),
            ),
        ),
    ]
