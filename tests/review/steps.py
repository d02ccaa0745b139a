"""Previews written by hand, for rules that no committed preview needs."""

import json
from typing import Any

from preview import Preview, read
from review import red_lines

_URN = "urn:pulumi:dev::sourcegraph-executors::"
POOL = f"{_URN}executors:aws:ExecutorPool::executors-codeintel"


def step(
    op: str,
    kind: str,
    name: str = "executors-codeintel",
    *,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    parent: str = POOL,
) -> dict[str, Any]:
    """One resource's step, below a pool unless told otherwise."""
    states = {"oldState": old, "newState": new}
    return {
        "op": op,
        "urn": f"{_URN}executors:aws:ExecutorPool${kind}::{name}",
        "detailedDiff": None,
        **{
            key: {"inputs": inputs, "parent": parent, "type": kind}
            for key, inputs in states.items()
            if inputs is not None
        },
    }


def preview(*steps: dict[str, Any], pool: str = "same", **config: Any) -> Preview:
    """A preview of these steps; `pool` is what happens to the pool's component."""
    component = {"op": pool, "urn": POOL, "newState": {"parent": ""}, "oldState": {"parent": ""}}
    texts = {f"sourcegraph-executors:{key}": json.dumps(value) for key, value in config.items()}
    return read(json.dumps({"config": texts, "steps": [component, *steps]}))


def rules(*steps: dict[str, Any], **config: Any) -> set[str]:
    """The rules whose red lines the steps cross."""
    return {line.rule for line in red_lines(preview(*steps, **config))}
