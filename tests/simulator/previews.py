"""Previews of stacks without the engine; `tests/engine/test_simulator.py` compares them."""

import functools
import json
from collections.abc import Mapping
from typing import Any

from simulator.preview import Preview, Resource
from simulator.read import System, systems
from tests import recorder
from tests.recorder import STACK, plain


def preview(config: Mapping[str, Any]) -> Preview:
    """What the program registers for a stack's configuration, as if it were up already."""
    made = recorder.run(config)
    return Preview(
        stack=STACK,
        resources={
            one.urn: Resource(
                urn=one.urn, type=one.type, inputs=plain(one.inputs), refers_to=one.refers_to
            )
            for one in made.all
        },
        config={k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()},
    )


@functools.cache
def _systems(text: str) -> dict[str, System]:
    return {system.name: system for system in systems(preview(json.loads(text)))}


def systems_of(config: Mapping[str, Any]) -> dict[str, System]:
    """A stack's systems by the names of their pools."""
    return _systems(json.dumps(config))
