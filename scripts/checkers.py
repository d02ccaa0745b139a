"""Find, unpack or build the checkers that are no Python packages.

On PATH; else Prometheus, promtool and shellcheck from Debian's packages, which are unpacked into
the cache and not installed (the package `prometheus` would start a service), and actionlint from
its Go module.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import cache, progress

PACKAGES = {"prometheus": "prometheus", "promtool": "prometheus", "shellcheck": "shellcheck"}
MODULES = {"actionlint": "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"}
ROOT = Path(__file__).resolve().parent.parent


class MissingError(Exception):
    """A checker could not be found or unpacked; the text says what to install."""


def directory_of(command: str) -> Path | None:
    """The directory that holds `command` when it is not on PATH; None when it is.

    Raises MissingError.
    """
    if shutil.which(command) is not None:
        return None
    if command in MODULES:
        return _built(command)
    packages = " ".join(dict.fromkeys(PACKAGES.values()))
    advice = (
        f"`{command}` is missing. Install it: `brew install {packages}` on macOS, "
        f"`apt-get install {packages}` on Debian and Ubuntu."
    )
    return debian(PACKAGES[command], advice) / "usr" / "bin"


def debian(package: str, advice: str) -> Path:
    """Where the files of a Debian package are, unpacked into the cache when they are not there.

    Raises MissingError with `advice`.
    """
    unpacked = cache.directory() / "debian" / package
    if not unpacked.exists():
        _unpack(package, unpacked, advice)
    return unpacked


def _unpack(package: str, target: Path, advice: str) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        raise MissingError(advice)
    # Own lists, so that this needs no root and changes nothing of the system.
    lists = cache.directory() / "debian" / "lists"
    download = cache.directory() / "debian" / "download"
    for directory in (lists / "partial", download):
        directory.mkdir(parents=True, exist_ok=True)
    options = ["-o", f"Dir::State::lists={lists}", "-o", f"Dir::Cache={download}"]
    # apt as root reads as the user _apt, who may not enter a private home.
    options += ["-o", "APT::Sandbox::User=root"]
    for file in download.glob(f"{package}_*.deb"):
        file.unlink()
    log = ROOT / "build" / "checkers.log"
    try:
        for arguments, message in (
            (["apt-get", *options, "update"], "Reading Debian's package lists"),
            (["apt-get", *options, "download", package], f"Fetching {package}"),
        ):
            progress.run(arguments, message, log=log, cwd=download)
        archive = next(download.glob(f"{package}_*.deb"))
        partial = target.with_name(f".{package}.new")
        shutil.rmtree(partial, ignore_errors=True)
        subprocess.run(["dpkg-deb", "--extract", archive, partial], check=True)
        shutil.rmtree(target, ignore_errors=True)
        partial.replace(target)
    except (progress.CommandFailedError, subprocess.CalledProcessError) as failure:
        raise MissingError(f"{advice} Unpacking Debian's package failed: {failure}") from None
    finally:
        shutil.rmtree(download, ignore_errors=True)


def _built(command: str) -> Path:
    module = MODULES[command]
    target = cache.directory() / "go" / module.rpartition("/")[2]
    if not (target / command).exists():
        advice = f"`{command}` is missing. Install it, or Go (https://go.dev/dl/) to build it."
        if shutil.which("go") is None:
            raise MissingError(advice)
        partial = target.with_name(f".{target.name}.new")
        try:
            progress.run(
                ["go", "install", module],
                f"Building {command} from its Go module (once)",
                log=ROOT / "build" / "checkers.log",
                env={**os.environ, "GOBIN": str(partial)},
            )
        except progress.CommandFailedError as failure:
            raise MissingError(f"{advice} {failure}") from None
        partial.replace(target)
    return target


def main() -> None:
    """Run a command line with every checker on its PATH: `python -m scripts.checkers COMMAND …`."""
    found = dict.fromkeys(directory_of(command) for command in (*PACKAGES, *MODULES))
    path = [str(directory) for directory in found if directory is not None]
    environment = {**os.environ, "PATH": os.pathsep.join([*path, os.environ["PATH"]])}
    if len(sys.argv) > 1:
        os.execvpe(sys.argv[1], sys.argv[1:], environment)


if __name__ == "__main__":
    try:
        main()
    except MissingError as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
