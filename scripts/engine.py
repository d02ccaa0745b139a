"""Find or make the Pulumi engine (the `pulumi` command) that the local stacks run on.

In this order: `pulumi` on PATH, the one built or installed earlier, the official installer, a build
from the Go module that `scripts/engine/go.mod` pins. The last needs nothing but Go and its module
mirror, which is what a machine without the open internet often has.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from scripts import cache, progress

ROOT = Path(__file__).resolve().parent.parent
MODULE = Path(__file__).resolve().parent / "engine"
INSTALLER = "https://get.pulumi.com"
_INSTALLER_TIMEOUT_S = 5
_PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
# The first Go that fetches the toolchain which a go.mod asks for.
_MINIMUM_GO = (1, 21)

Version = tuple[int, ...]


class EngineError(Exception):
    """No engine could be found or made; the text says what to install."""


def pinned_version() -> str:
    """The version that is installed or built here, from `scripts/engine/go.mod`: `3.259.0`."""
    found = re.search(r"pulumi/pkg/v3 v([\d.]+)", (MODULE / "go.mod").read_text())
    if found is None:
        raise EngineError(f"{MODULE / 'go.mod'} requires no github.com/pulumi/pulumi/pkg/v3.")
    return found.group(1)


def required_version(project_file: Path = ROOT / "Pulumi.yaml") -> Version:
    """The lower bound that `requiredPulumiVersion` of a Pulumi.yaml states; (0,) without one."""
    text = project_file.read_text() if project_file.exists() else ""
    found = re.search(r"""^requiredPulumiVersion:\s*["']?\s*>=\s*([\d.]+)""", text, re.MULTILINE)
    return _version(found.group(1)) if found else (0,)


def prepare() -> Path:
    """The `pulumi` command to run; prints a line about every step that takes long.

    Raises EngineError when none can be had.
    """
    on_path = _on_path()
    if on_path is not None:
        return on_path
    version = pinned_version()
    command = cache.directory() / f"pulumi-v{version}" / "pulumi"
    if not command.exists():
        with tempfile.TemporaryDirectory(prefix="pulumi-") as scratch:
            made = _install(version, Path(scratch)) or _build(version, Path(scratch))
            command.parent.mkdir(parents=True, exist_ok=True)
            # Last and by rename, so that an interrupted run leaves no half of a command.
            for file in sorted(made.parent.iterdir(), key=lambda file: file.name == "pulumi"):
                shutil.move(file, command.with_name(f".{file.name}.new"))
                command.with_name(f".{file.name}.new").replace(command.with_name(file.name))
    return command


def _on_path() -> Path | None:
    found = shutil.which("pulumi")
    if found is None:
        return None
    answer = subprocess.run(
        [found, "version"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
    )
    required = required_version()
    try:
        if _version(answer.stdout) >= required:
            return Path(found)
    except ValueError:
        pass
    print(
        f"`{found}` is {answer.stdout.strip() or 'of an unknown version'}, and Pulumi.yaml asks "
        f"for {'.'.join(map(str, required))} or newer: using v{pinned_version()} instead."
    )
    return None


def _install(version: str, scratch: Path) -> Path | None:
    try:
        with urllib.request.urlopen(INSTALLER, timeout=_INSTALLER_TIMEOUT_S) as answer:
            script = answer.read()
    except OSError:
        return None
    (scratch / "install.sh").write_bytes(script)
    arguments = ["--version", version, "--install-root", str(scratch), "--no-edit-path"]
    try:
        progress.run(
            ["sh", str(scratch / "install.sh"), *arguments],
            f"Installing Pulumi v{version} from {INSTALLER} (once)",
            log=ROOT / "build" / "pulumi-install.log",
        )
    except progress.CommandFailedError as failure:
        print(failure)
        return None
    return scratch / "bin" / "pulumi"


def _build(version: str, scratch: Path) -> Path:
    _require_go()
    environment = {**os.environ, "GOFLAGS": "-mod=readonly"}
    log = ROOT / "build" / "pulumi-build.log"
    print(
        f"No `pulumi` command is installed and {INSTALLER} does not answer: building "
        f"Pulumi v{version} from its Go module, about 6 minutes on 2 cores, once. "
        f"It is kept in {cache.directory()}."
    )
    stamp = f"-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v{version}"
    command = scratch / "bin" / "pulumi"
    command.parent.mkdir()
    try:
        progress.run(
            ["go", "list", "-deps", _PACKAGE],
            "Fetching its Go modules",
            log=log,
            cwd=MODULE,
            env=environment,
            detail=lambda output: f"{output.count('go: downloading')} modules",
        )
        packages = sum(not line.startswith("go: ") for line in log.read_text().splitlines())
        progress.run(
            ["go", "build", "-v", "-ldflags", f"-s -w {stamp}", "-o", str(command), _PACKAGE],
            "Compiling",
            log=log,
            cwd=MODULE,
            env=environment,
            detail=lambda output: f"{len(output.splitlines())} of at most {packages} packages",
        )
    except progress.CommandFailedError as failure:
        raise EngineError(f"Pulumi could not be built. {failure}\n{_advice()}") from None
    return command


def _require_go() -> None:
    try:
        answer = subprocess.run(["go", "version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        raise EngineError(
            f"There is no `pulumi` command, {INSTALLER} does not answer, and there is no Go to "
            f"build Pulumi with. {_advice()}"
        ) from None
    if _version(answer.stdout) < _MINIMUM_GO:
        raise EngineError(f"`{answer.stdout.strip()}` is too old to build Pulumi. {_advice()}")


def _advice() -> str:
    go = ".".join(map(str, _MINIMUM_GO))
    return (
        "Install Pulumi (https://www.pulumi.com/docs/iac/download-install/) or Go "
        f"{go} or newer (https://go.dev/dl/), and run this again."
    )


def _version(text: str) -> Version:
    found = re.search(r"\d+(?:\.\d+)+", text)
    if found is None:
        message = f"no version in {text!r}"
        raise ValueError(message)
    return tuple(int(part) for part in found.group().split("."))


if __name__ == "__main__":
    try:
        print(prepare())
    except EngineError as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
