"""Rules against made-up series, computed by promtool: a sample and an evaluation a minute."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from prometheus import PoolFacts, render_rules
from tests.prometheus.pools import BATCHES, CODEINTEL
from tests.prometheus.promtool import promtool

Series = Mapping[str, str]
"""Values in promtool's notation, by series."""
Firing = dict[str, str]
"""What an alert tells: labels of its own, `summary` and `value`."""

WAITING: str = 'src_executor_total{job="worker",queue="%s"}'
HANDLERS: str = 'src_executor_processor_handlers{sg_instance="%s",instance="worker-0",queue="%s"}'
DONE: str = 'src_executor_processor_total{sg_instance="%s",queue="%s",op="Handle"}'
FAILED: str = 'src_executor_processor_errors_total{sg_instance="%s",queue="%s",op="Handle"}'
# Both queues are reported and empty.
QUIET: Series = {WAITING % "codeintel": "0x1000", WAITING % "batches": "0x1000"}
ONE = CODEINTEL, BATCHES
"""One pool for each queue."""


def rules(pools: tuple[PoolFacts, ...] = ONE) -> list[dict[str, Any]]:
    """The rules of these pools, as Prometheus reads them."""
    return yaml.safe_load(render_rules(pools))["groups"][0]["rules"]


def evaluated(
    tmp_path: Path,
    series: Series,
    pools: tuple[PoolFacts, ...],
    times: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> None:
    """At each time, each expression has exactly these samples, by their labels."""
    tests = [
        {
            "expr": expression,
            "eval_time": at,
            "exp_samples": [
                {"labels": f"{expression}{labels}", "value": value}
                for labels, value in samples.items()
            ],
        }
        for at, expected in times.items()
        for expression, samples in expected.items()
    ]
    _check(tmp_path, pools, series, {"promql_expr_test": tests})


def alerts(
    tmp_path: Path,
    alert: str,
    series: Series,
    times: Mapping[str, list[Firing]],
    pools: tuple[PoolFacts, ...] = ONE,
) -> None:
    """At each time, exactly these alerts of a name fire."""
    rule = next(rule for rule in rules(pools) if rule.get("alert") == alert)
    tests = [
        {
            "alertname": alert,
            "eval_time": at,
            "exp_alerts": [_expected(rule, **firing) for firing in expected],
        }
        for at, expected in times.items()
    ]
    _check(tmp_path, pools, {**QUIET, **series}, {"alert_rule_test": tests})


def _check(
    tmp_path: Path, pools: tuple[PoolFacts, ...], series: Series, tests: dict[str, Any]
) -> None:
    inputs = [{"series": name, "values": values} for name, values in series.items()]
    (tmp_path / "rules.yml").write_text(render_rules(pools))
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": inputs, **tests}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(document))
    promtool("check", "rules", str(tmp_path / "rules.yml"))
    promtool("test", "rules", str(tmp_path / "test.yml"))


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
