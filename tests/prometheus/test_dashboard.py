"""The dashboard is one that Grafana's types know, and asks for series that exist."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from prometheus import render_rules
from prometheus.dashboard import render_dashboard
from tests.prometheus.pools import BATCHES, CODEINTEL
from tests.prometheus.promtool import promtool

SOURCEGRAPHS = {"src_executor_processor_duration_seconds_bucket"}
"""Series of Sourcegraph's own (`internal/workerutil/observability.go`)."""


@pytest.fixture(scope="module")
def dashboard() -> dict[str, Any]:
    return json.loads(render_dashboard())


@pytest.fixture(scope="module")
def graphs(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


@pytest.fixture(scope="module")
def expressions(graphs: list[dict[str, Any]]) -> list[str]:
    return [target["expr"] for graph in graphs for target in graph["targets"]]


def test_grafanas_types_read_all_of_it(dashboard: dict[str, Any]) -> None:
    register_default_plugins()
    read = Dashboard.from_json(dashboard)
    assert json.loads(JSONEncoder().encode(read)) == dashboard


def test_the_text_is_always_the_same() -> None:
    assert render_dashboard() == render_dashboard()


def test_every_query_is_promql(expressions: list[str], tmp_path: Path) -> None:
    rules = [{"record": f"r:{n}", "expr": text} for n, text in enumerate(expressions)]
    file = tmp_path / "queries.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    promtool("check", "rules", str(file))


def test_every_series_is_recorded_or_sourcegraphs(expressions: list[str]) -> None:
    rules = yaml.safe_load(render_rules([CODEINTEL, BATCHES]))["groups"][0]["rules"]
    known = {rule["record"] for rule in rules if "record" in rule} | SOURCEGRAPHS
    text = " ".join(expressions)
    asked = set(re.findall(r"\w+:\w+:\w+|src_\w+", text))
    assert asked
    assert asked <= known
    alerts = {rule["alert"] for rule in rules if "alert" in rule}
    named = set(re.findall(r'alertname="(\w+)"', text))
    assert named
    assert named <= alerts


def test_every_recorded_series_for_people_is_shown(expressions: list[str]) -> None:
    rules = yaml.safe_load(render_rules([CODEINTEL, BATCHES]))["groups"][0]["rules"]
    recorded = {rule["record"] for rule in rules if "record" in rule}
    inner = {
        "executor:executors_busy_slots:max",
        "queue:executors_running_jobs:sum",
        "serving:executors_waiting_jobs:sum",
    }
    text = " ".join(expressions)
    assert {name for name in recorded - inner if name not in text} == set()


def test_panels_have_places_ids_and_letters_of_their_own(
    dashboard: dict[str, Any], graphs: list[dict[str, Any]]
) -> None:
    ids = [panel["id"] for panel in dashboard["panels"]]
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    assert len(set(places)) == len(places)
    for graph in graphs:
        letters = [target["refId"] for target in graph["targets"]]
        assert len(set(letters)) == len(letters)
        assert graph["datasource"]["uid"] == "${datasource}"
        assert graph["description"].endswith(".")
