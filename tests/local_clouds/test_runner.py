"""The runner with the real engine: what is kept between runs, and what survives their deaths."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local_clouds import inventory, state
from local_clouds.clouds import Clouds
from local_clouds.stack import LocalStack, OperationError
from tests.local_clouds import small_program

pytestmark = pytest.mark.engine

CONFIG = {"aws:region": "us-east-1", "gcp:project": "acme-executors-dev", "retention": 7}
Make = Callable[..., LocalStack]


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the clouds of this module live; they are ended with it."""
    path = tmp_path_factory.mktemp("clouds")
    (path / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    yield path
    clouds = Clouds.running(path)
    if clouds is not None:
        clouds.stop()


@pytest.fixture
def stack(directory: Path) -> Make:
    """A function that makes a stack of the small program in running clouds."""

    def make(name: str = "dev", **config: Any) -> LocalStack:
        clouds = Clouds.start(directory)
        return LocalStack(
            clouds=clouds,
            name=name,
            config={**CONFIG, **config},
            program=small_program.main,
            project_file=directory / "Pulumi.yaml",
        )

    return make


def test_a_stack_goes_up_stays_changes_and_goes(stack: Make) -> None:
    first = stack().up()
    assert first.changes == {"create": 3}
    assert first.outputs["token"].secret
    assert not first.outputs["names"].secret
    again = stack().up()
    assert again.is_unchanged
    assert again.outputs["token"] == first.outputs["token"]

    preview = stack(retention=30).preview()
    assert preview.ops("LogGroup") == {"logs": ["update"]}
    [update] = [step for step in preview.steps if step.op == "update"]
    assert update.diffs == ("retentionInDays",)
    assert stack().outputs() == first.outputs

    clouds = Clouds.start(stack().clouds.directory)
    left = inventory.list_all(clouds, {"us-east-1"})
    assert {name.rpartition("/")[2] for name in left} == set(first.outputs["names"].value)
    assert stack().destroy().changes == {"delete": 3}
    assert inventory.list_all(clouds, {"us-east-1"}) == set()


def test_two_stacks_live_side_by_side(stack: Make) -> None:
    one, two = stack("one"), stack("two")
    names = one.up().outputs["names"].value + two.up().outputs["names"].value
    assert len(set(names)) == 4
    assert [held.name for held in state.read_all(one.clouds.directory)] == ["one", "two"]
    one.destroy()
    assert two.up().is_unchanged
    two.destroy()


def test_secrets_are_encrypted_in_every_file(stack: Make) -> None:
    token = stack("secret").up().outputs["token"].value
    files = [path for path in stack().clouds.directory.rglob("*") if path.is_file()]
    assert any(path.name == "Pulumi.secret.yaml" for path in files)
    assert [path for path in files if token.encode() in path.read_bytes()] == []
    assert token not in str(stack("secret").export())
    stack("secret").destroy()


def test_a_program_that_refuses_its_configuration_says_so(stack: Make) -> None:
    with pytest.raises(OperationError, match="says that this is broken") as failure:
        stack("broken", broken="true").up()
    assert "Traceback" not in str(failure.value)
    assert "Traceback" not in stack("broken").log.read_text()


def test_locks_of_a_killed_run_are_no_obstacle(stack: Make) -> None:
    killed = stack("killed")
    killed.up()
    locks = killed.clouds.directory / "state/.pulumi/locks/organization"
    lock = locks / killed.project / "killed" / "1.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text(
        '{"pid": 1, "username": "x", "hostname": "x", "timestamp": "2026-01-01T00:00:00Z"}'
    )
    assert killed.up().is_unchanged
    killed.destroy()


def test_killed_clouds_start_anew_without_the_stacks_in_them(stack: Make) -> None:
    before = stack("lost")
    before.up()
    os.kill(before.clouds.pid, signal.SIGKILL)
    os.waitpid(before.clouds.pid, 0)
    assert Clouds.running(before.clouds.directory) is None
    assert [held.name for held in state.read_all(before.clouds.directory)] == ["lost"]
    after = stack("lost")
    assert after.clouds.pid != before.clouds.pid
    assert state.read_all(after.clouds.directory) == []
    assert after.up().changes == {"create": 3}
    after.destroy()


def test_clouds_end_when_their_record_is_removed(tmp_path: Path) -> None:
    clouds = Clouds.start(tmp_path)
    (tmp_path / "clouds.json").unlink()
    assert os.waitpid(clouds.pid, 0)[1] == 0
