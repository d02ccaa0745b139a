"""Metric alarm.

Force-new properties: the provider document aws_cloudwatch_metric_alarm. Limits: CloudWatch API,
PutMetricAlarm.
"""

import re
from typing import Any

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.clients import Clients
from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.aws.shapes import from_api, to_api
from local_clouds.resource import Autoname, CloudError, Failure, Properties, ResourceType
from local_clouds.rules import all_of, between, each, length, matches, one_of
from local_clouds.values import Unknown

_ALARM = {
    "comparisonOperator": "ComparisonOperator",
    "evaluationPeriods": "EvaluationPeriods",
    "datapointsToAlarm": "DatapointsToAlarm",
    "threshold": "Threshold",
    "treatMissingData": "TreatMissingData",
    "alarmDescription": "AlarmDescription",
    "actionsEnabled": "ActionsEnabled",
    "alarmActions": "AlarmActions",
    "okActions": "OKActions",
    "insufficientDataActions": "InsufficientDataActions",
    "namespace": "Namespace",
    "metricName": "MetricName",
    "period": "Period",
    "statistic": "Statistic",
    "extendedStatistic": "ExtendedStatistic",
    "unit": "Unit",
}
_SINGLE_METRIC = ("metricName", "namespace", "period", "statistic", "dimensions", "unit")
_OPERATORS = (
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
)
_ACTION = (
    r"arn:aws[a-z-]*:(autoscaling:[^:]+:\d{12}:scalingPolicy:.+|sns:[^:]+:\d{12}:[^:]+"
    r"|automate:[^:]+:ec2:(stop|terminate|recover|reboot)|ssm:.+|ssm-incidents:.+|lambda:.+)"
)


