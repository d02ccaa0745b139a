"""Programs of the image."""

from __future__ import annotations

import subprocess

from .failures import BootError


def run(*command: str, stdin: str | None = None, seconds: float | None = None) -> str:
    """Run a program and return its standard output; BootError with what it said when it fails, or
    when it takes longer than `seconds`.
    """
    done = _start(command, stdin, seconds)
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-500:]
        line = " ".join(command)
        raise BootError(f"`{line}` ended with exit status {done.returncode}: {said}")
    return done.stdout


def succeeds(*command: str) -> bool:
    """Whether a program that answers by its exit status says yes."""
    return _start(command, None, None).returncode == 0


def _start(
    command: tuple[str, ...], stdin: str | None, seconds: float | None
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise BootError(f"{command[0]} does not end") from None
    except FileNotFoundError:
        raise BootError(f"the image has no program {command[0]}") from None
