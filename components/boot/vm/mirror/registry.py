"""The image's registry, a pull-through cache of Docker Hub."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .. import files
from ..commands import run, succeeds

if TYPE_CHECKING:
    from .paths import MirrorPaths

UNIT = "docker_registry.service"
_EXPORTERS = ("node_exporter.service", "exporter_exporter.service")
_UPSTREAM = "https://registry-1.docker.io"


def configure(credentials: tuple[str, str] | None, paths: MirrorPaths) -> bool:
    """Write the registry's settings; whether anything changed."""
    proxy = {"remoteurl": _UPSTREAM}
    if credentials is not None:
        proxy["username"], proxy["password"] = credentials
    changes = [
        files.write(paths.registry_config, json.dumps(_config(proxy), indent=2) + "\n", 0o600),
        files.write(paths.registry_drop_in, _drop_in(paths)),
    ]
    return any(changes)


def start(*, changed: bool) -> None:
    """Start the registry and its exporters; one that has its settings keeps running.

    It is not enabled: at a boot it starts when its disk is there, and not before.
    """
    run("systemctl", "daemon-reload")
    run("systemctl", "disable", UNIT)
    run("systemctl", "restart" if changed else "start", UNIT)
    run("systemctl", "enable", "--now", *_EXPORTERS)


def is_serving() -> bool:
    """Whether systemd keeps the registry running."""
    return succeeds("systemctl", "is-active", "--quiet", UNIT)


def _drop_in(paths: MirrorPaths) -> str:
    """It is tried again for ever: it ends when it cannot reach its upstream.

    A list of expiries that was cut off when the disk was full, or the VM ended, would keep it from
    starting; the blobs that it names are evicted when there is need.
    """
    return f"""\
[Unit]
ConditionPathIsMountPoint={paths.storage}
StartLimitIntervalSec=0

[Service]
RestartSec=10
ExecStartPre=-/bin/rm -f {paths.storage}/scheduler-state.json
"""


def _config(proxy: dict[str, str]) -> dict[str, object]:
    """The image's own settings (`docker-mirror/install.sh`), and the upstream's credentials."""
    return {
        "version": 0.1,
        "log": {"fields": {"service": "registry"}},
        "storage": {
            "cache": {"blobdescriptor": "inmemory"},
            "filesystem": {"rootdirectory": "/var/lib/registry"},
        },
        "http": {
            "addr": ":5000",
            "headers": {"X-Content-Type-Options": ["nosniff"]},
            "debug": {"addr": ":5001", "prometheus": {"enabled": True, "path": "/metrics"}},
        },
        "health": {"storagedriver": {"enabled": True, "interval": "10s", "threshold": 3}},
        "proxy": proxy,
    }
