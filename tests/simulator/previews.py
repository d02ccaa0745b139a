"""Previews of stacks without the engine; `tests/engine/test_simulator.py` compares them."""

import functools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from preview import Change, Preview, Resource
from simulator.read import System, systems
from tests import recorder
from tests.recorder import plain


def preview(config: Mapping[str, Any]) -> Preview:
    """What the program registers for a stack's configuration, as if it were up already."""
    resources = (
        Resource(
            urn=one.urn,
            type=one.type,
            inputs=plain(one.inputs),
            parent=one.parent,
            refers_to=one.refers_to,
        )
        for one in recorder.run(config).all
    )
    return Preview(
        changes=tuple(
            Change(operation="same", urn=one.urn, before=one, after=one, outputs={})
            for one in resources
        ),
        config={k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()},
    )


def altered(known: Preview, alter: Callable[[Resource], Resource | None]) -> Preview:
    """The preview of a change that makes something else of every resource; None takes it away."""
    changes = (
        replace(change, after=alter(change.after)) for change in known.changes if change.after
    )
    return replace(known, changes=tuple(changes))


@functools.cache
def _systems(text: str) -> dict[str, System]:
    return {system.name: system for system in systems(preview(json.loads(text)))}


def systems_of(config: Mapping[str, Any]) -> dict[str, System]:
    """A stack's systems by the names of their pools."""
    return _systems(json.dumps(config))
