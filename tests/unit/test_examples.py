"""The examples load, and each says in its first line what it shows."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.config import RawConfig, load
from components.config.warnings import warnings
from tests.recorder import PROJECT, ROOT

FILES = sorted((ROOT / "examples").glob("*.yaml"))


def raw(path: Path) -> RawConfig:
    config: dict[str, Any] = yaml.safe_load(path.read_text())["config"]
    own = {k.removeprefix(f"{PROJECT}:"): v for k, v in config.items() if k.startswith(PROJECT)}
    values = {k: v if isinstance(v, str) else json.dumps(v) for k, v in own.items()}
    return RawConfig(
        stack=path.stem,
        values={**values, "accessToken": "t" * 40},
        encrypted=frozenset({"accessToken"}),
        providers={k: v for k, v in config.items() if not k.startswith(PROJECT)},
    )


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_loads_without_problems_and_without_doubts(path: Path) -> None:
    assert list(warnings(load(raw(path)))) == []
    first = path.read_text().splitlines()[0]
    assert first.startswith("# ")
    assert first.endswith(".")


def test_all_of_them_are_listed_in_the_readme() -> None:
    listed = (ROOT / "README.md").read_text()
    assert [path.name for path in FILES if f"examples/{path.name}" not in listed] == []
    assert len(FILES) == 8