class MetricAlarm(AwsLifecycle):
    """aws_cloudwatch_metric_alarm on one metric or on metric math."""

    def make(self, inputs: Properties) -> str:
        """Create the alarm."""
        self._put(inputs, Tags=tags.to_pairs(inputs.get("tagsAll")))
        return inputs["name"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the alarm."""
        client = self.clients("cloudwatch", state["region"])
        alarms = client.describe_alarms(AlarmNames=[resource_id])["MetricAlarms"]
        if not alarms:
            return None
        alarm = alarms[0]
        # moto answers what was left out with empty values.
        shown = {
            key: alarm[api] for key, api in _ALARM.items() if alarm.get(api) not in (None, "", [])
        }
        if alarm.get("Dimensions"):
            shown["dimensions"] = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
        if alarm.get("Metrics"):
            shown["metricQueries"] = [_query_from_api(query) for query in alarm["Metrics"]]
        pairs = client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        return {
            "arn": alarm["AlarmArn"],
            "name": alarm["AlarmName"],
            **shown,
            **tags.outputs(pairs, state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Put the alarm again, and set the tags."""
        del resource_id
        self._put(inputs)
        client = self.clients("cloudwatch", inputs["region"])
        removed, changed = tags.changes(state, inputs)
        if removed:
            client.untag_resource(ResourceARN=state["arn"], TagKeys=removed)
        if changed:
            client.tag_resource(ResourceARN=state["arn"], Tags=changed)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the alarm."""
        self.clients("cloudwatch", state["region"]).delete_alarms(AlarmNames=[resource_id])

    def _put(self, inputs: Properties, **more: Any) -> None:
        self._verify_actions(inputs)
        request = {api: inputs[key] for key, api in _ALARM.items() if key in inputs}
        if "dimensions" in inputs:
            request["Dimensions"] = _dimensions(inputs["dimensions"])
        if "metricQueries" in inputs:
            request["Metrics"] = [_query_to_api(query) for query in inputs["metricQueries"]]
        client = self.clients("cloudwatch", inputs["region"])
        client.put_metric_alarm(AlarmName=inputs["name"], **request, **more)

    def _verify_actions(self, inputs: Properties) -> None:
        client = self.clients("autoscaling", inputs["region"])
        for kind in ("alarmActions", "okActions", "insufficientDataActions"):
            for action in inputs.get(kind, []):
                here, region = inputs["region"], action.split(":")[3]
                if region not in ("", here):
                    message = f"Invalid region {region} specified. Only {here} is supported."
                    raise CloudError(f"Alarm {inputs['name']}: {message}")
                if ":scalingPolicy:" not in action:
                    continue
                name = action.rpartition(":policyName/")[2]
                known = client.describe_policies(PolicyNames=[name])["ScalingPolicies"]
                if action not in {policy["PolicyARN"] for policy in known}:
                    message = f"Alarm {inputs['name']}: there is no scaling policy {action}."
                    raise CloudError(message)


def _dimensions(dimensions: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(dimensions.items())]


def _query_to_api(query: Properties) -> dict[str, Any]:
    """Return a metric query as the API takes it: metric, period and statistic lie one deeper."""
    request = to_api({key: value for key, value in query.items() if key != "metric"})
    if "metric" in query:
        metric = query["metric"]
        named = {"MetricName": metric["metricName"]}
        if "namespace" in metric:
            named["Namespace"] = metric["namespace"]
        if "dimensions" in metric:
            named["Dimensions"] = _dimensions(metric["dimensions"])
        unit = {"Unit": metric["unit"]} if "unit" in metric else {}
        request["MetricStat"] = {
            "Metric": named,
            "Period": metric["period"],
            "Stat": metric["stat"],
            **unit,
        }
    return request


def _query_from_api(answer: dict[str, Any]) -> Properties:
    query = from_api({key: value for key, value in answer.items() if key != "MetricStat"})
    if answer.get("MetricStat"):
        stat = answer["MetricStat"]
        metric = from_api(stat["Metric"] | {k: v for k, v in stat.items() if k != "Metric"})
        dimensions = {one["name"]: one["value"] for one in metric.pop("dimensions", [])}
        query["metric"] = metric | ({"dimensions": dimensions} if dimensions else {})
    return query


def _check_metric(inputs: Properties) -> list[Failure]:
    queries = inputs.get("metricQueries")
    single = [name for name in _SINGLE_METRIC if name in inputs]
    if isinstance(queries, Unknown):
        return []
    if queries is None:
        missing = [name for name in ("metricName", "namespace", "period") if name not in inputs]
        failures = [Failure(name, "is required without metricQueries.") for name in missing]
        if ("statistic" in inputs) == ("extendedStatistic" in inputs):
            failures.append(Failure("statistic", "set either statistic or extendedStatistic."))
        return failures
    if single:
        return [Failure(single[0], "cannot be set together with metricQueries.")]
    return _check_queries(queries)


def _check_queries(queries: list[Properties]) -> list[Failure]:
    failures = []
    ids = [query["id"] for query in queries if isinstance(query["id"], str)]
    if len(set(ids)) != len(ids):
        failures.append(Failure("metricQueries", "has one id more than once."))
    returned = [query for query in queries if query.get("returnData")]
    if len(returned) != 1:
        reason = f"exactly one must have returnData true; found {len(returned)}."
        failures.append(Failure("metricQueries", reason))
    for index, query in enumerate(queries):
        path = f"metricQueries[{index}]"
        if len(query.keys() & {"metric", "expression"}) != 1:
            failures.append(Failure(path, "needs either metric or expression."))
        expression = query.get("expression")
        if isinstance(expression, str):
            without_texts = re.sub(r"'[^']*'|\"[^\"]*\"", "", expression)
            used = set(re.findall(r"\b[a-z][a-zA-Z0-9_]*\b", without_texts))
            unknown = sorted(used - set(ids))
            if unknown:
                reason = f"names {', '.join(unknown)}, which is no id of a query here."
                failures.append(Failure(f"{path}.expression", reason))
    return failures


def _check_window(inputs: Properties) -> list[Failure]:
    periods, needed = inputs.get("evaluationPeriods"), inputs.get("datapointsToAlarm")
    failures = []
    if isinstance(periods, int) and isinstance(needed, int) and needed > periods:
        reason = f"is {needed}, more than evaluationPeriods ({periods})."
        failures.append(Failure("datapointsToAlarm", reason))
    queries = inputs.get("metricQueries", [])
    lengths = [inputs.get("period")]
    if isinstance(queries, list):
        lengths += [query.get("metric", {}).get("period") for query in queries]
    for period in lengths:
        if isinstance(period, int) and isinstance(periods, int):
            allowed = 7 * 86400 if period >= 3600 else 86400
            if period * periods > allowed:
                reason = f"times the period of {period} s is more than {allowed} seconds."
                failures.append(Failure("evaluationPeriods", reason))
    return failures


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    period = "must be 10, 20, 30 or a multiple of 60 seconds."

    def is_period(seconds: int) -> bool:
        return seconds in (10, 20, 30) or (seconds > 0 and seconds % 60 == 0)

    return [
        ResourceType(
            token="aws:cloudwatch/metricAlarm:MetricAlarm",  # noqa: S106
            args=aws.cloudwatch.MetricAlarmArgs,
            lifecycle=MetricAlarm(clients),
            force_new=frozenset({"region", "name"}),
            in_place=frozenset({*_ALARM, "dimensions", "metricQueries", "tags"}),
            autoname=Autoname(max_length=255),
            check=all_of(
                length("name", 1, 255),
                length("alarmDescription", 0, 1024),
                each("", lambda a: "comparisonOperator" in a, "comparisonOperator is required."),
                each("", lambda a: "evaluationPeriods" in a, "evaluationPeriods is required."),
                each("", lambda a: "threshold" in a, "threshold is required (no anomaly model)."),
                one_of("comparisonOperator", *_OPERATORS),
                one_of("treatMissingData", "missing", "ignore", "breaching", "notBreaching"),
                one_of("statistic", "SampleCount", "Average", "Sum", "Minimum", "Maximum"),
                between("evaluationPeriods", 1, float("inf")),
                between("datapointsToAlarm", 1, float("inf")),
                each("period", is_period, period),
                each("metricQueries[].metric.period", is_period, period),
                matches(
                    "metricQueries[].id", r"[a-z]\w{0,254}", "a name that starts in lower case"
                ),
                length("metricQueries[].metric.dimensions", 0, 30),
                length("dimensions", 0, 30),
                *(
                    rule
                    for actions in ("alarmActions", "okActions", "insufficientDataActions")
                    for rule in (
                        length(actions, 0, 5),
                        matches(f"{actions}[]", _ACTION, "the ARN of an alarm action"),
                    )
                ),
                _check_metric,
                _check_window,
                tags.check,
            ),
        ),
    ]
