"""The image's `executor.service`."""

from __future__ import annotations

from .commands import run

UNIT = "executor.service"


def drop_in(stop_timeout_seconds: int) -> str:
    """Our settings of the unit: start after what jobs need, and let jobs end when it is stopped.

    With systemd's defaults a stop signals Firecracker too, and kills everything after 90 seconds.
    """
    return f"""\
[Unit]
Wants=network-online.target docker.service
After=network-online.target docker.service

[Service]
KillMode=mixed
TimeoutStopSec={stop_timeout_seconds}
"""


def running() -> bool:
    """Whether the executor may have jobs: it runs, starts or drains."""
    state = run("systemctl", "show", "--property=ActiveState", "--value", UNIT).strip()
    return state not in ("inactive", "failed")


def start(*, at_boot: bool, changed: bool, docker_changed: bool) -> None:
    """Start the executor with the files that were written; one that has them keeps running.

    One that runs with other files is stopped first, which waits for its jobs. `at_boot` makes
    systemd start it at the next boot; without it only this program does.
    """
    run("systemctl", "daemon-reload")
    run("systemctl", "enable" if at_boot else "disable", UNIT)
    if (changed or docker_changed) and running():
        run("systemctl", "stop", UNIT)
    if docker_changed:
        run("systemctl", "try-restart", "docker.service")
    run("systemctl", "start", UNIT)
