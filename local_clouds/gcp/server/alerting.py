"""Cloud Monitoring: alert policies, and the notification channels that they name.

Rules: https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies and
https://cloud.google.com/monitoring/quotas. Policies are kept and never evaluated.
"""

import re

from local_clouds.gcp.server import labels
from local_clouds.gcp.server.errors import ApiError, invalid, not_found, not_implemented
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json

_POLICIES = "monitoring.projects.alertPolicies"
_CHANNELS = "monitoring.projects.notificationChannels"
_KINDS = ("conditionPrometheusQueryLanguage", "conditionMatchedLog")
_KINDS += ("conditionThreshold", "conditionAbsent")
_ALONE = {"conditionPrometheusQueryLanguage", "conditionMatchedLog"}
_DURATION = re.compile(r"(\d+)(?:\.\d{1,9})?s")
_METRIC = re.compile(r"\b([a-z][a-z0-9_]*_googleapis_com):([A-Za-z0-9_]+)\b")
_MOST_CONDITIONS, _MOST_CHANNELS = 6, 16
_MOST_NAME, _MOST_CONTENT = 512, 8192
_INTERVAL_SECONDS = 30
_SHORTEST_ABSENCE = 120
_AUTO_CLOSE = (1800, 7 * 86400)


@handles(f"{_POLICIES}.create")
def _create(cloud: Cloud, call: Call) -> Json:
    project = "/".join(call.path.split("/")[:2])
    name = f"{project}/alertPolicies/{cloud.new_id()}"
    record = {"mutateTime": cloud.timestamp(), "mutatedBy": "local@example.com"}
    policy = _complete(cloud, call, name, {"enabled": True} | call.body)
    return cloud.add(name, policy | {"creationRecord": record, "mutationRecord": record})


@handles(f"{_POLICIES}.get", f"{_CHANNELS}.get")
def _get(cloud: Cloud, call: Call) -> Json:
    return cloud.get(call.path)


@handles(f"{_POLICIES}.list")
def _list(cloud: Cloud, call: Call) -> Json:
    return page(call, cloud.children(call.path), "alertPolicies", "pageSize")


@handles(f"{_POLICIES}.patch")
def _patch(cloud: Cloud, call: Call) -> Json:
    policy = cloud.get(call.path)
    fields = [field for field in call.params.get("updateMask", "").split(",") if field]
    if not fields:
        raise not_implemented("alertPolicies.patch without updateMask")
    wanted = {key: value for key, value in policy.items() if key not in fields}
    wanted |= {field: call.body[field] for field in fields if field in call.body}
    record = {"mutateTime": cloud.timestamp(), "mutatedBy": "local@example.com"}
    complete = _complete(cloud, call, call.path, wanted) | {"mutationRecord": record}
    cloud.resources[call.path] = complete
    return complete


