"""The agent's view of AWS: metadata, and calls of EC2 Auto Scaling."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

from ..aws_query import AwsQuery
from ..web import UnavailableError
from .decision import Reason

if TYPE_CHECKING:
    from ..aws_api import AwsApi

HOOK = "drain"
"""Name of the group's lifecycle hook for `autoscaling:EC2_INSTANCE_TERMINATING`."""
HEARTBEAT_SECONDS = 1800
"""The hook's heartbeat timeout. 100 of them exceed the 48 hours after which no heartbeat counts,
and a VM that died is given up after one."""


class AwsGroup:
    """The VM's Auto Scaling group."""

    beat_seconds = HEARTBEAT_SECONDS / 4

    def __init__(
        self, api: AwsApi, endpoint: str = "https://autoscaling.{region}.{suffix}"
    ) -> None:
        self._imds = api.imds
        self._autoscaling = AwsQuery(api, "autoscaling", "2011-01-01", endpoint=endpoint)
        self._name: str | None = None

    def notice(self) -> tuple[Reason | None, bool]:
        """The most urgent notice, and whether the group waits for the hook."""
        held = self._imds.find("autoscaling/target-lifecycle-state") == "Terminated"
        if self._interrupted():
            return Reason.SPOT, held
        if held:
            return Reason.SCALE_IN, held
        if self._imds.find("events/recommendations/rebalance") is not None:
            return Reason.REBALANCE, held
        return None, held

    def surplus(self) -> bool:
        """Never by itself: the group says which VM leaves."""
        return False

    def retire(self) -> None:
        """End this VM; the group's policy alone owns its size, so the group replaces it."""
        self._call("TerminateInstanceInAutoScalingGroup", ShouldDecrementDesiredCapacity="false")

    def beat(self) -> None:
        """Have the hook wait for another `HEARTBEAT_SECONDS`."""
        self._call("RecordLifecycleActionHeartbeat", **self._hook())

    def complete(self) -> None:
        """Have the group end this VM now."""
        self._call("CompleteLifecycleAction", **self._hook(), LifecycleActionResult="CONTINUE")

    def _interrupted(self) -> bool:
        text = self._imds.find("spot/instance-action")
        try:
            # A hibernation or a stop takes the jobs too.
            return text is not None and "action" in json.loads(text)
        except (ValueError, TypeError):
            return False

    def _hook(self) -> dict[str, str]:
        if self._name is None:
            fields = {"InstanceIds.member.1": self._imds.get("instance-id")}
            answer = self._autoscaling.call("DescribeAutoScalingInstances", fields)
            found = re.search("<AutoScalingGroupName>([^<]+)<", answer)
            if found is None:
                raise UnavailableError("the VM is in no Auto Scaling group")
            self._name = html.unescape(found[1])
        return {"AutoScalingGroupName": self._name, "LifecycleHookName": HOOK}

    def _call(self, action: str, **fields: str) -> None:
        self._autoscaling.call(action, {"InstanceId": self._imds.get("instance-id"), **fields})
