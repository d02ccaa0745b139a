"""What the rules record and when they alert, computed by promtool from made-up series."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from prometheus import PoolFacts, render_rules
from tests.prometheus.pools import ALL, BATCHES, CODEINTEL, SPOT
from tests.prometheus.promtool import promtool

Series = Mapping[str, str]
WAITING: str = 'src_executor_total{job="worker",queue="%s"}'
HANDLERS: str = 'src_executor_processor_handlers{sg_instance="%s",instance="worker-0",queue="%s"}'
DONE: str = 'src_executor_processor_total{sg_instance="%s",queue="%s",op="Handle"}'
FAILED: str = 'src_executor_processor_errors_total{sg_instance="%s",queue="%s",op="Handle"}'
RESETS: str = "src_codeintel_background_index_record_resets_total"
LOST: str = "src_batch_spec_workspace_execution_worker_resetter_reset_failures_total"
FREE: str = (
    "node_filesystem_%s_bytes"
    '{sg_job="sourcegraph-executors-registry",mountpoint="/mnt/registry",device="/dev/sdh"}'
)
# Both queues are reported and empty.
QUIET = {WAITING % "codeintel": "0x1000", WAITING % "batches": "0x1000"}
ONE = CODEINTEL, BATCHES


def check(tmp_path: Path, pools: tuple[PoolFacts, ...], test: dict[str, Any]) -> None:
    """Let promtool evaluate the pools' rules every minute against one test."""
    (tmp_path / "rules.yml").write_text(render_rules(pools))
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", **test}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    promtool("check", "rules", str(tmp_path / "rules.yml"))
    promtool("test", "rules", str(tmp_path / "test.yml"))


def inputs(series: Series) -> list[dict[str, str]]:
    return [{"series": name, "values": values} for name, values in series.items()]


def evaluated(
    tmp_path: Path, series: Series, at: str, pools: tuple[PoolFacts, ...], expected: dict[str, Any]
) -> None:
    """At a time, each expression has exactly these samples, by their labels."""
    tests = [
        {
            "expr": expression,
            "eval_time": at,
            "exp_samples": [
                {"labels": f"{expression}{labels}", "value": value}
                for labels, value in samples.items()
            ],
        }
        for expression, samples in expected.items()
    ]
    check(tmp_path, pools, {"input_series": inputs(series), "promql_expr_test": tests})


def alerts(
    tmp_path: Path,
    alert: str,
    series: Series,
    times: dict[str, list[dict[str, str]]],
    pools: tuple[PoolFacts, ...] = ONE,
) -> None:
    """At each time, exactly these alerts of a name fire, by their labels."""
    rules = yaml.safe_load(render_rules(pools))["groups"][0]["rules"]
    rule = next(rule for rule in rules if rule.get("alert") == alert)
    tests = [
        {
            "alertname": alert,
            "eval_time": at,
            "exp_alerts": [_expected(rule, **firing) for firing in expected],
        }
        for at, expected in times.items()
    ]
    check(tmp_path, pools, {"input_series": inputs({**QUIET, **series}), "alert_rule_test": tests})


def _expected(rule: dict[str, Any], summary: str, value: str, **labels: str) -> dict[str, Any]:
    severity = rule["labels"]["severity"]
    description = rule["annotations"]["description"]
    return {
        "exp_labels": {
            "severity": severity,
            "level": severity,
            "service_name": "executors",
            "name": rule["alert"],
            "description": summary,
            **labels,
        },
        "exp_annotations": {"summary": summary, "description": description, "value": value},
    }


