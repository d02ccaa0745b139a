"""How long a VM takes to leave, and how long its cloud waits for it."""

import math

from components.boot.vm.agent.aws import HEARTBEAT_SECONDS
from components.boot.vm.agent.decision import LAST_RESORT_SECONDS, WAIT_LIMIT_SECONDS
from components.config.types import seconds

STOP_MARGIN_SECONDS = 300
"""Time that an executor has to report its last job after that job's own limit."""
_MOST_HEARTBEATS = 100
"""A lifecycle hook waits for so many times its timeout, and for 48 hours at most (Auto Scaling user
guide, "lifecycle hooks"). On GCP nothing waits: VMs take themselves out of the group."""

HOOK_SECONDS = min(WAIT_LIMIT_SECONDS, _MOST_HEARTBEATS * HEARTBEAT_SECONDS) - LAST_RESORT_SECONDS
"""The longest drain on AWS; what is left then is for the agent's last calls."""


def drain_seconds(maximum_runtime: str) -> int:
    """The longest drain of a VM whose jobs take at most `maximum_runtime`, a Go duration."""
    return math.ceil(seconds(maximum_runtime)) + STOP_MARGIN_SECONDS
