"""The program that `make bench` measures against declares what `__main__.py` declares."""

import json
import runpy
from typing import Any

import pytest

from tests import recorder, stacks
from tests.bench.programs import FLAT
from tests.recorder import Recorder, is_secret, plain

# Not the same, because the recorder keeps one run for each configuration.
TOKEN, FLAT_TOKEN = "program-token-0123456789", "flat-token-0123456789"


@pytest.fixture(scope="module")
def program() -> Recorder:
    return recorder.run(stacks.dev(), token=TOKEN)


@pytest.fixture(scope="module")
def flat() -> Recorder:
    def run_flat(_: Recorder) -> None:
        runpy.run_path(str(FLAT), run_name="__main__")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recorder, "_program", run_flat)
        return recorder.run(stacks.dev(), token=FLAT_TOKEN)


def inputs(made: Recorder, token: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Inputs of the custom resources by type and name: whether secret, and in plain."""
    custom = [one for one in made.all if one.custom]
    found = {
        (one.type, one.name): {
            key: (is_secret(value), json.loads(json.dumps(plain(value)).replace(token, "token")))
            for key, value in one.inputs.items()
        }
        for one in custom
    }
    assert len(found) == len(custom)
    return found


def test_only_the_program_has_components(program: Recorder, flat: Recorder) -> None:
    def components(made: Recorder) -> list[str]:
        return [one.type for one in made.all if one.type.startswith("executors:")]

    assert components(program)
    assert not components(flat)


def test_both_declare_the_same_resources(program: Recorder, flat: Recorder) -> None:
    assert sorted(inputs(flat, FLAT_TOKEN)) == sorted(inputs(program, TOKEN))


def test_both_give_them_the_same_inputs(program: Recorder, flat: Recorder) -> None:
    declared = inputs(flat, FLAT_TOKEN)
    for key, expected in inputs(program, TOKEN).items():
        assert declared[key] == expected, key
