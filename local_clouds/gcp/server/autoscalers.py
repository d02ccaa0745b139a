"""Regional autoscalers.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/regionAutoscalers and
.../compute/docs/autoscaler/scaling-cloud-monitoring-metrics.
"""

import re

from local_clouds.gcp.server import compute, scaling_schedules
from local_clouds.gcp.server.errors import invalid, invalid_field
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.series import Selector
from local_clouds.gcp.server.state import Cloud, Json

_MOST_METRICS = 5
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_AUTOSCALED_SHAPES = {"EVEN", "BALANCED"}
_LONGEST_SECONDS = 3600


def of_group(cloud: Cloud, self_link: str) -> Json | None:
    """The autoscaler whose target is that group, if there is one."""
    for _, autoscaler in cloud.of_collection("autoscalers"):
        if autoscaler["target"] == self_link:
            return autoscaler
    return None


@handles("compute.regionAutoscalers.insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    name = call.body.get("name", "")
    if not _NAME.fullmatch(name):
        raise invalid_field("resource.name", name, f"Must be a match of regex '{_NAME.pattern}'")
    return compute.insert(cloud, call, _complete(cloud, call, call.body, None))


@handles("compute.regionAutoscalers.patch", "compute.regionAutoscalers.update")
def _patch(cloud: Cloud, call: Call) -> Json:
    name = f"{call.path}/{call.params.get('autoscaler') or call.body.get('name')}"
    autoscaler = cloud.get(name)
    changes = dict(call.body)
    if call.method.endswith(".patch") and "autoscalingPolicy" in changes:
        policy = autoscaler["autoscalingPolicy"] | changes["autoscalingPolicy"]
        changes["autoscalingPolicy"] = policy
    autoscaler.update(_complete(cloud, call, autoscaler | changes, autoscaler))
    return compute.operation(cloud, call, name, autoscaler)


@handles("compute.regionAutoscalers.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    return compute.delete(cloud, call)


def _complete(cloud: Cloud, call: Call, body: Json, present: Json | None) -> Json:
    target = compute.require(
        cloud, body.get("target", ""), "resource.target", "instanceGroupManagers", call.place
    )
    other = of_group(cloud, compute.link(target))
    if other is not None and other is not present:
        message = (
            f"The instance group manager '{target}' already has the autoscaler '{other['name']}'."
        )
        raise invalid(message)
    shape = cloud.get(target)["distributionPolicy"]["targetShape"]
    if shape not in _AUTOSCALED_SHAPES:
        raise invalid(f"Autoscaling is not supported for target distribution shape {shape}.")
    policy = {
        "coolDownPeriodSec": 60,
        "mode": "ON",
        "stabilizationPeriodSec": 600,
    } | body.get("autoscalingPolicy", {})
    policy["mode"] = policy["mode"].replace("ONLY_UP", "ONLY_SCALE_OUT")
    if not any(
        policy.get(f) for f in ("cpuUtilization", "customMetricUtilizations", "scalingSchedules")
    ):
        policy["cpuUtilization"] = {"utilizationTarget": 0.6, "predictiveMethod": "NONE"}
    _check_policy(policy, "resource.autoscalingPolicy")
    return body | {"target": compute.link(target), "autoscalingPolicy": policy, "status": "ACTIVE"}


def _check_policy(policy: Json, at: str) -> None:
    if "maxNumReplicas" not in policy:
        raise invalid_field(f"{at}.maxNumReplicas", "", "No value was given.")
    metrics = policy.get("customMetricUtilizations", [])
    if len(metrics) > _MOST_METRICS:
        raise invalid_field(f"{at}.customMetricUtilizations", len(metrics), "At most 5 metrics.")
    per_group = [
        _check_metric(m, f"{at}.customMetricUtilizations[{i}]") for i, m in enumerate(metrics)
    ]
    low = policy.setdefault("minNumReplicas", 0 if all(per_group) and per_group else 2)
    if low < 0 or policy["maxNumReplicas"] < low:
        rule = f"Must be from 0 to maxNumReplicas ({policy['maxNumReplicas']})."
        raise invalid_field(f"{at}.minNumReplicas", low, rule)
    if low == 0 and not (any(per_group) or policy.get("scalingSchedules")):
        rule = "Scaling to 0 needs a per-group metric: per-instance metrics and CPU need a VM."
        raise invalid_field(f"{at}.minNumReplicas", low, rule)
    for field in ("coolDownPeriodSec", "stabilizationPeriodSec"):
        if not 0 <= policy[field] <= _LONGEST_SECONDS:
            raise invalid_field(f"{at}.{field}", policy[field], "Must be from 0 to 3600 seconds.")
    if "scaleInControl" in policy:
        _check_scale_in(policy["scaleInControl"], f"{at}.scaleInControl")
    target = policy.get("cpuUtilization", {}).get("utilizationTarget", 0.6)
    if not 0 < target <= 1:
        raise invalid_field(f"{at}.cpuUtilization.utilizationTarget", target, "Must be in (0, 1].")
    scaling_schedules.check(policy.get("scalingSchedules", {}), f"{at}.scalingSchedules")
    signals = ("cpuUtilization", "customMetricUtilizations", "loadBalancingUtilization")
    if not any(policy.get(signal) for signal in signals):
        raise invalid("Scaling schedules need another autoscaling signal beside them.")


def _check_scale_in(control: Json, at: str) -> None:
    most, window = control.get("maxScaledInReplicas", {}), control.get("timeWindowSec", 0)
    if len(most.keys() & {"fixed", "percent"}) != 1:
        raise invalid_field(f"{at}.maxScaledInReplicas", most, "Either fixed or percent is needed.")
    if not 0 <= most.get("percent", 0) <= 100 or most.get("fixed", 1) <= 0:
        rule = "A percentage is from 0 to 100, a fixed number is positive."
        raise invalid_field(f"{at}.maxScaledInReplicas", most, rule)
    if not 0 < window <= _LONGEST_SECONDS:
        raise invalid_field(f"{at}.timeWindowSec", window, "Must be from 1 to 3600 seconds.")


def _check_metric(metric: Json, at: str) -> bool:
    selector = Selector.parse(metric.get("filter", ""), f"{at}.filter")
    if not metric.get("metric") and not selector.metric_type:
        raise invalid_field(f"{at}.metric", "", "No value was given.")
    if selector.metric_type not in {None, metric.get("metric") or selector.metric_type}:
        raise invalid_field(f"{at}.filter", metric["filter"], "It selects another metric type.")
    per_group = selector.resource_type not in {None, "gce_instance"}
    assignment, target = metric.get("singleInstanceAssignment"), metric.get("utilizationTarget")
    if (assignment is None) == (target is None):
        message = (
            f"Exactly one of '{at}.utilizationTarget' and '.singleInstanceAssignment' is needed."
        )
        raise invalid(message)
    value = target if assignment is None else assignment
    if value is None or value <= 0:
        raise invalid_field(at, value, "The target or the assignment must be positive.")
    if assignment is not None and not per_group:
        rule = "singleInstanceAssignment needs a filter whose resource.type is not gce_instance."
        raise invalid_field(f"{at}.filter", metric.get("filter", ""), rule)
    if assignment is None and not metric.get("utilizationTargetType"):
        raise invalid_field(f"{at}.utilizationTargetType", "", "No value was given.")
    return per_group
