"""Tables, JSON and pictures say what was found."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulator import report
from simulator.__main__ import main
from simulator.assumptions import AssumptionError, Assumptions, variations
from simulator.ledger import MAX_SAMPLES, Ledger, Sample
from simulator.simulate import simulate
from simulator.targets import Target, targets
from simulator.traces import BUILT_IN, trace
from tests import stacks
from tests.simulator.previews import preview, systems_of


def test_an_assumption_is_changed_by_name() -> None:
    changed = Assumptions.of(["boot=7", "metric=queued", "extra_datapoints=0"])
    assert (changed.boot, changed.metric, changed.extra_datapoints) == (7.0, "queued", 0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("boots=1", "'boots' is no assumption; there are metric, boot"),
        ("boot", "boot=: it is a number"),
        ("boot=soon", "it is a number"),
        ("boot=-1", "positive"),
        ("boot=nan", "positive"),
        ("autoscaler=0", "positive"),
        ("extra_datapoints=1.5", "it is a number"),
        ("metric=all", "it can be outstanding or queued"),
    ],
)
def test_a_wrong_assumption_says_what_it_can_be(text: str, says: str) -> None:
    with pytest.raises(AssumptionError, match=says):
        Assumptions.of([text])


def test_every_other_value_of_an_assumption_can_be_tried() -> None:
    for text in variations():
        assert Assumptions.of([text]) != Assumptions(), text


def test_a_picture_needs_a_bounded_number_of_looks() -> None:
    ledger = Ledger()
    for minute in range(10 * MAX_SAMPLES):
        ledger.sample(Sample(minute, 0, 0, 0, 0))
    assert MAX_SAMPLES / 2 - 1 <= len(ledger.samples) < MAX_SAMPLES
    gaps = {b.time - a.time for a, b in zip(ledger.samples, ledger.samples[1:], strict=False)}
    assert len(gaps) == 1


def test_the_time_to_capacity_is_the_first_request_that_is_large_enough() -> None:
    system = systems_of(stacks.dev())["codeintel"]
    result = simulate(system, trace("burst", 10, 4, 1), Assumptions(), 1)
    result = replace(result, requests=[(100.0, 2), (160.0, 9), (220.0, 10)])
    assert result.seconds_to(9, 60.0) == 100
    assert result.seconds_to(2, 200.0) == 0
    assert result.seconds_to(11, 60.0) is None


def figures(**changes: Any) -> dict[str, Any]:
    one = {"seconds_to_capacity": 60.0, "interrupted": 0, "wait_p95": 10.0}
    return {name: {**one, "vm_hours_per_oracle": 1.1, **changes} for name in BUILT_IN}


def verdicts(**policies: dict[str, Any]) -> dict[str, bool]:
    everything = {
        name: figures()
        for name in ("ours-aws", "ours-gcp", "official-aws-slots", "official-gcp-slots")
    }
    slow = figures(seconds_to_capacity=4000.0)
    changed = {name.replace("_", "-"): value for name, value in policies.items()}
    found = targets({**everything, "official-aws-slots": slow, **changed})
    return {target.name: target.met for target in found}


def test_equal_to_the_baselines_meets_every_target() -> None:
    assert all(verdicts().values())


@pytest.mark.parametrize(
    ("changes", "missed"),
    [
        ({"interrupted": 1}, "interrupted"),
        ({"wait_p95": 11.0}, "p95 wait on ramp"),
        ({"vm_hours_per_oracle": 1.3}, "oracle's on ramp"),
        ({"seconds_to_capacity": 200.0}, "40 VMs are requested"),
        ({"seconds_to_capacity": None}, "40 VMs are requested"),
    ],
)
@pytest.mark.parametrize("cloud", ["aws", "gcp"])
def test_a_worse_number_misses_its_target(cloud: str, changes: dict[str, Any], missed: str) -> None:
    found = verdicts(**{f"ours_{cloud}": figures(**changes)})
    assert any(missed in name and cloud in name for name, met in found.items() if not met)


def test_a_ratio_of_vm_hours_has_another_limit_on_the_burst() -> None:
    found = verdicts(ours_aws=figures(vm_hours_per_oracle=1.4))
    missed = {name.rpartition(" ")[2] for name, met in found.items() if not met}
    assert missed == {"ramp", "diurnal"}


def test_a_baseline_that_never_gets_there_is_beaten() -> None:
    assert all(verdicts(official_aws_slots=figures(seconds_to_capacity=None)).values())


def test_what_an_assumption_moves_is_told() -> None:
    base = [Target(name="speed", value=1.0, limit=2.0), Target(name="cost", value=1.0, limit=2.0)]
    varied = {"boot=60": [replace(base[0], value=3.0), base[1]], "boot=10": base}
    assert report.moved(base, varied).splitlines()[1:] == [
        "boot=60:",
        "  MISSED, 3.00: speed",
        "boot=10: nothing moves",
    ]


@pytest.fixture
def digest(tmp_path: Path) -> Path:
    """The dev stack's preview."""
    return written(tmp_path, stacks.dev())


