"""Regional autoscalers (provider document of google_compute_region_autoscaler)."""

from pulumi_gcp import compute

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import (
    ComputeLifecycle,
    compute_type,
    pick,
    renamed,
)
from local_clouds.resource import Properties, ResourceType

_POLICY = {
    "minReplicas": "minNumReplicas",
    "maxReplicas": "maxNumReplicas",
    "cooldownPeriod": "coolDownPeriodSec",
    "mode": "mode",
    "stabilizationPeriod": "stabilizationPeriodSec",
}
_METRIC = {
    "name": "metric",
    "filter": "filter",
    "singleInstanceAssignment": "singleInstanceAssignment",
    "target": "utilizationTarget",
    "type": "utilizationTargetType",
}
_CPU = {"target": "utilizationTarget", "predictiveMethod": "predictiveMethod"}
_SCHEDULE = ("minRequiredReplicas", "schedule", "timeZone", "durationSec", "disabled")
_SCHEDULE += ("description",)


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    policy = "autoscalingPolicy"
    return [
        compute_type(
            "gcp:compute/regionAutoscaler:RegionAutoscaler",
            compute.RegionAutoscalerArgs,
            _AutoscalerLifecycle(
                api=api,
                collection="regionAutoscalers",
                argument="autoscaler",
                path="projects/{project}/regions/{region}/autoscalers/{name}",
                body=_body,
                outputs=_outputs,
            ),
            place="region",
            in_place=("autoscalingPolicy", "target", "description"),
            checks=(
                rules.one_of(f"{policy}.mode", "OFF", "ONLY_UP", "ON", "ONLY_SCALE_OUT"),
                rules.one_of(
                    f"{policy}.metrics[].type", "GAUGE", "DELTA_PER_SECOND", "DELTA_PER_MINUTE"
                ),
                rules.one_of(
                    f"{policy}.cpuUtilization.predictiveMethod", "NONE", "OPTIMIZE_AVAILABILITY"
                ),
            ),
        )
    ]


class _AutoscalerLifecycle(ComputeLifecycle):
    """Replaces the whole autoscaler on an update, as the provider does."""

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Put the new settings and read them back."""
        del state
        body = {"name": inputs["name"]} | _body(inputs)
        self.api.run(self.request("update", resource_id, body=body))
        return self.present(resource_id, inputs)


def _body(inputs: Properties) -> Properties:
    policy = inputs["autoscalingPolicy"]
    result = {"coolDownPeriodSec": 60, "mode": "ON"} | renamed(policy, _POLICY)
    if "metrics" in policy:
        result["customMetricUtilizations"] = [
            renamed(metric, _METRIC) for metric in policy["metrics"]
        ]
    if "cpuUtilization" in policy:
        cpu = {"predictiveMethod": "NONE"} | policy["cpuUtilization"]
        result["cpuUtilization"] = renamed(cpu, _CPU)
    if "scaleInControl" in policy:
        result["scaleInControl"] = policy["scaleInControl"]
    if "scalingSchedules" in policy:
        defaults = {"timeZone": "UTC", "disabled": False}
        result["scalingSchedules"] = {
            schedule["name"]: defaults | pick(schedule, _SCHEDULE)
            for schedule in policy["scalingSchedules"]
        }
    return pick(inputs, ("target", "description")) | {"autoscalingPolicy": result}


def _outputs(autoscaler: Properties, _: Properties) -> Properties:
    policy = autoscaler["autoscalingPolicy"]
    result = renamed(policy, {api: name for name, api in _POLICY.items()})
    if "customMetricUtilizations" in policy:
        names = {api: name for name, api in _METRIC.items()}
        result["metrics"] = [
            renamed(metric, names) for metric in policy["customMetricUtilizations"]
        ]
    if "cpuUtilization" in policy:
        names = {api: name for name, api in _CPU.items()}
        result["cpuUtilization"] = renamed(policy["cpuUtilization"], names)
    result |= pick(policy, ("scaleInControl",))
    if "scalingSchedules" in policy:
        result["scalingSchedules"] = [
            {"name": name, **schedule} for name, schedule in policy["scalingSchedules"].items()
        ]
    return {"target": autoscaler["target"], "autoscalingPolicy": result}
