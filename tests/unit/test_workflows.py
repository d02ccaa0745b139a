"""What the workflows may do, which actionlint does not judge."""

import json
import re
from typing import Any

import pytest

from scripts import engine
from tests.workflows import DIRECTORY, workflows

ALL = workflows()
JOBS = {f"{file}/{name}": job for file, flow in ALL.items() for name, job in flow["jobs"].items()}
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]
DEPLOYING = ("preview/preview", "up/up", "drift/drift")
READ_ONLY = {"contents": "read"}


def test_the_four_workflows_are_there() -> None:
    assert list(ALL) == ["check", "drift", "preview", "up"]


@pytest.mark.parametrize("file", ALL)
def test_actions_are_pinned_by_commit_and_say_their_version(file: str) -> None:
    lines = [
        line for line in (DIRECTORY / f"{file}.yml").read_text().splitlines() if "uses:" in line
    ]
    for line in lines:
        assert re.fullmatch(r" +- uses: [\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_an_action_has_one_version_everywhere() -> None:
    pins = {step["uses"] for _, step in STEPS if "uses" in step}
    assert len({pin.partition("@")[0] for pin in pins}) == len(pins)


def test_a_job_has_the_permissions_that_it_needs_and_no_other() -> None:
    allowed = {
        "check/test": READ_ONLY,
        "preview/stacks": {**READ_ONLY, "pull-requests": "write"},
        "preview/preview": {**READ_ONLY, "pull-requests": "write", "id-token": "write"},
        "preview/reviewed": {},
        "up/stacks": READ_ONLY,
        "up/up": {**READ_ONLY, "id-token": "write"},
        "drift/stacks": READ_ONLY,
        "drift/drift": {**READ_ONLY, "issues": "write", "id-token": "write"},
    }
    found = {
        f"{file}/{name}": job.get("permissions", flow["permissions"])
        for file, flow in ALL.items()
        for name, job in flow["jobs"].items()
    }
    assert found == allowed


def test_nothing_that_is_stored_opens_a_cloud() -> None:
    text = json.dumps(ALL)
    assert "secrets." not in text
    assert "aws-secret-access-key" not in text
    assert "credentials_json" not in text


def test_a_fork_gets_no_credentials() -> None:
    triggers = {trigger for flow in ALL.values() for trigger in flow[True]}
    assert "pull_request_target" not in triggers
    assert "workflow_run" not in triggers
    same = "github.event.pull_request.head.repo.full_name == github.repository"
    assert same in JOBS["preview/stacks"]["if"]
    assert JOBS["preview/preview"]["needs"] == "stacks"


def test_one_run_at_a_time_touches_a_stack() -> None:
    for name in DEPLOYING:
        assert "${{ matrix.stack }}" in JOBS[name]["concurrency"]["group"]
    assert JOBS["up/up"]["concurrency"]["cancel-in-progress"] is False


def test_a_stack_is_applied_in_its_own_environment_and_read_in_another() -> None:
    environments = {name: JOBS[name]["environment"] for name in DEPLOYING}
    assert environments == {
        "preview/preview": "${{ matrix.stack }}-preview",
        "up/up": "${{ matrix.stack }}",
        "drift/drift": "${{ matrix.stack }}-preview",
    }


@pytest.mark.parametrize(("name", "step"), [pair for pair in STEPS if "run" in pair[1]])
def test_no_expression_is_pasted_into_a_script(name: str, step: dict[str, Any]) -> None:
    assert "${{" not in step["run"], name


def test_a_checkout_leaves_no_token_behind_and_every_job_ends() -> None:
    for name, step in STEPS:
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False, name
    assert all(job["timeout-minutes"] <= 60 for job in JOBS.values())


def test_the_engine_is_the_one_that_is_tested() -> None:
    pinned = {
        s["with"]["pulumi-version"] for _, s in STEPS if "pulumi/actions" in s.get("uses", "")
    }
    assert pinned == {engine.pinned_version()}


def test_the_required_check_does_not_pass_by_being_skipped() -> None:
    job = JOBS["preview/reviewed"]
    assert job["if"].startswith("always()")
    assert job["needs"] == ["stacks", "preview"]
