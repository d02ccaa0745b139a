"""The real `pulumi` command on a copy of this repository, against local clouds."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local_clouds.clouds import Clouds
from scripts import engine
from tests import language_host
from tests.recorder import ROOT


@dataclass(frozen=True)
class Edit:
    """A change of one file: `old` stands in it once, and becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, kw_only=True)
class Cli:
    """Commands as a user types them, in a checkout of their own."""

    checkout: Path
    environment: Mapping[str, str]
    answer: str = "0123456789abcdef0123456789abcdef"
    """What is typed when a command asks."""

    @classmethod
    def start(cls, directory: Path, clouds: Clouds) -> "Cli":
        """An empty state in `directory`, beside a copy of the tracked files."""
        for name in ("state", "bin"):
            (directory / name).mkdir(parents=True)
        # Side by side, as the official installer leaves them: the engine then trusts the host.
        try:
            os.link(engine.prepare(), directory / "bin" / "pulumi")
        except OSError:
            shutil.copy(engine.prepare(), directory / "bin" / "pulumi")
        language_host.install(directory / "bin")
        own = {
            "PATH": f"{directory}/bin{os.pathsep}{os.environ['PATH']}",
            "PULUMI_BACKEND_URL": f"file://{directory}/state",
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_PROVIDERS": (
                f"aws:{clouds.aws_provider_port},gcp:{clouds.gcp_provider_port}"
            ),
        }
        copy_checkout(directory / "checkout")
        return cls(checkout=directory / "checkout", environment={**os.environ, **own})

    def sh(self, command: str, **environment: str) -> str:
        """Run a line of shell; its output. AssertionError with all that it said when it fails."""
        done = self.run(command, **environment)
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run(self, command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run a line of shell, whatever comes of it."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.checkout,
            env={**self.environment, **environment},
            input=f"{self.answer}\n",
            capture_output=True,
            text=True,
            check=False,
        )

    def edit(self, edits: Iterable[Edit]) -> None:
        """Change files of the checkout. Raises ValueError when one is not as it was."""
        for edit in edits:
            path = self.checkout / edit.file
            text = path.read_text()
            if text.count(edit.old) != 1:
                raise ValueError(f"{edit.file} has {edit.old!r} {text.count(edit.old)} times")
            path.write_text(text.replace(edit.old, edit.new))

    def restore(self, edits: Iterable[Edit]) -> None:
        """Bring edited files back to what this repository has."""
        for edit in edits:
            shutil.copyfile(ROOT / edit.file, self.checkout / edit.file)


def copy_checkout(target: Path) -> None:
    """The tracked files in a place of their own, with the virtual environment that is there."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).exists():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    (target / "build").mkdir()
    (target / "build" / "venv").symlink_to(ROOT / "build" / "venv")
