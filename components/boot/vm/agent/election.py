"""Which VMs of a GCP group leave: the oldest, as many as the group has too many; pure.

Newcomers come last, so they move nobody, and every older list elects a part of the same row. VMs
that look at different times, each at its own list, need neither locks nor luck to agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WITHOUT_NUMBERS = frozenset(
    (
        "MISSING_CUSTOM_METRIC_DATA_POINTS",
        "CUSTOM_METRIC_DATA_POINTS_TOO_SPARSE",
        "CUSTOM_METRIC_INVALID",
        "UNKNOWN",
    )
)
"""Details of an autoscaler whose recommendation rests on no, or on old, numbers."""


class Member(NamedTuple):
    """A VM of the group; they sort from old to new."""

    created: float
    """Seconds since 1970."""
    name: str


def recommended_size(autoscaler: Mapping[str, Any]) -> int | None:
    """The size that the group needs; None means that nobody leaves.

    Only where the autoscaler itself makes the group no smaller. The recommended size holds the
    minimum of the schedules that are in force (API document of AutoscalingPolicyScalingSchedule).
    Where the policy leaves no choice, as in a paused pool, no numbers are needed.
    """
    policy = autoscaler.get("autoscalingPolicy", {})
    size = autoscaler.get("recommendedSize")
    details = {detail.get("type") for detail in autoscaler.get("statusDetails", ())}
    if policy.get("mode") not in ("ONLY_SCALE_OUT", "ONLY_UP"):
        return None
    if "maxNumReplicas" in policy and policy["maxNumReplicas"] == policy.get("minNumReplicas", 0):
        return policy["maxNumReplicas"]
    if size is None or autoscaler.get("status") != "ACTIVE" or details & _WITHOUT_NUMBERS:
        return None
    return max(size, policy.get("minNumReplicas", 0))


def is_surplus(members: Iterable[Member], own: str, recommended: int) -> bool:
    """Whether the VM named `own` is among those that leave."""
    row = sorted(members)
    return own in {member.name for member in row[: max(0, len(row) - recommended)]}
