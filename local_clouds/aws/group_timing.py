"""Lifecycle hook of an Auto Scaling group.

Force-new properties: the provider document aws_autoscaling_lifecycle_hook. Limits: Auto Scaling
API, PutLifecycleHook.
"""

import pulumi_aws as aws

from local_clouds.aws.clients import Clients
from local_clouds.aws.group import put_hook
from local_clouds.aws.of_group import OfGroup
from local_clouds.resource import Autoname, Properties, ResourceType
from local_clouds.rules import all_of, between, matches, one_of


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


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    hook_name = r"[A-Za-z0-9\-_/]{1,255}"
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
    ]