def test_executors_are_counted_once_however_they_are_seen(tmp_path: Path) -> None:
    series = {
        HANDLERS % ("vm-a", "codeintel"): "3x10",
        # The other replica of the worker shows the same executor.
        (HANDLERS % ("vm-a", "codeintel")).replace("worker-0", "worker-1"): "4x10",
        'src_executor_processor_handlers{instance="i-1",queue="codeintel"}': "2x10",
        HANDLERS % ("vm-b", "batches"): "0x10",
    }
    expected = {
        "serving:executors_running:count": {'{queue="codeintel"}': 2, '{queue="batches"}': 1},
        "serving:executors_busy_slots:sum": {'{queue="codeintel"}': 6, '{queue="batches"}': 0},
        "serving:executors_slots:sum": {'{queue="codeintel"}': 8, '{queue="batches"}': 2},
    }
    evaluated(tmp_path, series, "5m", ONE, expected)


@pytest.mark.parametrize(
    "name", [WAITING % "codeintel", 'src_workerutil_queue_depth{domain="executors_codeintel"}']
)
def test_old_and_new_workers_tell_how_many_jobs_wait(name: str, tmp_path: Path) -> None:
    expected = {"queue:executors_waiting_jobs:max": {'{queue="codeintel"}': 7}}
    evaluated(tmp_path, {name: "7x10"}, "5m", ONE, expected)


def test_replicas_of_the_worker_do_not_multiply_the_queue(tmp_path: Path) -> None:
    series = {WAITING % "codeintel": "7x10", 'src_executor_total{queue="codeintel"}': "7x10"}
    expected = {"queue:executors_waiting_jobs:max": {'{queue="codeintel"}': 7}}
    evaluated(tmp_path, series, "5m", ONE, expected)


@pytest.mark.parametrize(
    ("waiting", "running", "wanted"), [(0, 0, 0), (1, 0, 1), (8, 0, 1), (8, 1, 2), (90, 0, 3)]
)
def test_a_pool_wants_what_its_policy_computes(
    waiting: int, running: int, wanted: int, tmp_path: Path
) -> None:
    series = {WAITING % "codeintel": f"{waiting}x10", WAITING % "batches": "0x10"}
    series[HANDLERS % ("vm-a", "codeintel")] = f"{running}x10"
    expected = {
        "pool:executors_wanted:clamped": {
            '{queue="codeintel",pool="codeintel"}': wanted,
            '{queue="batches",pool="batches"}': 1,
        }
    }
    evaluated(tmp_path, series, "5m", ONE, expected)


def test_nothing_is_wanted_while_nobody_knows_the_queue(tmp_path: Path) -> None:
    series = {WAITING % "batches": "0x10"}
    expected = {"pool:executors_wanted:clamped": {'{queue="batches",pool="batches"}': 1}}
    evaluated(tmp_path, series, "5m", ONE, expected)


def test_jobs_of_executors_with_two_queues_are_divided_between_them(tmp_path: Path) -> None:
    series = {
        **QUIET,
        HANDLERS % ("vm-a", "codeintel"): "1x10",
        HANDLERS % ("vm-c", "batches_codeintel"): "4x10",
    }
    expected = {
        "queue:executors_running_jobs:sum": {'{queue="batches"}': 2, '{queue="codeintel"}': 3},
        "pool:executors_wanted:clamped": {
            '{queue="batches_codeintel",pool="all"}': 1,
            '{queue="codeintel",pool="codeintel"}': 1,
        },
    }
    evaluated(tmp_path, series, "5m", (CODEINTEL, ALL), expected)


def test_pools_whose_executors_look_alike_share_their_limits(tmp_path: Path) -> None:
    series = {**QUIET, HANDLERS % ("vm-a", "codeintel"): "1x10"}
    expected = {
        "serving:executors_largest:sum": {'{queue="codeintel"}': 4},
        "serving:executors_slots:sum": {'{queue="codeintel"}': 5},
    }
    evaluated(tmp_path, series, "5m", (CODEINTEL, SPOT), expected)


def test_a_queue_that_nobody_processes_alerts(tmp_path: Path) -> None:
    # From 30 minutes on an executor takes the jobs.
    series = {
        WAITING % "codeintel": "5x1000",
        HANDLERS % ("vm-a", "codeintel"): "0x29 2x1000",
        DONE % ("vm-a", "codeintel"): "0x1000",
    }
    firing = [
        {"queue": "codeintel", "summary": "Jobs of codeintel wait, and none runs.", "value": "5"},
    ]
    times = {"19m": [], "25m": firing, "40m": []}
    alerts(tmp_path, "ExecutorQueueNotProcessed", series, times)


