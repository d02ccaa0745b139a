"""What the agent must know after it was restarted: that the VM is on its way out."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .. import files
from .decision import Drain, Reason

if TYPE_CHECKING:
    from pathlib import Path


class Memory:
    """A file below /run, which a reboot empties. systemd starts no executor while it exists."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Drain | None:
        """The drain under way; one whose file cannot be read goes on, as a VM that is done."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            reason, since, idle_since, retiring = json.loads(text)
            return Drain(Reason(reason), since, idle_since, retiring)
        except (ValueError, TypeError):
            return Drain(Reason.EXPIRED, 0.0)

    def save(self, drain: Drain | None) -> None:
        """Note a drain, or that the VM stays."""
        if drain is None:
            files.remove(self._path)
        else:
            fields = [drain.reason.value, drain.since, drain.idle_since, drain.retiring]
            files.write(self._path, json.dumps(fields))
