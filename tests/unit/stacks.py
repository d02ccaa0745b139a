"""A good stack as the engine hands it over, and changes to it by key path."""

import copy
import json
from collections.abc import Mapping
from typing import Any

from components.config import Deployment, RawConfig, load

TOKEN = "canary-access-token-0123456789"

DELETED = object()
"""As a changed value: take the key away."""

GOOD: dict[str, Any] = {
    "sourcegraph": {
        "url": "https://sourcegraph.example.com",
        "version": "6.10",
        "environmentLabel": "prod",
    },
    "executors": {"maximumNumJobs": 4, "firecracker": {"diskSpace": "20G"}},
    "pools": {
        "codeintel": {
            "queue": "codeintel",
            "max": 10,
            "aws": {"zones": ["us-east-1a", "us-east-1b"], "machineTypes": ["m8i.4xlarge"]},
        },
        "batches": {
            "queue": "batches",
            "min": 1,
            "max": 6,
            "gcp": {"zones": ["us-central1-a"], "machineType": "n2-standard-16"},
        },
    },
}

AWS = GOOD["pools"]["codeintel"]["aws"]
GCP = GOOD["pools"]["batches"]["gcp"]

PROVIDERS = {
    "aws:region": "us-east-1",
    "gcp:project": "acme-executors",
    "gcp:region": "us-central1",
}


def changed(changes: Mapping[str, Any], stack: Mapping[str, Any] = GOOD) -> dict[str, Any]:
    """`stack` with values set, or DELETED, at dotted key paths."""
    result = copy.deepcopy(dict(stack))
    for path, value in changes.items():
        *parents, last = path.split(".")
        place = result
        for part in parents:
            place = place.setdefault(part, {})
        if value is DELETED:
            del place[last]
        else:
            place[last] = copy.deepcopy(value)
    return result


def raw(
    values: Mapping[str, Any] = GOOD,
    secrets: Mapping[str, str] | None = None,
    providers: Mapping[str, str] = PROVIDERS,
    encrypted: frozenset[str] | None = None,
    stack: str = "prod",
) -> RawConfig:
    """What the engine hands over: objects as JSON text, text as it is."""
    stated = {"accessToken": TOKEN} if secrets is None else secrets
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
    return RawConfig(
        stack=stack,
        values={**texts, **stated},
        encrypted=frozenset(stated) if encrypted is None else encrypted,
        providers=providers,
    )


def deployed(changes: Mapping[str, Any] | None = None, stack: str = "prod") -> Deployment:
    """The good stack with changes, loaded."""
    return load(raw(changed(changes or {}), stack=stack))
