"""The cache disk: it outlives the VM, so its content is never overwritten."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..commands import run
from ..failures import BootError

if TYPE_CHECKING:
    from pathlib import Path


def mount(device: Path, folder: Path) -> None:
    """Mount the disk, with a file system when it is blank, and as large as the disk is now."""
    if not os.path.ismount(str(folder)):
        if not run("wipefs", "--no-act", "--parsable", "--noheadings", str(device)).strip():
            run("mkfs.ext4", "-q", "-L", "docker-mirror", str(device))
        kind = run("blkid", "-p", "-o", "value", "-s", "TYPE", str(device)).strip()
        if kind != "ext4":
            raise BootError(f"{device} holds {kind or 'something'}, not ext4; it stays as it is")
        folder.mkdir(parents=True, exist_ok=True)
        # With relatime, which is the default, a blob's last use is known to the day.
        run("mount", "-t", "ext4", str(device), str(folder))
    run("resize2fs", str(device))
