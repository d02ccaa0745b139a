"""The VMs of one pool as its resources declare them, before or after the change."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from preview import Boot, BootScriptError, Change, boot_of
from preview.values import at

GROUPS = (
    "aws:autoscaling/group:Group",
    "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",
)
TEMPLATES = (
    "aws:ec2/launchTemplate:LaunchTemplate",
    "gcp:compute/instanceTemplate:InstanceTemplate",
)
AUTOSCALER = "gcp:compute/regionAutoscaler:RegionAutoscaler"
_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_MODE = ("autoscalingPolicy", "mode")
_DISTRIBUTION = ("mixedInstancesPolicy", "instancesDistribution")

Inputs = Mapping[str, Any]
Side = Callable[[Change], Inputs | None]
"""Takes a change's inputs before it, or after it."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """What is known of a pool's VMs; None where the preview does not know."""

    smallest: int | None
    largest: int | None
    machine_types: tuple[str, ...]
    """The preferred one first; empty while unknown."""
    on_demand_base: int
    """VMs that are never spot."""
    spot_percent: int
    """Part of the others that is spot."""
    places: tuple[str, ...]
    """AWS: ids of the subnets that VMs start in. GCP: zones. Empty while unknown."""
    jobs_per_vm: str
    """Jobs that one VM is started for, per queue where queues differ; empty for a fixed size."""
    drains: bool
    """Whether VMs that become too many finish their jobs first: an AWS group holds them, and a GCP
    autoscaler that only adds VMs leaves it to them."""
    template: Inputs
    boot: Boot | None

    @property
    def is_paused(self) -> bool:
        """Whether it keeps no VM, whatever the queue holds."""
        return self.largest == 0

    def shrinks_to(self, other: "Fleet") -> bool:
        """Whether it may have more VMs than `other` allows; unknown sizes say nothing."""
        if self.largest is None or other.largest is None:
            return False
        return other.largest < self.largest


def before(change: Change) -> Inputs | None:
    """Inputs of a resource before the change."""
    return None if change.before is None else change.before.inputs


def after(change: Change) -> Inputs | None:
    """Inputs of a resource after the change."""
    return None if change.after is None else change.after.inputs


def fleet(changes: Iterable[Change], side: Side) -> Fleet | None:
    """The VMs that a pool's resources declare on one side of the change; None without a group."""
    found = [(change.type, inputs) for change in changes if (inputs := side(change)) is not None]
    group = _first(found, *GROUPS)
    if group is None:
        return None
    template = _first(found, *TEMPLATES) or {}
    autoscaler = _first(found, AUTOSCALER)
    percent = at(group, *_DISTRIBUTION, "onDemandPercentageAboveBaseCapacity")
    spot = at(template, "scheduling", "provisioningModel") == "SPOT"
    smallest, largest = _sizes(group, autoscaler)
    return Fleet(
        smallest=smallest,
        largest=largest,
        machine_types=_machine_types(group, template),
        on_demand_base=at(group, *_DISTRIBUTION, "onDemandBaseCapacity") or 0,
        spot_percent=100 * spot if percent is None else 100 - percent,
        places=tuple(at(group, "vpcZoneIdentifiers") or at(group, "distributionPolicyZones") or ()),
        jobs_per_vm=_jobs_per_vm(autoscaler, _first(found, _ALARM)),
        drains="maxSize" in group or at(autoscaler, *_MODE) == "ONLY_SCALE_OUT",
        template=template,
        boot=boot(template),
    )


def boot(template: Inputs) -> Boot | None:
    """A template's boot script, None while it is not known or is of another kind."""
    try:
        return boot_of(template)
    except BootScriptError:
        return None


def _first(found: Iterable[tuple[str, Inputs]], *types: str) -> Inputs | None:
    return next((inputs for kind, inputs in found if kind in types), None)


def _sizes(group: Inputs, autoscaler: Inputs | None) -> tuple[int | None, int | None]:
    if "maxSize" in group:
        return at(group, "minSize"), at(group, "maxSize")
    policy = at(autoscaler, "autoscalingPolicy")
    return at(policy, "minReplicas"), at(policy, "maxReplicas")


def _machine_types(group: Inputs, template: Inputs) -> tuple[str, ...]:
    overrides = at(group, "mixedInstancesPolicy", "launchTemplate", "overrides") or []
    kinds = [at(override, "instanceType") for override in overrides]
    kinds = kinds or [at(template, "machineType")]
    return tuple(kind for kind in kinds if kind is not None)


def _jobs_per_vm(autoscaler: Inputs | None, alarm: Inputs | None) -> str:
    if autoscaler is not None:
        jobs = at(autoscaler, "autoscalingPolicy", "metrics", 0, "singleInstanceAssignment")
        return "" if jobs is None else f"{jobs:g}"
    queries = (at(alarm, "metricQueries") or []) if alarm else []
    wanted = next((at(query, "expression") for query in queries if at(query, "id") == "wanted"), "")
    parts = [(name, f"{float(jobs):g}") for name, jobs in _WEIGHTS.findall(wanted or "")]
    if len({jobs for _, jobs in parts}) == 1:
        return parts[0][1]
    return ", ".join(f"{jobs} of {name}" for name, jobs in parts)


_WEIGHTS = re.compile(r"\bq_(\w+) / ([\d.]+)")
"""A queue and its jobs per VM in the alarm's expression `wanted` (`components/step_scaling.py`)."""
