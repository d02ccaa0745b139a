"""The autoscaler's decision (https://cloud.google.com/compute/docs/autoscaler/understanding-autoscaler-decisions).

Per-group metrics with a single-instance assignment are computed from the written time series.
CPU and per-instance targets have no data here, as no VM runs; stabilization and scale-in controls
are checked and stored, but not played out. A schedule that is in force raises the minimum of the
recommendation.
"""

import math

from local_clouds.gcp.server.scaling_schedules import active
from local_clouds.gcp.server.series import Selector, newest_sum
from local_clouds.gcp.server.state import Cloud, Json


def apply(cloud: Cloud, group_name: str, autoscaler: Json, group: Json) -> None:
    """Set the autoscaler's recommended size and status, and the group's target size by its mode."""
    policy = autoscaler["autoscalingPolicy"]
    if policy["mode"] == "OFF":
        autoscaler.pop("recommendedSize", None)
        autoscaler["statusDetails"] = [_detail("MODE_OFF", "Autoscaling is turned off.")]
        return
    details = []
    if policy["mode"] == "ONLY_SCALE_OUT":
        details.append(_detail("MODE_ONLY_SCALE_OUT", "The group is only scaled out."))
    needed = _needed(cloud, group_name.split("/")[1], policy)
    if needed is None:
        needed = group["targetSize"]
        message = "The autoscaler found no data points of a custom metric."
        details.append(_detail("MISSING_CUSTOM_METRIC_DATA_POINTS", message))
    low, high = policy["minNumReplicas"], policy["maxNumReplicas"]
    schedules = policy.get("scalingSchedules", {})
    autoscaler["scalingScheduleStatus"] = states = {
        name: {"state": _state(cloud, schedule)} for name, schedule in schedules.items()
    }
    sizes = [schedule["minRequiredReplicas"] for schedule in schedules.values()]
    if max(sizes, default=low) > high:
        message = f"A schedule asks for more than the maximum of {high}."
        details.append(_detail("SCHEDULED_INSTANCES_GREATER_THAN_AUTOSCALER_MAX", message))
    if min(sizes, default=low) < low:
        message = f"A schedule asks for less than the minimum of {low}."
        details.append(_detail("SCHEDULED_INSTANCES_LESS_THAN_AUTOSCALER_MIN", message))
    in_force = [name for name, status in states.items() if status["state"] == "ACTIVE"]
    low = max([low, *(schedules[name]["minRequiredReplicas"] for name in in_force)])
    if needed > high:
        message = f"{needed} instances are needed, more than the maximum of {high}."
        details.append(_detail("CAPPED_AT_MAX_NUM_REPLICAS", message))
    recommended = min(max(needed, low), high)
    autoscaler |= {"recommendedSize": recommended, "statusDetails": details}
    if policy["mode"] == "ON" or recommended > group["targetSize"]:
        group["targetSize"] = recommended


def _state(cloud: Cloud, schedule: Json) -> str:
    if schedule.get("disabled"):
        return "DISABLED"
    return "ACTIVE" if active(schedule, cloud.now()) else "READY"


def _needed(cloud: Cloud, project: str, policy: Json) -> int | None:
    needs = []
    for metric in policy.get("customMetricUtilizations", []):
        if "singleInstanceAssignment" not in metric:
            return None
        selector = Selector.parse(metric.get("filter", ""), "filter")
        name = metric.get("metric") or selector.metric_type or ""
        total = newest_sum(cloud, project, name, selector)
        if total is None:
            return None
        needs.append(math.ceil(total / metric["singleInstanceAssignment"]))
    return max(needs, default=None)


def _detail(kind: str, message: str) -> Json:
    return {"type": kind, "message": message}
