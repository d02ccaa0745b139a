"""The commands of the README, run as they stand there."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from local_clouds.clouds import Clouds
from scripts import engine
from tests.recorder import ROOT

pytestmark = pytest.mark.engine
BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files in a place of their own, with the virtual environment that is there."""
    directory = tmp_path_factory.mktemp("readme") / "checkout"
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).exists():
            (directory / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, directory / name)
    (directory / "build").mkdir()
    (directory / "build" / "venv").symlink_to(ROOT / "build" / "venv")
    return directory


def sh(command: str, checkout: Path, **environment: str) -> str:
    """Run one line of documentation; its output.

    `make` takes the virtual environment as it is: making one needs a network.
    """
    command = re.sub(r"\bmake ", "make -o venv ", command)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=checkout,
        env={**os.environ, **environment},
        input="0123456789abcdef0123456789abcdef\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_two_commands_are_there() -> None:
    commands = [line.split("#")[0].strip() for line in BLOCKS[0].splitlines()]
    # `make test` is what runs this.
    assert commands == ["make up", "make test"]


def test_make_up_shows_the_pools_and_again_changes_nothing(checkout: Path) -> None:
    try:
        first = sh("make up", checkout)
        assert re.search(r"^batches +gcp +us-central1 ", first, re.MULTILINE)
        assert re.search(r"^codeintel +aws +us-east-1 ", first, re.MULTILINE)
        assert "No changes." in sh("make up", checkout)
        sh("make preview && make refresh", checkout)
        wiring = sh("make wiring", checkout)
        assert "EXECUTOR_METRIC_ENVIRONMENT_LABEL=dev" in wiring
        outputs = sh("make --silent outputs", checkout)
        (checkout / "outputs.json").write_text(outputs)
    finally:
        down = sh("make down", checkout)
    assert "Both local clouds are empty" in down


def test_the_commands_for_a_real_cloud(checkout: Path, tmp_path: Path, clouds: Clouds) -> None:
    """With the real CLI up to the point at which a cloud and a language host are needed."""
    (tmp_path / "state").mkdir()
    environment = {
        "PATH": f"{engine.prepare().parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
        "PULUMI_HOME": str(tmp_path / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    commands = BLOCKS[1].splitlines()
    needing_a_host = ["pulumi install", "pulumi preview", "pulumi up"]
    assert commands[-3:] == needing_a_host
    for command in commands[:-3]:
        sh(command, checkout, **environment)
    config = json.loads(sh("pulumi config --json --stack prod", checkout, **environment))
    assert config["sourcegraph-executors:accessToken"]["secret"] is True
    assert "0123456789abcdef" not in (checkout / "Pulumi.prod.yaml").read_text()
    if shutil.which("pulumi-language-python", path=environment["PATH"]):
        providers = f"aws:{clouds.aws_provider_port},gcp:{clouds.gcp_provider_port}"
        sh("pulumi preview", checkout, **environment, PULUMI_DEBUG_PROVIDERS=providers)
    (wiring,) = BLOCKS[2].splitlines()
    assert wiring.startswith("pulumi stack output --json | ")