def test_a_queue_without_any_executor_is_not_processed(tmp_path: Path) -> None:
    firing = [{"queue": "batches", "summary": "Jobs of batches wait, and none runs.", "value": "1"}]
    series = {WAITING % "batches": "1x1000"}
    alerts(tmp_path, "ExecutorQueueNotProcessed", series, {"25m": firing})


def test_short_jobs_between_two_scrapes_are_processing(tmp_path: Path) -> None:
    series = {
        WAITING % "codeintel": "5x1000",
        HANDLERS % ("vm-a", "codeintel"): "0x1000",
        DONE % ("vm-a", "codeintel"): "0+1x1000",
    }
    alerts(tmp_path, "ExecutorQueueNotProcessed", series, {"30m": []})


def test_a_queue_that_nobody_reports_alerts(tmp_path: Path) -> None:
    series = {WAITING % "codeintel": "0x10 _x1000"}
    summary = "Nobody reports how many jobs of codeintel wait."
    firing = [{"queue": "codeintel", "summary": summary, "value": "1"}]
    alerts(tmp_path, "ExecutorQueueUnknown", series, {"10m": [], "30m": firing})


def test_a_pool_at_its_maximum_alerts_only_while_jobs_wait(tmp_path: Path) -> None:
    series = {HANDLERS % (f"vm-{n}", "codeintel"): "4x1000" for n in range(3)}
    series[WAITING % "codeintel"] = "9x90 0x1000"
    summary = "All executors of codeintel run, and jobs still wait."
    firing = [{"queue": "codeintel", "summary": summary, "value": "3"}]
    times = {"59m": [], "70m": firing, "100m": []}
    alerts(tmp_path, "ExecutorsAtMaximum", series, times)


def test_a_pool_below_its_maximum_is_silent(tmp_path: Path) -> None:
    series = {HANDLERS % (f"vm-{n}", "codeintel"): "4x1000" for n in range(2)}
    series[WAITING % "codeintel"] = "9x1000"
    alerts(tmp_path, "ExecutorsAtMaximum", series, {"90m": []})


def test_executors_that_never_come_alert(tmp_path: Path) -> None:
    series = {
        WAITING % "codeintel": "17x1000",
        HANDLERS % ("vm-a", "codeintel"): "_x39 4x1000",
        HANDLERS % ("vm-b", "codeintel"): "_x39 4x1000",
        HANDLERS % ("vm-c", "codeintel"): "_x39 4x1000",
        HANDLERS % ("vm-d", "batches"): "0x1000",
    }
    summary = "Fewer executors of codeintel run than its jobs need."
    firing = [{"queue": "codeintel", "summary": summary, "value": "3"}]
    alerts(tmp_path, "ExecutorsMissing", series, {"25m": [], "35m": firing, "50m": []})


def test_some_executors_that_never_come_alert(tmp_path: Path) -> None:
    series = {HANDLERS % ("vm-d", "batches"): "2x1000", WAITING % "batches": "4x1000"}
    firing = [
        {
            "queue": "batches",
            "summary": "Fewer executors of batches run than its jobs need.",
            "value": "3",
        }
    ]
    alerts(tmp_path, "ExecutorsMissing", series, {"35m": firing})


def test_an_executor_that_outlives_its_time_alerts(tmp_path: Path) -> None:
    # Two hours, 15 minutes of grace and five of patience: 140 minutes.
    series = {
        HANDLERS % ("vm-old", "codeintel"): "1x200",
        HANDLERS % ("vm-new", "codeintel"): "_x100 1x100",
        HANDLERS % ("vm-endless", "batches"): "1x200",
    }
    firing = [
        {
            "queue": "codeintel",
            "executor": "vm-old",
            "summary": "vm-old should have retired.",
            "value": "1",
        }
    ]
    alerts(tmp_path, "ExecutorDrainTooLong", series, {"138m": [], "145m": firing})


