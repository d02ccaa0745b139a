"""The commands of the README, run as they stand there."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from local_clouds.clouds import Clouds
from tests.pulumi_cli import Cli, copy_checkout
from tests.recorder import ROOT

pytestmark = pytest.mark.engine
BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("readme") / "checkout"
    copy_checkout(directory)
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


def test_the_commands_for_a_real_cloud(tmp_path: Path, clouds: Clouds) -> None:
    """As they stand there; only `pulumi up` asks, and nobody answers."""
    cli = Cli.start(tmp_path / "cli", clouds)
    assert "pulumi up" in BLOCKS[1].splitlines()
    for command in BLOCKS[1].splitlines():
        cli.sh(command.replace("pulumi up", "pulumi up --yes"))
    config = json.loads(cli.sh("pulumi config --json"))
    assert config["sourcegraph-executors:accessToken"]["secret"] is True
    assert "0123456789abcdef" not in (cli.checkout / "Pulumi.prod.yaml").read_text()
    (wiring,) = BLOCKS[2].splitlines()
    assert "EXECUTOR_METRIC_ENVIRONMENT_LABEL=dev" in cli.sh(wiring)
    cli.sh("pulumi destroy --yes")
