"""Native alarms: who is told of what, and that they ask for what exists."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.metric_math import Query, evaluate
from tests import stacks
from tests.prometheus.promtool import promtool
from tests.recorder import PROJECT, Recorder, run

TOPIC = "arn:aws:sns:us-east-1:123456789012:executors"
CHANNEL = "projects/acme-executors-dev/notificationChannels/1234567890"


def alerting(config: dict[str, Any], **alerts: list[str]) -> Recorder:
    return run({**config, f"{PROJECT}:alerts": alerts})


@pytest.fixture(scope="module")
def dev() -> Recorder:
    return alerting(stacks.dev(), aws=[TOPIC], gcp=[CHANNEL])


def of_alarms(made: Recorder, kind: str) -> dict[str, Any]:
    return {one.name: one for one in made.of(kind) if ":Alarms$" in one.urn}


def labels(series: str) -> dict[str, str]:
    """The labels that a selector names."""
    return dict(re.findall(r'(\w+)="([^"]*)"', series))


def test_a_stack_without_targets_has_no_such_alarms() -> None:
    made = run(stacks.dev())
    assert made.of("Alarms") == []
    assert made.of("AlertPolicy") == []


def test_a_cloud_without_targets_has_none() -> None:
    made = alerting(stacks.dev(), gcp=[CHANNEL])
    assert [one.type for one in made.of("Alarms")] == ["executors:gcp:Alarms"]


def test_each_followed_queue_and_each_pool_has_one(dev: Recorder) -> None:
    assert of_alarms(dev, "MetricAlarm").keys() == {
        "executors-codeintel-silence",
        "executors-codeintel-launches",
    }
    assert of_alarms(dev, "AlertPolicy").keys() == {
        "executors-batches-silence",
        "executors-batches-launches",
    }


def test_all_of_them_tell_the_targets(dev: Recorder) -> None:
    for alarm in of_alarms(dev, "MetricAlarm").values():
        assert (alarm["alarmActions"], alarm["okActions"]) == ([TOPIC], [TOPIC])
    for policy in of_alarms(dev, "AlertPolicy").values():
        assert policy["notificationChannels"] == [CHANNEL]


def test_a_pool_of_fixed_size_follows_no_queue() -> None:
    config = stacks.with_pools({"codeintel": {"min": 2, "max": 2}, "batches": {"min": 6}})
    made = alerting(config, aws=[TOPIC], gcp=[CHANNEL])
    assert of_alarms(made, "MetricAlarm").keys() == {"executors-codeintel-launches"}
    assert of_alarms(made, "AlertPolicy").keys() == {"executors-batches-launches"}


def test_silence_is_of_the_series_that_the_policies_follow(dev: Recorder) -> None:
    silence = dev.one("MetricAlarm", "silence")
    [read] = [
        query["metric"]
        for query in dev.one("MetricAlarm", "-out-")["metricQueries"]
        if query["id"] == "q_codeintel"
    ]
    assert silence["dimensions"] == read["dimensions"]
    assert (silence["namespace"], silence["metricName"]) == (read["namespace"], read["metricName"])
    assert (silence["statistic"], silence["treatMissingData"]) == ("SampleCount", "breaching")
    [metric] = dev.one("RegionAutoscaler")["autoscalingPolicy"]["metrics"]
    [condition] = dev.one("AlertPolicy", "silence")["conditions"]
    query = condition["conditionPrometheusQueryLanguage"]["query"]
    for label in ("queueName", "environment"):
        [value] = re.findall(f'labels.{label} = "([^"]+)"', metric["filter"])
        assert f'{label}="{value}"' in query
    # PromQL writes the type's domain and path with underscores, and a colon between them.
    domain, _, path = metric["name"].partition("/")
    assert f"{domain.replace('.', '_')}:{path.replace('/', '_')}{{" in query


def test_both_clouds_wait_equally_long(dev: Recorder, tmp_path: Path) -> None:
    silence = dev.one("MetricAlarm", "silence")
    assert silence["datapointsToAlarm"] == silence["evaluationPeriods"]
    minutes = silence["evaluationPeriods"] * silence["period"] / 60
    [condition] = dev.one("AlertPolicy", "silence")["conditions"]
    query = condition["conditionPrometheusQueryLanguage"]["query"]
    rule = {"alert": "Silence", "expr": query}
    (tmp_path / "rules.yml").write_text(
        yaml.safe_dump({"groups": [{"name": "gcp", "rules": [rule]}]})
    )
    [series] = re.findall(r"\w+:\w+\{[^}]+\}", query)
    tests = [
        {"alertname": "Silence", "eval_time": f"{at:.0f}m", "exp_alerts": alerts}
        for at, alerts in ((minutes - 1, []), (minutes + 1, [{"exp_labels": labels(series)}]))
    ]
    # One value at the very beginning, then none.
    inputs = [{"series": series, "values": "1 _x100"}]
    test = {"interval": "1m", "input_series": inputs, "alert_rule_test": tests}
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    promtool("test", "rules", str(tmp_path / "test.yml"))


def test_several_queues_are_the_series_that_each_cloud_has() -> None:
    made = alerting(stacks.three_pools("aws", "gcp"), aws=[TOPIC], gcp=[CHANNEL])
    silent = {name for name in of_alarms(made, "MetricAlarm") if "silence" in name}
    assert silent == {"executors-batches-silence", "executors-codeintel-silence"}
    silent = {name for name in of_alarms(made, "AlertPolicy") if "silence" in name}
    assert silent == {
        f"executors-{series}-silence" for series in ("batches", "codeintel", "batches_codeintel")
    }


@pytest.mark.parametrize("pointwise", [False, True])
@pytest.mark.parametrize(
    ("desired", "running", "alarms"),
    [
        ({1: 5, 2: 5}, {1: 5, 2: 3}, {2}),
        ({1: 0}, {1: 0}, set()),
        ({1: 2}, {1: 4}, set()),
        ({1: 5, 2: 5}, {2: 5}, set()),
        ({1: 5}, {}, set()),
        ({}, {1: 5}, set()),
    ],
)
def test_launches_alarm_where_fewer_run_than_desired_and_nowhere_else(
    desired: dict, running: dict, alarms: set, pointwise: bool, dev: Recorder
) -> None:
    alarm = dev.one("MetricAlarm", "launches")
    queries = [
        Query(query["id"], query.get("expression"), bool(query.get("returnData")))
        for query in alarm["metricQueries"]
    ]
    published = {"desired": desired, "running": running}
    missing = evaluate(queries, published, pointwise=pointwise)
    assert {minute for minute, value in missing.items() if value > alarm["threshold"]} == alarms
    assert alarm["comparisonOperator"] == "GreaterThanThreshold"


def test_launches_are_of_the_pools_own_group(dev: Recorder) -> None:
    groups = {
        query["metric"]["dimensions"]["AutoScalingGroupName"]
        for query in dev.one("MetricAlarm", "launches")["metricQueries"]
        if "metric" in query
    }
    assert groups == {dev.exports["pools"]["codeintel"]["group"]}
    enabled = dev.one("Group")["enabledMetrics"]
    assert {"GroupDesiredCapacity", "GroupInServiceInstances"} <= set(enabled)


def test_the_logs_of_failed_launches_are_of_the_pools_own_vms(dev: Recorder) -> None:
    policy = dev.one("AlertPolicy", "launches")
    text = policy["conditions"][0]["conditionMatchedLog"]["filter"]
    [pattern] = re.findall(r'resourceName=~"([^"]+)"', text)
    base = dev.one("RegionInstanceGroupManager")["baseInstanceName"]
    vm = "projects/1/zones/us-central1-a/instances/{}"
    assert re.search(pattern, vm.format(f"{base}-a1b2"))
    assert not re.search(pattern, vm.format(f"{base}-2-a1b2"))
    assert not re.search(pattern, vm.format(f"other-{base}-a1b2"))
    [method] = re.findall(r'methodName=~"([^"]+)"', text)
    assert re.search(method, "v1.compute.instances.insert")
    assert not re.search(method, "v1.compute.instances.delete")
    assert policy["alertStrategy"]["notificationRateLimit"]["period"] == "3600s"


def test_each_alarm_tells_topics_of_its_own_region() -> None:
    config = stacks.with_pools(
        {
            "codeintel": {
                "min": 10,
                "aws": {"region": "eu-west-1", "zones": ["eu-west-1a", "eu-west-1b"]},
            }
        }
    )
    european = TOPIC.replace("us-east-1", "eu-west-1")
    made = alerting(config, aws=[TOPIC, european])
    alarm = made.one("MetricAlarm", "launches")
    assert (alarm["region"], alarm["alarmActions"]) == ("eu-west-1", [european])
