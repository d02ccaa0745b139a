"""Run a long command quietly, and say that it is still at work."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_TTY_INTERVAL_S = 0.5
_LOG_INTERVAL_S = 20.0
_TAIL_LINES = 25


class CommandFailedError(Exception):
    """A command ended with an exit code other than 0; the text ends with the tail of its output."""


def run(
    command: Sequence[str],
    message: str,
    *,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    detail: Callable[[str], str] = lambda _: "",
) -> None:
    """Run `command` with its output in `log`, showing `message` with the elapsed seconds.

    On a terminal one line is redrawn; elsewhere a line is printed every 20 seconds. `detail`
    makes a remark (such as a count) from what the command has printed so far.
    Raises CommandFailedError.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    terminal = sys.stdout.isatty()
    interval = _TTY_INTERVAL_S if terminal else _LOG_INTERVAL_S
    started = time.monotonic()

    def show(end: str) -> None:
        remark = detail(log.read_text(errors="replace"))
        line = f"{message} … {time.monotonic() - started:.0f} s{', ' if remark else ''}{remark}"
        print(f"\r\x1b[K{line}" if terminal else line, end=end, flush=True)

    print(f"{message} …", end="" if terminal else "\n", flush=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            while True:
                try:
                    code = process.wait(timeout=interval)
                    break
                except subprocess.TimeoutExpired:
                    show("" if terminal else "\n")
        except BaseException:
            process.terminate()
            process.wait()
            raise
    show("\n")
    if code != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
        message = f"`{' '.join(command[:4])} …` ended with code {code}. Its last lines ({log}):"
        raise CommandFailedError(f"{message}\n{tail}")