def test_executors_whose_jobs_fail_alert(tmp_path: Path) -> None:
    series = {
        DONE % ("vm-a", "codeintel"): "0+1x1000",
        FAILED % ("vm-a", "codeintel"): "0+3x60 180x1000",
        DONE % ("vm-b", "batches"): "0+3x1000",
        FAILED % ("vm-b", "batches"): "0+1x1000",
    }
    firing = [
        {
            "queue": "codeintel",
            "summary": "More than half of the jobs of codeintel fail.",
            "value": "750m",
        }
    ]
    alerts(tmp_path, "ExecutorJobsFail", series, {"10m": [], "45m": firing, "110m": []})


def test_an_executor_without_one_success_alerts(tmp_path: Path) -> None:
    series = {FAILED % ("vm-a", "codeintel"): "0+1x1000"}
    firing = [
        {
            "queue": "codeintel",
            "summary": "More than half of the jobs of codeintel fail.",
            "value": "1",
        }
    ]
    alerts(tmp_path, "ExecutorJobsFail", series, {"45m": firing})


def test_a_few_failures_are_no_alert(tmp_path: Path) -> None:
    series = {FAILED % ("vm-a", "codeintel"): "0x10 1x5 2x1000"}
    alerts(tmp_path, "ExecutorJobsFail", series, {"30m": []})


def test_interrupted_jobs_alert(tmp_path: Path) -> None:
    series = {RESETS: "0x60 0+1x10 10x1000"}
    summary = "Jobs of codeintel lose their executors."
    firing = [{"queue": "codeintel", "summary": summary, "value": "10"}]
    alerts(tmp_path, "ExecutorJobsInterrupted", series, {"60m": [], "90m": firing, "180m": []})


def test_jobs_that_are_given_up_alert(tmp_path: Path) -> None:
    series = {LOST: "0x60 1x1000"}
    summary = "Jobs of batches were given up."
    firing = [{"queue": "batches", "summary": summary, "value": "1"}]
    alerts(tmp_path, "ExecutorJobsLost", series, {"60m": [], "90m": firing, "180m": []})


def test_a_full_mirror_alerts(tmp_path: Path) -> None:
    series = {FREE % "avail": "20x20 5x1000", FREE % "size": "100x1000"}
    firing = [
        {
            "sg_job": "sourcegraph-executors-registry",
            "mountpoint": "/mnt/registry",
            "device": "/dev/sdh",
            "summary": "The disk of the Docker mirror is almost full.",
            "value": "50m",
        }
    ]
    alerts(tmp_path, "ExecutorMirrorDiskFull", series, {"25m": [], "60m": firing})


def test_the_documentation_lists_every_alert_and_how_long_it_waits() -> None:
    text = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text()
    documented = dict(re.findall(r"^\| `(Executor\w+)` \|.*\| ([^|]+) \|$", text, re.MULTILINE))
    units = {"at once": "0m"}
    waits = {
        name: units.get(told, told.replace(" min", "m").replace(" h", "h"))
        for name, told in documented.items()
    }
    rules = yaml.safe_load(render_rules(ONE))["groups"][0]["rules"]
    assert waits == {rule["alert"]: rule["for"] for rule in rules if "alert" in rule}
    recorded = {rule["record"] for rule in rules if "record" in rule}
    inner = {"executor:executors_busy_slots:max", "serving:executors_waiting_jobs:sum"}
    assert set(re.findall(r"`(\w+:\w+:\w+)`", text)) == recorded - inner


def test_every_alert_has_a_case() -> None:
    rules = yaml.safe_load(render_rules(ONE))["groups"][0]["rules"]
    names = {rule["alert"] for rule in rules if "alert" in rule}
    text = Path(__file__).read_text()
    assert {name for name in names if f'"{name}"' not in text} == set()
