"""Every file of a mirror's VM that the program reads or writes."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

from typing import TYPE_CHECKING

from ..paths import Paths

if TYPE_CHECKING:
    from pathlib import Path


class MirrorPaths(Paths):
    """Adds what only a mirror has."""

    @property
    def storage(self) -> Path:
        """Where the image's registry keeps its files; the cache disk is mounted here."""
        return self.root / "mnt/registry"

    @property
    def disks(self) -> Path:
        """Stable names of the VM's disks."""
        return self.root / "dev/disk/by-id"

    @property
    def interfaces(self) -> Path:
        """The kernel's network interfaces."""
        return self.root / "sys/class/net"

    @property
    def registry_config(self) -> Path:
        """What the image's `docker_registry.service` hands to the registry."""
        return self.root / "etc/docker/registry_config.json"

    @property
    def registry_drop_in(self) -> Path:
        """Our settings for that unit."""
        return self.root / "etc/systemd/system/docker_registry.service.d/50-mirror.conf"

    @property
    def program(self) -> Path:
        """Folder of this program and its document."""
        return self.root / "usr/local/lib/docker-mirror"

    @property
    def units(self) -> Path:
        """Where the units of this program are."""
        return self.root / "etc/systemd/system"
