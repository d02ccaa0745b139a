"""A mirror on GCP, whose group gives disk and address to each of its VMs."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

from typing import TYPE_CHECKING

from ..gcp_api import GcpApi
from ..secrets_gcp import SecretManager
from ..web import UnavailableError
from .main import run

if TYPE_CHECKING:
    from pathlib import Path

    from ..secrets import SecretStore
    from ..web import Patience
    from .paths import MirrorPaths

DEVICE_NAME = "registry"
"""The disk's device name in the instance group."""


class GcpSite:
    """The group's preserved disk."""

    def __init__(self, paths: MirrorPaths, patience: Patience, store: SecretStore) -> None:
        self.store = store
        self._paths, self._patience = paths, patience

    def prepare(self) -> Path:
        """Wait for the disk."""
        device = self._paths.disks / f"google-{DEVICE_NAME}"

        def find() -> Path:
            if not device.exists():
                raise UnavailableError(f"there is no {device} yet")
            return device

        return self._patience.insist("looking for the disk", find)

    def tend(self, used_percent: float) -> None:
        """Nothing: the image's Ops Agent reports how full disks are."""


def main() -> None:
    """The program's entry point on GCP."""
    run(lambda _, paths, patience: GcpSite(paths, patience, SecretManager(GcpApi())))
