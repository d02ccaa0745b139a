"""Cloud Monitoring: writing and listing time series of custom metrics.

Rules: https://cloud.google.com/monitoring/custom-metrics/creating-metrics#writing-ts.
"""

import json
import re
from datetime import datetime, timedelta

from local_clouds.gcp.server.errors import ApiError, invalid, not_found
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.series import Selector, end_of
from local_clouds.gcp.server.state import Cloud, Json

_MOST_SERIES = 200
_CUSTOM = re.compile(r"custom\.googleapis\.com/[A-Za-z0-9_/.-]{1,180}")
_LABEL = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
_SHORTEST_PERIOD = timedelta(seconds=5)
_FUTURE, _PAST = timedelta(minutes=5), timedelta(hours=25)
_KEPT_POINTS = 500
_VALUE_TYPES = {
    "int64Value": "INT64",
    "doubleValue": "DOUBLE",
    "boolValue": "BOOL",
    "stringValue": "STRING",
}


@handles("monitoring.projects.timeSeries.create")
def _create(cloud: Cloud, call: Call) -> Json:
    written = call.body.get("timeSeries", [])
    if not 1 <= len(written) <= _MOST_SERIES:
        raise invalid(f"Field timeSeries must have 1 to {_MOST_SERIES} elements.")
    for index, series in enumerate(written):
        at = f"timeSeries[{index}]"
        _check(cloud, series, at)
        _write(cloud, call.project, series, at)
    return {}


@handles("monitoring.projects.timeSeries.list")
def _list(cloud: Cloud, call: Call) -> Json:
    selector = Selector.parse(call.params["filter"], "filter")
    if not selector.metric_type:
        raise invalid("Field filter must name a metric.type.")
    start = _time(call.params.get("interval.startTime"), "interval.startTime")
    end = _time(call.params.get("interval.endTime"), "interval.endTime")
    found = []
    for key, series in sorted(cloud.series.items()):
        points = [point for point in reversed(series["points"]) if start < end_of(point) <= end]
        if series["project"] == call.project and selector.matches(series) and points:
            shown = {name: value for name, value in series.items() if name != "project"}
            found.append((key, shown | {"points": points}))
    return page(call, found, "timeSeries", "pageSize")


@handles("monitoring.projects.metricDescriptors.list")
def _list_descriptors(cloud: Cloud, call: Call) -> Json:
    kinds = {
        series["metric"]["type"]: series
        for series in cloud.series.values()
        if series["project"] == call.project
    }
    found = [(name, _descriptor(call.project, series)) for name, series in sorted(kinds.items())]
    return page(call, found, "metricDescriptors", "pageSize")


@handles("monitoring.projects.metricDescriptors.get")
def _get_descriptor(cloud: Cloud, call: Call) -> Json:
    for series in cloud.series.values():
        if call.path.endswith(f"/metricDescriptors/{series['metric']['type']}"):
            return _descriptor(call.project, series)
    raise not_found(call.path)


def _descriptor(project: str, series: Json) -> Json:
    kind = series["metric"]["type"]
    return {
        "name": f"projects/{project}/metricDescriptors/{kind}",
        "type": kind,
        "metricKind": series["metricKind"],
        "valueType": series["valueType"],
        "labels": [{"key": key} for key in series["metric"].get("labels", {})],
    }


def _check(cloud: Cloud, series: Json, at: str) -> None:
    metric, resource = series.get("metric", {}), series.get("resource", {})
    if not _CUSTOM.fullmatch(metric.get("type", "")):
        raise invalid(f"Field {at}.metric.type had an invalid value: no custom metric type.")
    for label in metric.get("labels", {}):
        if not _LABEL.fullmatch(label):
            raise invalid(f"Field {at}.metric.labels had an invalid label key '{label}'.")
    if not resource.get("type"):
        raise invalid(f"Field {at}.resource.type is required.")
    if len(series.get("points", [])) != 1:
        raise invalid(f"Field {at}.points had an invalid value: exactly one point is needed.")
    point = series["points"][0]
    if sum(kind in point.get("value", {}) for kind in _VALUE_TYPES) != 1:
        raise invalid(f"Field {at}.points[0].value must have exactly one value.")
    age = cloud.now() - _time(
        point.get("interval", {}).get("endTime"), f"{at}.points[0].interval.endTime"
    )
    if not -_FUTURE <= age <= _PAST:
        message = f"Field {at}.points[0].interval.endTime is too far in the past or the future."
        raise invalid(message)


def _write(cloud: Cloud, project: str, series: Json, at: str) -> None:
    point = series["points"][0]
    kind = next(kind for kind in _VALUE_TYPES if kind in point["value"])
    typed: Json = series | {
        "project": project,
        "metricKind": series.get("metricKind", "GAUGE"),
        "valueType": series.get("valueType", _VALUE_TYPES[kind]),
    }
    if typed["valueType"] != _VALUE_TYPES[kind]:
        raise invalid(f"Field {at}.valueType does not agree with the point's {kind}.")
    for other in cloud.series.values():
        same = (other["project"], other["metric"]["type"]) == (project, typed["metric"]["type"])
        if same and other["valueType"] != typed["valueType"]:
            raise invalid(f"Field {at}.valueType does not match the metric's {other['valueType']}.")
    key = json.dumps([project, series["metric"], series["resource"]], sort_keys=True)
    present = cloud.series.setdefault(key, typed | {"points": []})
    if present["points"] and end_of(point) - end_of(present["points"][-1]) < _SHORTEST_PERIOD:
        message = (
            f"Field {at}.points[0]: one or more points were written more frequently than the "
            "maximum sampling period configured for the metric, or out of order."
        )
        raise ApiError(400, "badRequest", message)
    present["points"] = [*present["points"][-_KEPT_POINTS:], point]


def _time(text: str | None, at: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError as error:
        raise invalid(f"Field {at} had an invalid value: no RFC 3339 time.") from error
    if moment.tzinfo is None:
        raise invalid(f"Field {at} had an invalid value: no time zone.")
    return moment
