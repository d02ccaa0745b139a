"""The image's `executor.service`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import files
from .commands import run

if TYPE_CHECKING:
    from pathlib import Path

    from .paths import Paths

UNIT = "executor.service"
AGENT = "executor-agent.service"


def drop_in(stop_timeout_seconds: int, leaving: Path) -> str:
    """Our settings of the unit: start after what jobs need, and let jobs end when it is stopped.

    With systemd's defaults a stop signals Firecracker too, and kills everything after 90 seconds.
    The image powers the VM off when the executor ends, which would cut the agent off.
    """
    return f"""\
[Unit]
Wants=network-online.target docker.service
After=network-online.target docker.service
ConditionPathExists=!{leaving}
StartLimitIntervalSec=600
StartLimitBurst=10

[Service]
KillMode=mixed
TimeoutStopSec={stop_timeout_seconds}
ExecStopPost=
RestartSec=10
"""


def install_agent(program: Path, document: Path, paths: Paths) -> None:
    """Keep this program on the VM and start it as the agent, before anything else can fail."""
    folder = paths.agent
    kept = [(program, folder / "agent.pyz"), (document, folder / "document.json")]
    changes = [files.write(target, source.read_bytes(), 0o600) for source, target in kept]
    changes.append(files.write(paths.agent_unit, _agent_unit(*(target for _, target in kept))))
    run("systemctl", "daemon-reload")
    run("systemctl", "enable", AGENT)
    run("systemctl", "restart" if any(changes) else "start", AGENT)


def _agent_unit(program: Path, document: Path) -> str:
    """Not ordered after the executor: systemd would start no agent while the executor stops, which
    is as long as its jobs last. The reference keeps systemd's memory of the executor."""
    return f"""\
[Unit]
Description=Drains and retires this executor VM
Wants=network-online.target
After=network-online.target
PropagatesReloadTo={UNIT}
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/python3 -I {program} agent {document}
Restart=always
RestartSec=5
OOMScoreAdjust=-900

[Install]
WantedBy=multi-user.target
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
    docker = ["docker.service"] if docker_changed else []
    if (changed or docker) and running():
        # At once: systemd stops the executor before docker, starts it after docker, and shows the
        # agent all the time that it will.
        run("systemctl", "restart", *docker, UNIT)
    else:
        for unit in docker:
            run("systemctl", "try-restart", unit)
        run("systemctl", "start", UNIT)
