"""Keeps the cache within its disk: the blobs that nobody has used for longest go first."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, NamedTuple

from ..commands import run
from ..failures import tell
from .registry import UNIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HIGH_PERCENT = 80
"""Cleaning starts when this much of the disk is used."""
LOW_PERCENT = 60
"""And ends when no more than this is."""
_BLOBS = "docker/registry/v2/blobs"
_UPLOADS = "docker/registry/v2/repositories/**/_uploads"


class Blob(NamedTuple):
    """A layer or a manifest."""

    last_use: float
    """Seconds since 1970."""
    size: int
    """Bytes on the disk."""
    folder: Path


def used_percent(storage: Path) -> float:
    """How much of the disk is used, of what ordinary processes may use."""
    disk = os.statvfs(str(storage))
    used = disk.f_blocks - disk.f_bfree
    return 100 * used / (used + disk.f_bavail)


def clean(storage: Path) -> None:
    """Take away old blobs when the disk gets full.

    The registry is stopped meanwhile: it remembers blobs that it has seen. A blob that is asked for
    again comes from upstream again; docker pulls from there itself while there is no mirror.
    """
    if used_percent(storage) < HIGH_PERCENT:
        return
    run("systemctl", "stop", UNIT)
    try:
        for uploads in storage.glob(_UPLOADS):
            shutil.rmtree(str(uploads), ignore_errors=True)
        count = _evict(storage)
    finally:
        run("systemctl", "start", UNIT)
    tell(f"{count} old blobs went; the disk is at {used_percent(storage):.0f} percent")


def _evict(storage: Path) -> int:
    disk = os.statvfs(str(storage))
    total = (disk.f_blocks - disk.f_bfree + disk.f_bavail) * disk.f_frsize
    excess = total * (used_percent(storage) - LOW_PERCENT) / 100
    count = 0
    for blob in sorted(_blobs(storage / _BLOBS)):
        if excess <= 0:
            break
        shutil.rmtree(str(blob.folder))
        excess -= blob.size
        count += 1
    return count


def _blobs(folder: Path) -> Iterator[Blob]:
    for data in folder.glob("*/*/*/data"):
        found = data.stat()
        yield Blob(max(found.st_atime, found.st_mtime), found.st_blocks * 512, data.parent)
