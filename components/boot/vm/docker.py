"""The VM's own docker: its proxy, and its mirrors where jobs run in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import environment, files
from .failures import BootError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .paths import Paths


def configure(proxy: Mapping[str, str], mirrors: list[str], paths: Paths) -> bool:
    """Write docker's settings; whether docker must be restarted to see them."""
    drop_in = f"[Service]\nEnvironmentFile={paths.docker_env}\n"
    changes = [
        files.keep(paths.docker_env, environment.render(proxy) if proxy else None, 0o600),
        files.keep(paths.docker_drop_in, drop_in if proxy else None),
        _set_mirrors(mirrors, paths.docker_config),
    ]
    return any(changes)


def _set_mirrors(mirrors: list[str], config: Path) -> bool:
    """Set `registry-mirrors` and keep what the image has configured besides."""
    before = _read(config)
    after = {key: value for key, value in before.items() if key != "registry-mirrors"}
    if mirrors:
        after["registry-mirrors"] = mirrors
    if after == before:
        return False
    return files.write(config, json.dumps(after, indent=2, sort_keys=True) + "\n")


def _read(config: Path) -> dict[str, object]:
    if not config.is_file():
        return {}
    try:
        return json.loads(config.read_text(encoding="utf-8"))
    except ValueError:
        raise BootError(f"{config} of the image is not JSON") from None
