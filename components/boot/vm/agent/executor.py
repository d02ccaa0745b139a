"""The executor's unit: seen, stopped and started, but never killed."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

from typing import TYPE_CHECKING

from ..commands import run
from ..failures import BootError
from ..service import UNIT
from .decision import Executor

if TYPE_CHECKING:
    from collections.abc import Callable

_PROPERTIES = "ActiveState,Job,InactiveExitTimestampMonotonic"
_DOCKER_SECONDS = 10
"""A docker that hangs must not hold up the drain."""
_NONE = (None, "", "0")


class ExecutorUnit:
    """`executor.service`; every method raises BootError when systemd does not answer."""

    def __init__(self, command: Callable[..., str] = run) -> None:
        self._command = command

    def state(self) -> Executor:
        """What systemd says of it now."""
        shown = self._command("systemctl", "show", f"--property={_PROPERTIES}", UNIT)
        found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        active = found.get("ActiveState", "")
        if active == "deactivating":
            return Executor.STOPPING
        # Somebody has it restarted: between stop and start it looks finished.
        if active not in ("inactive", "failed") or found.get("Job") not in _NONE:
            return Executor.RUNNING
        if active == "failed":
            return Executor.FAILED
        started = found.get("InactiveExitTimestampMonotonic") not in _NONE
        return Executor.FINISHED if started else Executor.UNSTARTED

    def stop(self) -> None:
        """Let it finish its jobs. A unit that stops already gets no second signal."""
        self._command("systemctl", "stop", "--no-block", UNIT)

    def start(self) -> None:
        """Start it again, also after failures."""
        self._command("systemctl", "reset-failed", UNIT)
        self._command("systemctl", "start", "--no-block", UNIT)

    def jobs(self) -> str:
        """Names of the containers that jobs, or their virtual machines, run in."""
        try:
            names = self._command("docker", "ps", "--format", "{{.Names}}", seconds=_DOCKER_SECONDS)
            return ",".join(names.split())
        except BootError:
            return "unknown"

    def idle(self) -> bool:
        """Whether no job runs, as far as docker knows."""
        return not self.jobs()

    def power_off(self) -> None:
        """End the VM from within."""
        self._command("systemctl", "poweroff")
