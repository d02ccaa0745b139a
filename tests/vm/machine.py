"""A VM that is this machine in namespaces, with systemd as its first process."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

INIT = Path(__file__).with_name("init.sh")
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class VirtualMachine:
    """Runs until `stop`, or until it powers off.

    `image` is copied over its root. Its log is what systemd says before there is a journal.
    """

    def __init__(self, name: str, image: Path, folder: Path) -> None:
        self.name = name
        self._log = folder / f"{name}.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["bash", INIT, name, image], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.pid = self._first_process()

    def _first_process(self) -> int:
        """systemd's id outside: the one child of `unshare`."""
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")

        def systemd() -> int | None:
            found = children.read_text().split()
            if found and Path(f"/proc/{found[0]}/comm").read_text().strip() == "systemd":
                return int(found[0])
            return None

        return wait_for(systemd, 30, lambda: self._log.read_text(errors="replace"))

    @property
    def root(self) -> Path:
        """Its file system, seen from outside."""
        return Path(f"/proc/{self.pid}/root")

    @property
    def written(self) -> Path:
        """Everything that was written on it, apart from /run and /tmp."""
        return self.root / ".outside/upper"

    @property
    def alive(self) -> bool:
        """Whether it has not powered off."""
        return self._process.poll() is None

    def run(self, *command: str, check: bool = True) -> str:
        """Run a program on it; returns what it prints. Raises CalledProcessError."""
        enter = ["nsenter", "--target", str(self.pid), "--all", "--wd=/", "--"]
        done = subprocess.run(
            [*enter, *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
        return done.stdout

    def wait_until_ready(self) -> None:
        """Wait for systemd to have started what a machine starts."""

        def ready() -> bool:
            return self.run("systemctl", "is-active", "vm.target", check=False) == "active\n"

        wait_for(ready, 60, lambda: self._log.read_text(errors="replace"))

    def listen(self, address: str, port: int) -> socket.socket:
        """A listening socket on the network beside it, served by this process."""
        own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        cloud = os.open(self.root / "run/netns/cloud", os.O_RDONLY)
        try:
            _enter(cloud)
            return socket.create_server((address, port), backlog=64)
        finally:
            _enter(own)
            os.close(own)
            os.close(cloud)

    def journal(self, *units: str) -> str:
        """What the units, or all, have said since it started."""
        chosen = [word for unit in units for word in ("--unit", unit)]
        return self.run("journalctl", "--boot", "--no-pager", "--output", "cat", *chosen)

    def stop(self) -> None:
        """End it and everything that runs on it."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
        self._process.wait()
        for hierarchy in ("/sys/fs/cgroup/systemd", "/sys/fs/cgroup"):
            _remove_cgroup(Path(hierarchy) / self.name)


def _enter(namespace: int) -> None:
    if _LIBC.setns(namespace, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def _remove_cgroup(folder: Path) -> None:
    if folder.is_dir():
        for inner in sorted(folder.rglob("*/"), reverse=True):
            if inner.is_dir():
                inner.rmdir()
        folder.rmdir()


def wait_for(look: Callable[[], T | None], seconds: float, explain: Callable[[], str] = str) -> T:
    """The first true thing that `look` returns; AssertionError with an explanation after a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"nothing within {seconds} s\n{explain()}")


def missing() -> str | None:
    """What this machine lacks for a VM, if anything."""
    programs = ("unshare", "nsenter", "ip", "systemctl", "systemd-run", "journalctl")
    lacking = [name for name in programs if shutil.which(name) is None]
    if os.geteuid() != 0:
        lacking.append("root")
    return ", ".join(lacking) or None
