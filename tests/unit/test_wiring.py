"""Sourcegraph's services get exactly what they need, and secrets only as commands."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components import wiring
from components.discovery import discoveries
from components.wiring.__main__ import main
from prometheus import render, scrape_job
from tests.unit.stacks import DELETED, TOKEN, deployed

KEY_IDS = {"aws": "AKIDOFPROD", "gcp": "key-of-prod"}
CI, BA = "pools.codeintel", "pools.batches"
ON_AWS = {BA: DELETED, "elsewhere": {"codeintel": {"gcp": 0.25}}, f"{CI}.min": 1}
ON_GCP = {
    CI: DELETED,
    "elsewhere": {"codeintel": {"aws": 0.75}},
    f"{BA}.queue": "codeintel",
}


def outputs(
    changes: dict[str, Any] | None = None, stack: str = "prod", key_id: str = "AKIDOFPROD"
) -> dict[str, Any]:
    """A stack's outputs, as `pulumi stack output --json` prints them."""
    deployment = deployed(changes, stack)
    made = {
        "sourcegraph": wiring.sourcegraph(deployment, {**KEY_IDS, "aws": key_id}),
        "prometheus": render(scrape_job(discoveries(deployment))),
        "pools": {
            pool.name: wiring.pool(deployment, pool, f"executors-{pool.name}-{stack}")
            for pool in deployment.pools
        },
        "awsMetricWriterKey": "[secret]",
    }
    return json.loads(json.dumps(made))


def merged(*stacks: dict[str, Any]) -> dict[str, Any]:
    return wiring.merge(stack["sourcegraph"] for stack in stacks)


def test_the_worker_is_told_where_and_as_whom_to_publish() -> None:
    worker = outputs()["sourcegraph"]["worker"]
    allocated = worker["environment"].pop("EXECUTOR_ALLOCATIONS")
    assert worker["environment"] == {
        "EXECUTOR_METRIC_ENVIRONMENT_LABEL": "prod",
        "EXECUTOR_METRIC_AWS_NAMESPACE": "sourcegraph-executor",
        "EXECUTOR_METRIC_AWS_REGION": "us-east-1",
        "EXECUTOR_METRIC_AWS_ACCESS_KEY_ID": "AKIDOFPROD",
        "EXECUTOR_METRIC_GCP_PROJECT_ID": "acme-executors",
    }
    assert json.loads(allocated) == {
        "batches": {"aws": 0, "gcp": 1},
        "codeintel": {"aws": 1, "gcp": 0},
    }


def test_with_one_cloud_the_worker_needs_no_allocation_and_no_other_cloud() -> None:
    worker = outputs({BA: DELETED})["sourcegraph"]["worker"]
    names = {*worker["environment"], *worker["secrets"]}
    assert "EXECUTOR_ALLOCATIONS" not in names
    assert not any("GCP" in name or "GOOGLE" in name for name in names)


def test_secrets_are_commands_that_print_them() -> None:
    made = outputs()["sourcegraph"]
    assert made["worker"]["secrets"] == {
        "EXECUTOR_METRIC_AWS_SECRET_ACCESS_KEY": (
            "pulumi stack output awsMetricWriterKey --show-secrets --stack prod"
        ),
        "EXECUTOR_METRIC_GOOGLE_APPLICATION_CREDENTIALS_FILE_CONTENT": (
            "pulumi stack output gcpMetricWriterKey --show-secrets --stack prod"
        ),
    }
    command = "pulumi config get accessToken --stack prod"
    assert made["frontend"] == {
        "environment": {},
        "secrets": {"EXECUTOR_FRONTEND_PASSWORD": command},
    }
    assert made["siteConfig"]["executors.accessToken"] == f"$({command})"
    assert TOKEN not in json.dumps(made)


def test_a_keyless_worker_gets_no_key() -> None:
    worker = outputs({"metricWriter": {"gcp": "keyless"}})["sourcegraph"]["worker"]
    assert list(worker["secrets"]) == ["EXECUTOR_METRIC_AWS_SECRET_ACCESS_KEY"]


def test_a_stack_for_each_cloud_makes_one_worker() -> None:
    worker = merged(outputs(ON_AWS, "aws"), outputs(ON_GCP, "gcp"))["worker"]
    assert json.loads(worker["environment"]["EXECUTOR_ALLOCATIONS"]) == {
        "codeintel": {"aws": 0.75, "gcp": 0.25}
    }
    assert worker["environment"]["EXECUTOR_METRIC_AWS_REGION"] == "us-east-1"
    assert worker["environment"]["EXECUTOR_METRIC_GCP_PROJECT_ID"] == "acme-executors"
    assert "--stack aws" in worker["secrets"]["EXECUTOR_METRIC_AWS_SECRET_ACCESS_KEY"]


