"""What the runner does without the engine: stack files, state files, tables, stale records."""

import json
import os
from pathlib import Path

import pytest

from local_clouds import report, stack_file, state
from local_clouds.clouds import Clouds
from local_clouds.stack import LocalStack
from local_clouds.stack_file import Secret


def test_a_missing_access_token_is_made_up_and_kept() -> None:
    config, made_up = stack_file.local({"config": {"pools": {}, "aws:region": "x"}}, "project")
    assert made_up == ["project:accessToken"]
    assert isinstance(config["project:accessToken"], Secret)
    written, new = stack_file.split(config, {}, made_up)
    assert written == {"config": {"project:pools": {}, "aws:region": "x"}}
    assert new == {"project:accessToken": config["project:accessToken"].value}

    encrypted = {"project:accessToken": {"secure": "v1:abc"}, "project:removed": "since"}
    previous = {"encryptionsalt": "salt", "config": encrypted}
    again, none_new = stack_file.split(config, previous, made_up)
    assert none_new == {}
    assert again["encryptionsalt"] == "salt"
    assert again["config"]["project:accessToken"] == {"secure": "v1:abc"}
    assert "project:removed" not in again["config"]


def test_secrets_of_the_real_stack_are_replaced() -> None:
    tracked = {
        "secretsprovider": "awskms://alias/pulumi",
        "encryptedkey": "key",
        "config": {"p:accessToken": {"secure": "v1:real"}, "p:dockerAuth": {"secure": "v1:real"}},
    }
    config, made_up = stack_file.local(tracked, "p")
    assert made_up == ["p:accessToken", "p:dockerAuth"]
    written, new = stack_file.split(config, {}, made_up)
    assert written == {"config": {}}
    assert set(new) == set(made_up)


def test_a_given_token_is_not_replaced() -> None:
    config, made_up = stack_file.local({"config": {"accessToken": Secret("given")}}, "p")
    assert made_up == []
    assert stack_file.split(config, {}, made_up)[1] == {"p:accessToken": "given"}
    assert "given" not in repr(config)


def test_the_table_has_a_dash_for_what_a_pool_does_not_state() -> None:
    full = {"cloud": "aws", "region": "r", "queues": ["a", "b"], "min": 0, "max": 12, "group": "g"}
    assert report.pool_table({"codeintel": full, "x": {}}).splitlines() == [
        "pool       cloud  region  queues  min  max  group",
        "codeintel  aws    r       a, b    0    12   g",
        "x          -      -       -       -    -    -",
    ]


def test_states_of_stacks_that_hold_something(tmp_path: Path) -> None:
    directory = tmp_path / "state/.pulumi/stacks/project"
    directory.mkdir(parents=True)
    held = {"type": "aws:b:C", "custom": True, "id": "i-1", "outputs": {"region": "us-east-1"}}
    google = {"type": "gcp:b:C", "custom": True, "id": "g", "outputs": {"region": "us-central1"}}
    provider = {"type": "pulumi:providers:aws", "custom": True, "id": "x"}
    for name, latest in {
        "empty": None,
        "provider": {"resources": [provider]},
        "full": {"resources": [held, google, provider, {"type": "component"}]},
        "killed": {"pending_operations": [{"type": "creating"}]},
    }.items():
        text = json.dumps({"checkpoint": {"latest": latest}})
        (directory / f"{name}.json").write_text(text)
    (directory / "half.json").write_text('{"checkpoint":')
    states = {found.name: found for found in state.read_all(tmp_path)}
    assert set(states) == {"full", "killed", "half"}
    assert states["full"].ids() == {"i-1", "g"}
    assert states["full"].aws_regions() == {"us-east-1"}
    assert [name for name, found in states.items() if found.interrupted] == ["half", "killed"]


def test_a_recycled_process_id_is_not_taken_for_running_clouds(tmp_path: Path) -> None:
    _stale(tmp_path).publish()
    (tmp_path / "clouds.lock").touch()
    assert Clouds.running(tmp_path) is None


def test_a_program_that_another_process_cannot_import_is_refused(tmp_path: Path) -> None:
    stack = LocalStack(clouds=_stale(tmp_path), name="x", config={}, program=lambda: None)
    with pytest.raises(ValueError, match="module function"):
        stack.up()


def _stale(directory: Path) -> Clouds:
    return Clouds(
        directory=directory,
        pid=os.getpid(),
        aws_endpoint="http://127.0.0.1:1",
        gcp_endpoint="http://127.0.0.1:1",
        aws_provider_port=1,
        gcp_provider_port=1,
    )
