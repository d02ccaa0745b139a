"""Alert policies of Cloud Monitoring.

Source: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies.
"""

import re

from local_clouds.gcp.server import labels
from local_clouds.gcp.server.errors import invalid, not_found
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json

_POLICIES = "monitoring.projects.alertPolicies"
_MOST_CONDITIONS = 6
_SHORTEST_ABSENCE = 120


@handles(f"{_POLICIES}.create")
def _create(cloud: Cloud, call: Call) -> Json:
    name = f"{call.path}/{cloud.new_id()}"
    return cloud.add(name, _checked(call.body, name))


@handles(f"{_POLICIES}.get")
def _get(cloud: Cloud, call: Call) -> Json:
    return cloud.get(call.path)


@handles(f"{_POLICIES}.patch")
def _patch(cloud: Cloud, call: Call) -> Json:
    policy = cloud.get(call.path)
    policy.update(_checked(policy | call.body, call.path))
    return policy


@handles(f"{_POLICIES}.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    cloud.remove(call.path)
    return {}


def _checked(policy: Json, name: str) -> Json:
    conditions = policy.get("conditions", [])
    if not policy.get("displayName"):
        raise invalid("Field alert_policy.display_name must be set.")
    if policy.get("combiner", "COMBINE_UNSPECIFIED") == "COMBINE_UNSPECIFIED":
        raise invalid("Field alert_policy.combiner must be set.")
    if not 1 <= len(conditions) <= _MOST_CONDITIONS:
        raise invalid(f"An alert policy has 1 to {_MOST_CONDITIONS} conditions.")
    labels.check(policy.get("userLabels"), "alert_policy.user_labels")
    for channel in policy.get("notificationChannels", []):
        # There is no way to make one here.
        raise not_found(channel)
    complete = [
        {"name": f"{name}/conditions/{index}"} | _condition(condition, index)
        for index, condition in enumerate(conditions)
    ]
    return {"enabled": True} | policy | {"name": name, "conditions": complete}


def _condition(condition: Json, index: int) -> Json:
    at = f"alert_policy.conditions[{index}]"
    kinds = [kind for kind in ("conditionThreshold", "conditionAbsent") if kind in condition]
    if len(kinds) != 1 or not condition.get("displayName"):
        raise invalid(f"Field {at} needs a display name and one condition.")
    body = condition[kinds[0]]
    for term in ("metric.type", "resource.type"):
        if not re.search(rf'\b{re.escape(term)} = "[^"]+"', body.get("filter", "")):
            raise invalid(f"Field {at}.filter must name one {term}.")
    seconds = _seconds(body.get("duration", ""), f"{at}.duration")
    if kinds[0] == "conditionAbsent" and seconds < _SHORTEST_ABSENCE:
        raise invalid(f"Field {at}.duration must be at least {_SHORTEST_ABSENCE}s for an absence.")
    for aggregation in body.get("aggregations", []):
        period = f"{at}.aggregations.alignment_period"
        if _seconds(aggregation.get("alignmentPeriod", ""), period) == 0:
            raise invalid(f"Field {period} must be at least 60s.")
    comparison = body.get("comparison")
    if kinds[0] == "conditionThreshold" and comparison not in {"COMPARISON_GT", "COMPARISON_LT"}:
        raise invalid(f"Field {at}.comparison must be COMPARISON_GT or COMPARISON_LT.")
    return condition


def _seconds(text: str, at: str) -> int:
    match = re.fullmatch(r"(\d+)s", text)
    if match is None or int(match[1]) % 60:
        raise invalid(f"Field {at} had an invalid value of '{text}': it must be a multiple of 60s.")
    return int(match[1])
