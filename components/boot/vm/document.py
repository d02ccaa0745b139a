"""The data that the boot script carries beside this program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Document:
    """The fields of `components.boot.spec.BootSpec`, which explains them."""

    environment: dict[str, str]
    secret_environment: dict[str, str]
    private_ca_secret: str | None
    vm_startup_script: str | None
    mirrors: list[str]
    job_network_allow: list[str]
    log_group: str | None
    local_ssd: bool
    proxy: dict[str, str]
    use_firecracker: bool
    stop_timeout_seconds: int


def load(path: Path) -> Document:
    """Read the document that the boot script has unpacked."""
    return Document(**json.loads(path.read_text(encoding="utf-8")))