def written(tmp_path: Path, config: dict[str, Any]) -> Path:
    """A stack's preview as the engine would print it."""
    known = preview(config)
    steps = [
        {
            "op": "same",
            "urn": one.urn,
            "newState": {
                "type": one.type,
                "inputs": one.inputs,
                "propertyDependencies": one.refers_to,
            },
        }
        for one in known.after.all
    ]
    file = tmp_path / "dev.json"
    file.write_text(json.dumps({"steps": steps, "config": known.config}))
    return file


def command(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr("sys.argv", ["simulator", *map(str, words)])
    return main()


def test_a_preview_becomes_a_table_figures_and_pictures(
    digest: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "out"
    assert command(monkeypatch, "run", digest, "--trace", "burst", "--output", output) == 0
    table = capsys.readouterr().out
    assert "official AWS, N=slots" in table
    assert "official GCP, N=slots" in table
    written = json.loads((output / "dev-codeintel-burst.json").read_text())
    assert written["declared"]["done"] == 40
    assert written["declared"]["interrupted"] == 0
    assert written["oracle"]["vms"] == 10
    picture = (output / "dev-batches-burst.svg").read_text()
    assert command(monkeypatch, "run", digest, "--trace", "burst", "--output", output) == 0
    assert (output / "dev-batches-burst.svg").read_text() == picture
    for words in ("jobs that wait", "VMs wanted", "VMs that take jobs", "VMs that drain"):
        assert f">{words}<" in picture


def test_a_start_decides_whether_jobs_come_in_scheduled_hours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = {"cron": "0 8 * * MON-FRI", "timeZone": "Europe/Berlin", "duration": "9h", "min": 10}
    file = written(tmp_path, stacks.with_pool("codeintel", schedules={"day": hours}))
    waits = {}
    for start in ("Mon 00:00", "Mon 09:00 Europe/Berlin", "Sun 09:00 Europe/Berlin"):
        assert command(monkeypatch, "run", file, "--start", start, "--output", tmp_path) == 0
        figures = json.loads((tmp_path / "dev-codeintel-burst.json").read_text())
        waits[start] = figures["declared"]["wait_p95"]
    assert waits["Mon 09:00 Europe/Berlin"] == 0
    assert waits["Mon 00:00"] == waits["Sun 09:00 Europe/Berlin"] > 100


def test_a_picture_has_no_background_and_no_black(
    digest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command(monkeypatch, "run", digest, "--output", tmp_path)
    picture = (tmp_path / "dev-batches-burst.svg").read_text()
    assert "#808080" in picture
    for colour in ("#ffffff", "fill: white", "#000000", "stroke: black"):
        assert colour not in picture


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--trace", "tuesday"], "no built-in trace"),
        (["--assume", "boots=1"], "is no assumption"),
        (["--start", "soon"], "write it like Mon 06:00"),
    ],
)
def test_a_wrong_argument_is_one_sentence(
    words: list[str],
    says: str,
    digest: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert command(monkeypatch, "run", digest, *words) == 1
    assert says in capsys.readouterr().err
