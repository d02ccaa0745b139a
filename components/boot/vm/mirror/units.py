"""The units that keep a mirror up: one that sets it up at every boot, one that tends it."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import files
from ..commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from .paths import MirrorPaths

SETUP = "docker-mirror.service"
TENDING = "docker-mirror-tending"
_TENDING_SECONDS = 120
"""A disk that takes 100 MB/s gets 12 GB fuller in this time."""


def install(program: Path, document: Path, paths: MirrorPaths) -> None:
    """Keep this program on the VM and let systemd run it, now and at every boot.

    The first attempt to attach the disk may come while another VM still has it: systemd repeats it.
    """
    kept_program, kept_document = paths.program / "mirror.pyz", paths.program / "document.json"
    command = f"/usr/bin/python3 -I {kept_program}"
    changes = [
        files.write(kept_program, program.read_bytes(), 0o600),
        files.write(kept_document, document.read_bytes(), 0o600),
        files.write(paths.units / SETUP, _setup(f"{command} serve {kept_document}")),
        files.write(
            paths.units / f"{TENDING}.service", _tending(f"{command} tend {kept_document}")
        ),
        files.write(paths.units / f"{TENDING}.timer", _timer()),
    ]
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", SETUP, f"{TENDING}.timer")
    verb = "restart" if any(changes) else "start"
    run("systemctl", "--no-block", verb, SETUP, f"{TENDING}.timer")


def _setup(command: str) -> str:
    return f"""\
[Unit]
Description=Sets up this docker mirror
Wants=network-online.target docker.service
After=network-online.target docker.service
StartLimitIntervalSec=0

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart={command}
Restart=on-failure
RestartSec=15

[Install]
WantedBy=multi-user.target
"""


def _tending(command: str) -> str:
    return f"""\
[Unit]
Description=Keeps the cache of this docker mirror within its disk
Requisite={SETUP}
After={SETUP}

[Service]
Type=oneshot
ExecStart={command}
"""


def _timer() -> str:
    return f"""\
[Unit]
Description=Runs {TENDING}.service

[Timer]
OnActiveSec={_TENDING_SECONDS}
OnUnitActiveSec={_TENDING_SECONDS}

[Install]
WantedBy=timers.target
"""
