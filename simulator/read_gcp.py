"""Pools on GCP, from the resources of a preview."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from components.scaling import GCP_METRIC
from components.tags import POOL
from preview import PreviewError, Resource, Resources
from simulator.declared import GcpPool, ScaleInControl, ScalingSchedule
from simulator.machine import Machine
from simulator.week import weekly

DEFAULT_STABILIZATION = 600.0
"""Seconds (Compute Engine, "Understanding autoscaler decisions")."""

_QUEUE = re.compile(r'metric\.labels\.queueName = "([^"]+)"')


def groups(resources: Resources) -> Iterator[tuple[Resource, Resource]]:
    """Group managers with their instance templates. Raises PreviewError."""
    for group in resources.of_type("InstanceGroupManager"):
        template = resources.behind(group, "versions", ":InstanceTemplate")
        if template is None:
            raise PreviewError(f"the group {group.name} has no template in the preview")
        yield group, template


def pool(resources: Resources, group: Resource, machine: Machine) -> GcpPool:
    """What a group manager and its autoscaler declare. Raises PreviewError."""
    template = resources.behind(group, "versions", ":InstanceTemplate")
    scheduling = template.inputs.get("scheduling", {}) if template else {}
    # What the program leaves out may be there as null.
    policy = {key: value for key, value in _policy(resources, group).items() if value is not None}
    smallest = int(policy["minReplicas"])
    return GcpPool(
        name=(template.tag(POOL) if template else None) or group.name,
        machine=machine,
        smallest=smallest,
        largest=int(policy["maxReplicas"]),
        first_size=smallest,
        zones=max(1, len(group.inputs.get("distributionPolicyZones") or ())),
        spot_part=float(scheduling.get("provisioningModel") == "SPOT"),
        replaces_running=group.inputs.get("updatePolicy", {}).get("type") == "PROACTIVE",
        mode=_mode(policy),
        series=dict(map(_series, policy.get("metrics", ()))),
        stabilization=float(policy.get("stabilizationPeriod", DEFAULT_STABILIZATION)),
        scale_in=_scale_in(policy.get("scaleInControl")),
        schedules=tuple(_schedules(policy)),
    )


def _policy(resources: Resources, group: Resource) -> Mapping[str, Any]:
    for autoscaler in resources.of_type("Autoscaler"):
        if resources.behind(autoscaler, "target", "InstanceGroupManager") is group:
            return autoscaler.inputs["autoscalingPolicy"]
    raise PreviewError(f"the group {group.name} has no autoscaler in the preview")


def _scale_in(control: Mapping[str, Any] | None) -> ScaleInControl | None:
    if control is None:
        return None
    most = control["maxScaledInReplicas"]
    fixed = most.get("fixed")
    return ScaleInControl(
        window=float(control["timeWindowSec"]),
        fixed=None if fixed is None else int(fixed),
        percent=int(most.get("percent", 0)),
    )


def _mode(policy: Mapping[str, Any]) -> str:
    mode = policy.get("mode", "ON")
    if mode not in ("ON", "ONLY_SCALE_OUT"):
        raise PreviewError(f"the mode {mode} is not simulated; ON and ONLY_SCALE_OUT are")
    return mode


def _series(metric: Mapping[str, Any]) -> tuple[str, float]:
    found = _QUEUE.search(metric.get("filter", ""))
    if metric["name"] != GCP_METRIC or found is None or "singleInstanceAssignment" not in metric:
        raise PreviewError(f"the metric {metric['name']} is not simulated; the queue size is")
    return found[1], float(metric["singleInstanceAssignment"])


def _schedules(policy: Mapping[str, Any]) -> Iterator[ScalingSchedule]:
    for one in policy.get("scalingSchedules", ()):
        if not one.get("disabled"):
            yield ScalingSchedule(
                at=weekly(one["name"], one["schedule"], one.get("timeZone")),
                seconds=float(one["durationSec"]),
                smallest=int(one["minRequiredReplicas"]),
            )
