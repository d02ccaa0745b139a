"""The data that the mirror's boot script carries beside its program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Document:
    """The fields of `components.boot.mirror.MirrorSpec`, which explains them."""

    volume: str | None
    address: str | None
    log_group: str | None
    metric: dict[str, str] | None
    credentials_secret: str | None


def load(path: Path) -> Document:
    """Read the document that the boot script has unpacked."""
    return Document(**json.loads(path.read_text(encoding="utf-8")))
