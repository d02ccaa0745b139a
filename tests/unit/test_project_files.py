"""Project files that no Python code reads: what only the CLI, pip or make would find wrong."""

import re
from pathlib import Path

import pytest
import yaml

from scripts import engine

ROOT = Path(__file__).resolve().parents[2]
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
TARGETS = "up preview refresh down outputs wiring test test-fast lint format bench".split()


def test_the_cli_makes_the_virtual_environment_that_make_makes() -> None:
    options = PROJECT["runtime"]["options"]
    assert PROJECT["runtime"]["name"] == "python"
    assert options == {"toolchain": "pip", "virtualenv": "build/venv"}


def test_the_required_version_is_a_lower_bound_that_the_pinned_engine_meets() -> None:
    assert re.fullmatch(r">=\d+\.\d+\.\d+", PROJECT["requiredPulumiVersion"])
    pinned = tuple(map(int, engine.pinned_version().split(".")))
    # 3.219 is the first engine that reads requiredPulumiVersion.
    assert (3, 219, 0) <= engine.required_version() <= pinned


def test_every_setting_has_a_type_that_the_cli_checks_and_a_description() -> None:
    assert PROJECT["config"]
    for key, schema in PROJECT["config"].items():
        assert ":" not in key, "a provider's key may have no schema"
        assert schema["type"] in {"string", "boolean", "integer", "array", "object"}, key
        assert schema["description"], key
    assert PROJECT["config"]["accessToken"]["secret"] is True


@pytest.mark.parametrize("path", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_stack_files_set_declared_keys_and_hold_no_secret(path: Path) -> None:
    stack = yaml.safe_load(path.read_text())
    assert "secure:" not in path.read_text()
    for key in stack["config"]:
        namespace, _, name = key.rpartition(":")
        assert namespace in {"aws", "gcp"} or name in PROJECT["config"], key


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_exactly_and_give_their_reason(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line[:1] not in "#-"]
    for line in lines:
        assert re.fullmatch(r"[\w\-\[\],]+==(\d+!)?[\w.]+ +# .+", line), line


def test_make_has_the_targets_that_the_documents_name() -> None:
    declared = re.findall(r"^([a-z-]+):[^#\n]*## \S", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(TARGETS) <= set(declared)


def test_continuous_integration_runs_make_test_and_nothing_else() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert commands == ["exec make test"]
