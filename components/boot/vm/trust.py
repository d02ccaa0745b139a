"""The private CA, for the VM itself and for the Firecracker VMs that run jobs."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from . import files
from .commands import run

if TYPE_CHECKING:
    from pathlib import Path

_NAME = "sourcegraph-executor-{number}.crt"
_GUEST_FOLDER = "/usr/local/share/ca-certificates"


def install(certificates: list[str], folder: Path) -> bool:
    """Make the VM trust exactly these certificates of ours; whether that changed anything.

    One file for each: `update-ca-certificates` skips a file that holds several.
    """
    wanted = {
        folder / _NAME.format(number=number): pem for number, pem in enumerate(certificates, 1)
    }
    stale = set(folder.glob(_NAME.format(number="*"))) - set(wanted)
    changes = [files.remove(path) for path in stale]
    changes += [files.write(path, pem) for path, pem in wanted.items()]
    if any(changes):
        run("update-ca-certificates", "--fresh")
    return any(changes)


def guest_script(script: str | None, certificates: list[str]) -> str | None:
    """What a Firecracker VM runs when it starts: trust the CA, then `script`, unchanged."""
    if not certificates:
        return script
    lines = ["#!/bin/sh", "set -eu"]
    for number, pem in enumerate(certificates, 1):
        lines += _unpack(pem, f"{_GUEST_FOLDER}/{_NAME.format(number=number)}")
    lines += ["update-ca-certificates", "systemctl try-restart docker"]
    if script is not None:
        path = "/run/executor-vm-startup"
        lines += [*_unpack(script, path), f"chmod 700 {path}", f"exec {path}"]
    return "\n".join(lines) + "\n"


def _unpack(text: str, path: str) -> list[str]:
    encoded = base64.b64encode(text.encode()).decode()
    return [f"base64 -d >{path} <<'DATA'", encoded, "DATA"]
