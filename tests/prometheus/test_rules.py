"""Every rule is tested, and documented."""

import re
from pathlib import Path

import pytest

from tests.prometheus.rules import rules

HERE = Path(__file__).parent
DOCUMENTATION = HERE.parents[1] / "docs" / "alerts.md"
INNER = {"executor:executors_busy_slots:max", "serving:executors_waiting_jobs:sum"}
"""Recorded for other rules only."""


@pytest.mark.parametrize("kind", ["alert", "record"])
def test_every_rule_has_a_case(kind: str) -> None:
    names = {rule[kind] for rule in rules() if kind in rule}
    text = "".join(file.read_text() for file in HERE.glob("test_*.py") if file != Path(__file__))
    assert names
    assert {name for name in names if f'"{name}"' not in text} == set()


def test_the_documentation_lists_every_alert_and_how_long_it_waits() -> None:
    rows = re.findall(r"^\| `(Executor\w+)` \|.*\| ([^|]+) \|$", DOCUMENTATION.read_text(), re.M)
    units = {"at once": "0m"}
    waits = {
        name: units.get(told, told.replace(" min", "m").replace(" h", "h")) for name, told in rows
    }
    assert waits == {rule["alert"]: rule["for"] for rule in rules() if "alert" in rule}


def test_the_documentation_lists_every_recorded_series() -> None:
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    assert set(re.findall(r"`(\w+:\w+:\w+)`", DOCUMENTATION.read_text())) == recorded - INNER
