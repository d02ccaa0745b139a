"""The local SSD that holds the Firecracker VMs on GCP."""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING

from .commands import run, succeeds
from .failures import BootError

if TYPE_CHECKING:
    from .paths import Paths

_LABEL = "executor"
"""Set when the disk is complete, so that an interrupted copy is made again."""


def mount(paths: Paths) -> None:
    """Mount the disk over the image's Firecracker folder, with that folder's content."""
    device, folder = str(paths.local_ssd), str(paths.firecracker)
    if os.path.ismount(folder):
        return
    paths.firecracker.mkdir(parents=True, exist_ok=True)
    if not paths.local_ssd.exists():
        raise BootError(f"the VM has no local SSD at {device}")
    # Without the cache: a stopped VM gets a blank disk under the same name.
    if not succeeds("blkid", "-c", "/dev/null", "-t", f"LABEL={_LABEL}", device):
        run("mkfs.ext4", "-q", "-F", device)
        _copy(folder, device)
        run("e2label", device, _LABEL)
    run("mount", "-o", "discard,defaults,nobarrier", device, folder)


def _copy(folder: str, device: str) -> None:
    with tempfile.TemporaryDirectory() as target:
        run("mount", device, target)
        try:
            run("cp", "--archive", f"{folder}/.", target)
        finally:
            run("umount", target)