@handles(f"{_POLICIES}.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    cloud.remove(call.path)
    return {}


@handles(f"{_CHANNELS}.create")
def _create_channel(cloud: Cloud, call: Call) -> Json:
    if call.body.get("type") != "email" or "email_address" not in call.body.get("labels", {}):
        raise not_implemented("A notification channel other than email with email_address")
    project = "/".join(call.path.split("/")[:2])
    name = f"{project}/notificationChannels/{cloud.new_id()}"
    return cloud.add(name, {"enabled": True} | call.body | {"name": name})


@handles(f"{_CHANNELS}.list")
def _list_channels(cloud: Cloud, call: Call) -> Json:
    return page(call, cloud.children(call.path), "notificationChannels", "pageSize")


@handles(f"{_CHANNELS}.delete")
def _delete_channel(cloud: Cloud, call: Call) -> Json:
    for name, policy in cloud.of_collection("alertPolicies"):
        if call.path in policy.get("notificationChannels", []):
            message = f"Cannot delete a notification channel that the policy {name} uses."
            raise ApiError(400, "failedPrecondition", message, "FAILED_PRECONDITION")
    cloud.remove(call.path)
    return {}


def _complete(cloud: Cloud, call: Call, name: str, policy: Json) -> Json:
    """A policy with the names of its conditions; raises 400 or 404 when it breaks a rule."""
    at = "alert_policy"
    _text(policy, "displayName", _MOST_NAME, at)
    if policy.get("combiner") in (None, "COMBINE_UNSPECIFIED"):
        raise invalid(f"Field {at}.combiner must be set.")
    conditions = policy.get("conditions", [])
    if not 1 <= len(conditions) <= _MOST_CONDITIONS:
        raise invalid(f"Field {at}.conditions: a policy has 1 to {_MOST_CONDITIONS} conditions.")
    for index, condition in enumerate(conditions):
        _check_condition(cloud, call.project, condition, f"{at}.conditions[{index}]")
    if len(conditions) > 1 and any(_ALONE & condition.keys() for condition in conditions):
        raise invalid(f"Field {at}.conditions: such a condition must be the only one.")
    logs = any("conditionMatchedLog" in condition for condition in conditions)
    _check_strategy(policy.get("alertStrategy", {}), f"{at}.alert_strategy", logs=logs)
    _check_channels(cloud, call.project, policy.get("notificationChannels", []), at)
    content = policy.get("documentation", {})
    if len(content.get("content", "")) > _MOST_CONTENT:
        raise invalid(f"Field {at}.documentation.content is longer than {_MOST_CONTENT}.")
    if content.get("mimeType", "text/markdown") != "text/markdown":
        raise invalid(f"Field {at}.documentation.mime_type must be text/markdown.")
    labels.check(policy.get("userLabels"), f"{at}.user_labels")
    named = [
        condition | {"name": condition.get("name") or f"{name}/conditions/{cloud.new_id()}"}
        for condition in conditions
    ]
    return policy | {"name": name, "conditions": named}


def _check_condition(cloud: Cloud, project: str, condition: Json, at: str) -> None:
    _text(condition, "displayName", _MOST_NAME, at)
    kinds = [key for key in condition if key.startswith("condition")]
    if len(kinds) != 1:
        raise invalid(f"Field {at} must have exactly one kind of condition.")
    if kinds[0] not in _KINDS:
        raise not_implemented(f"{at}.{kinds[0]}")
    inner = condition[kinds[0]]
    if kinds[0] == "conditionMatchedLog":
        text = inner.get("filter", "")
        if not text or text.count('"') % 2:
            raise invalid(f"Field {at}.condition_matched_log.filter had an invalid value.")
        return
    if kinds[0] != "conditionPrometheusQueryLanguage":
        _check_series(inner, at, absent=kinds[0] == "conditionAbsent")
        return
    at = f"{at}.condition_prometheus_query_language"
    if not inner.get("query"):
        raise invalid(f"Field {at}.query is required.")
    _seconds(inner.get("duration", "0s"), f"{at}.duration")
    interval = _seconds(inner.get("evaluationInterval", "30s"), f"{at}.evaluation_interval")
    if interval == 0 or interval % _INTERVAL_SECONDS:
        raise invalid(f"Field {at}.evaluation_interval must be a multiple of 30 seconds.")
    if not inner.get("disableMetricValidation"):
        _check_metrics(cloud, project, inner["query"], at)


def _check_series(inner: Json, at: str, *, absent: bool) -> None:
    """What both kinds of conditions on time series have: a filter, a duration, aggregations."""
    for term in ("metric.type", "resource.type"):
        if not re.search(rf'\b{re.escape(term)} = "[^"]+"', inner.get("filter", "")):
            raise invalid(f"Field {at}.filter must name one {term}.")
    seconds = _minutes(inner.get("duration", ""), f"{at}.duration")
    if absent and seconds < _SHORTEST_ABSENCE:
        raise invalid(f"Field {at}.duration must be at least {_SHORTEST_ABSENCE}s for an absence.")
    for aggregation in inner.get("aggregations", []):
        period = f"{at}.aggregations.alignment_period"
        if _minutes(aggregation.get("alignmentPeriod", ""), period) == 0:
            raise invalid(f"Field {period} must be at least 60s.")
    if not absent and inner.get("comparison") not in ("COMPARISON_GT", "COMPARISON_LT"):
        raise invalid(f"Field {at}.comparison must be COMPARISON_GT or COMPARISON_LT.")


def _check_metrics(cloud: Cloud, project: str, query: str, at: str) -> None:
    known = {
        re.sub(r"[^A-Za-z0-9]", "_", series["metric"]["type"])
        for series in cloud.series.values()
        if series["project"] == project
    }
    for domain, metric in _METRIC.findall(query):
        if f"{domain}_{metric}" not in known:
            raise invalid(f"Field {at}.query: cannot find the metric {domain}:{metric}.")


def _check_strategy(strategy: Json, at: str, *, logs: bool) -> None:
    period = strategy.get("notificationRateLimit", {}).get("period")
    if logs != (period is not None):
        rule = "is required for" if logs else "is only for"
        raise invalid(f"Field {at}.notification_rate_limit {rule} a condition on logs.")
    if period is not None:
        _seconds(period, f"{at}.notification_rate_limit.period")
    if "autoClose" in strategy:
        low, high = _AUTO_CLOSE
        if not low <= _seconds(strategy["autoClose"], f"{at}.auto_close") <= high:
            raise invalid(f"Field {at}.auto_close must be between {low} and {high} seconds.")


def _check_channels(cloud: Cloud, project: str, channels: list[str], at: str) -> None:
    if len(channels) > _MOST_CHANNELS:
        raise invalid(f"Field {at}.notification_channels has more than {_MOST_CHANNELS} elements.")
    for channel in channels:
        if channel.split("/")[1:2] != [project]:
            raise invalid(f"Field {at}.notification_channels: {channel} is of another project.")
        if channel not in cloud.resources:
            raise not_found(channel)


def _text(resource: Json, key: str, most: int, at: str) -> None:
    if not 1 <= len(resource.get(key, "")) <= most:
        raise invalid(f"Field {at}.{key} must have 1 to {most} characters.")


def _minutes(text: str, at: str) -> int:
    seconds = _seconds(text, at)
    if seconds % 60:
        raise invalid(f"Field {at} had an invalid value of '{text}': it must be a multiple of 60s.")
    return seconds


def _seconds(text: str, at: str) -> int:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise invalid(f"Field {at} had an invalid value of '{text}': write it like 60s.")
    return int(match[1])