def test_stacks_with_queues_of_their_own_are_allocated_to_their_clouds() -> None:
    worker = merged(outputs({BA: DELETED}, "a"), outputs({CI: DELETED}, "b"))["worker"]
    assert json.loads(worker["environment"]["EXECUTOR_ALLOCATIONS"]) == {
        "batches": {"aws": 0, "gcp": 1},
        "codeintel": {"aws": 1, "gcp": 0},
    }


def test_two_stacks_on_one_cloud_share_the_first_ones_key() -> None:
    first = outputs({BA: DELETED}, "a", key_id="AKIDA")
    second = outputs({BA: DELETED, f"{CI}.queue": "batches"}, "b", key_id="AKIDB")
    worker = merged(first, second)["worker"]
    assert worker["environment"]["EXECUTOR_METRIC_AWS_ACCESS_KEY_ID"] == "AKIDA"
    assert "--stack a" in worker["secrets"]["EXECUTOR_METRIC_AWS_SECRET_ACCESS_KEY"]


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"sourcegraph.environmentLabel": "dev"}, "'prod' in one stack and 'dev' in another"),
        ({"sourcegraph.url": "https://dev.example.com"}, "externalURL"),
        ({"elsewhere": {}}, "state the other stack's share in `elsewhere`"),
        ({"elsewhere": {"codeintel": {"aws": 0.5}}}, "codeintel is"),
    ],
)
def test_stacks_that_contradict_each_other_make_no_worker(second: dict, words: str) -> None:
    with pytest.raises(wiring.MergeError, match=words):
        merged(outputs(ON_AWS, "aws"), outputs({**ON_GCP, **second}, "gcp"))


def test_two_stacks_of_one_cloud_that_both_serve_all_of_a_queue_are_refused() -> None:
    one, other = outputs({BA: DELETED}, "a"), outputs({BA: DELETED}, "b")
    with pytest.raises(wiring.MergeError, match="answer for 2 of the queue codeintel"):
        merged(one, other)


def run(monkeypatch: pytest.MonkeyPatch, arguments: list[str], stdin: str = "") -> int:
    monkeypatch.setattr("sys.argv", ["wiring", *arguments])
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    return main()


def files(tmp_path: Path, *stacks: dict[str, Any]) -> list[str]:
    paths = [tmp_path / f"{number}.json" for number, _ in enumerate(stacks)]
    for path, stack in zip(paths, stacks, strict=True):
        path.write_text(json.dumps(stack))
    return [str(path) for path in paths]


def test_without_arguments_everything_is_printed_from_standard_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, [], json.dumps(outputs())) == 0
    text = capsys.readouterr().out
    for part in (
        "EXECUTOR_METRIC_ENVIRONMENT_LABEL=prod",
        "# EXECUTOR_FRONTEND_PASSWORD: pulumi config get accessToken --stack prod",
        '"externalURL": "https://sourcegraph.example.com"',
        "- job_name: sourcegraph-executors",
    ):
        assert part in text


@pytest.mark.parametrize("section", ["worker", "frontend", "site-config", "prometheus"])
def test_one_section_is_printed_alone(
    section: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, [section, "-"], json.dumps(outputs())) == 0
    text = capsys.readouterr().out
    if section == "site-config":
        assert json.loads(text)["externalURL"] == "https://sourcegraph.example.com"
    elif section == "prometheus":
        assert text == outputs()["prometheus"]
    else:
        assert all("=" in line or line.startswith("# ") for line in text.splitlines())


@pytest.mark.parametrize(
    ("section", "key"),
    [("rules", "groups"), ("dashboard", "panels"), ("compose", "services"), ("helm", "worker")],
)
def test_a_file_is_printed_whole_and_only_when_asked_for(
    section: str, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, [section, "-"], json.dumps(outputs())) == 0
    text = capsys.readouterr().out
    assert key in yaml.safe_load(text)
    assert run(monkeypatch, [], json.dumps(outputs())) == 0
    assert text not in capsys.readouterr().out


def test_the_job_of_pushed_metrics_is_printed_when_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, ["pushed", "-"], json.dumps(outputs())) == 0
    [job] = yaml.safe_load(capsys.readouterr().out)
    assert job["static_configs"] == [{"targets": ["worker:6996"]}]


def test_several_stacks_are_one_prometheus_job(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    paths = files(tmp_path, outputs(ON_GCP, "gcp"), outputs(ON_AWS, "aws"))
    assert run(monkeypatch, ["prometheus", *paths]) == 0
    [job] = yaml.safe_load(capsys.readouterr().out)
    assert (len(job["ec2_sd_configs"]), len(job["gce_sd_configs"])) == (1, 1)
    assert next(iter(job)) == "job_name"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"sourcegraph": {}, "prometheus": ""}'])
def test_what_is_no_stack_output_is_refused_with_a_sentence(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, [], text) == 1
    error = capsys.readouterr().err
    assert "pulumi stack output --json" in error
    assert error.startswith("standard input ")


def test_a_contradiction_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    same = outputs({BA: DELETED}, "a")
    assert run(monkeypatch, ["worker", *files(tmp_path, same, same)]) == 1
    assert "codeintel" in capsys.readouterr().err
