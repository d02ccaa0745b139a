"""The background process that holds both local clouds: start it, find it, stop it."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

from local_clouds import state

ROOT = Path(__file__).resolve().parent.parent
_START_TIMEOUT_S = 60
_STOP_TIMEOUT_S = 15
_PING_TIMEOUT_S = 10
_LOCK_TIMEOUT_S = 2


class CloudsError(Exception):
    """The local clouds do not start or stop; the text says where to look."""


@dataclass(frozen=True, kw_only=True)
class Clouds:
    """One running pair of local clouds.

    Everything of theirs is in `directory`, also the engine's state of the stacks in them (`state`):
    it describes resources that live in the process, so a new process starts without it.
    """

    directory: Path
    pid: int
    aws_endpoint: str
    gcp_endpoint: str
    aws_provider_port: int
    gcp_provider_port: int

    @classmethod
    def running(cls, directory: Path) -> Self | None:
        """The clouds of `directory`, or None when their process is gone or does not answer."""
        if not _is_locked(directory):
            return None
        try:
            clouds = cls(directory=directory, **json.loads(_record(directory).read_text()))
            os.kill(clouds.pid, 0)
            clouds.gcp_resources()
        except (OSError, ValueError):
            return None
        return clouds

    @classmethod
    def start(cls, directory: Path) -> Self:
        """The running clouds of `directory`, started when they are not. Raises CloudsError."""
        clouds = cls.running(directory)
        if clouds is not None:
            return clouds
        directory.mkdir(parents=True, exist_ok=True)
        print("Starting the local clouds; they run in the background until they are not needed.")
        log = directory / "clouds.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "local_clouds", "serve", str(directory)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal must not reach it
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while time.monotonic() < deadline:
            clouds = cls.running(directory)
            if clouds is not None:
                return clouds
            # Exit code 0: another process was faster, and its clouds are about to answer.
            if process.poll():
                break
            time.sleep(0.1)
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-25:])
        raise CloudsError(f"The local clouds did not start. The end of {log}:\n{tail}")

    def publish(self) -> None:
        """Let other processes find these clouds; written whole or not at all."""
        record = {key: value for key, value in asdict(self).items() if key != "directory"}
        scratch = _record(self.directory).with_suffix(".new")
        scratch.write_text(json.dumps(record, indent=2))
        scratch.replace(_record(self.directory))

    def unpublish(self) -> None:
        """Take the record back."""
        _record(self.directory).unlink(missing_ok=True)

    def is_published(self) -> bool:
        """Whether the record of these clouds is still there; `make clean` removes it."""
        try:
            return json.loads(_record(self.directory).read_text())["pid"] == self.pid
        except (OSError, ValueError):
            return False

    def stop(self) -> None:
        """End the process, and with it all resources and the state of all stacks.

        Raises CloudsError.
        """
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_TIMEOUT_S
        while _is_locked(self.directory):
            if time.monotonic() > deadline:
                raise CloudsError(f"The local clouds (process {self.pid}) do not end.")
            time.sleep(0.05)
        shutil.rmtree(state.backend(self.directory), ignore_errors=True)

    def gcp_resources(self) -> list[str]:
        """Names of everything in the local GCP that a user made. Raises OSError."""
        url = f"{self.gcp_endpoint}/local/resources"
        # No proxy of the environment: the endpoint is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=_PING_TIMEOUT_S) as answer:
            return json.load(answer)["names"]


@contextmanager
def exclusive(directory: Path) -> Generator[bool]:
    """Hold the lock that says that clouds of `directory` run; yields False when others hold it.

    The kernel drops it when the process ends, however it ends, so a recycled process id or a file
    that was left behind cannot pass for running clouds.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _lock_file(directory).open("w") as file:
        deadline = time.monotonic() + _LOCK_TIMEOUT_S
        taken = try_lock(file)
        while not taken and time.monotonic() < deadline:
            # Whoever asks whether the lock is held, holds it for a moment.
            time.sleep(0.05)
            taken = try_lock(file)
        yield taken


def _is_locked(directory: Path) -> bool:
    if not _lock_file(directory).exists():
        return False
    with _lock_file(directory).open("r+") as file:
        return not try_lock(file)


def try_lock(file: IO[str]) -> bool:
    """Lock an open file until it is closed; False when another process holds it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_file(directory: Path) -> Path:
    return directory / "clouds.lock"


def _record(directory: Path) -> Path:
    return directory / "clouds.json"
