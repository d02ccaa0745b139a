"""The stack file that the engine works on: the tracked one with what only this machine needs."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

StackFile = Mapping[str, Any]


@dataclass(frozen=True)
class Secret:
    """A configuration value that the engine keeps encrypted."""

    value: str

    def __repr__(self) -> str:
        return "Secret(…)"


def local(tracked: StackFile, project: str) -> tuple[dict[str, Any], list[str]]:
    """The configuration to run `tracked` with on the local clouds, and the keys made up for it.

    Keys without a namespace get the project's. A value that is encrypted for the real stack cannot
    be read here, so a made-up secret stands in for it; so does one for a missing access token.
    The tracked file's own secrets provider is left out.
    """
    config = {
        key if ":" in key else f"{project}:{key}": value
        for key, value in (tracked.get("config") or {}).items()
    }
    token = f"{project}:accessToken"
    made_up = [key for key, value in config.items() if _is_encrypted(value)]
    if token not in config:
        made_up.append(token)
    for key in made_up:
        config[key] = Secret(f"local-{secrets.token_hex(20)}")
    return config, made_up


def split(
    config: Mapping[str, Any], previous: StackFile, made_up: list[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """The stack file to write, and the secrets that the engine still has to encrypt into it.

    What the engine encrypted for `previous` is kept for the made-up keys, so that a second run
    changes nothing.
    """
    kept = {key: value for key, value in (previous.get("config") or {}).items() if key in made_up}
    plain = {key: value for key, value in config.items() if not isinstance(value, Secret)}
    new = {
        key: value.value
        for key, value in config.items()
        if isinstance(value, Secret) and key not in kept
    }
    head = {key: previous[key] for key in ("encryptionsalt",) if key in previous}
    return {**head, "config": {**plain, **kept}}, new


def _is_encrypted(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}
