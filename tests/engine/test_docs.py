"""The commands of the documentation, run as they stand there on a deployed stack."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from local_clouds.clouds import Clouds
from tests.pulumi_cli import Cli
from tests.recorder import ROOT

pytestmark = pytest.mark.engine
OTHERS = {"deployer.md", "simulator.md"}
"""Pages that another test follows, or one of its own below."""

PAGES = [
    "concepts.md",
    "security.md",
    "faq.md",
    "troubleshooting.md",
    "pull-requests.md",
    "alerts.md",
    # Last: it changes the stack.
    "what-happens-to-jobs.md",
]


def commands(page: str) -> list[str]:
    """Every line of a page's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory, clouds: Clouds) -> Iterator[Cli]:
    found = Cli.start(tmp_path_factory.mktemp("docs") / "cli", clouds)
    found.sh("cp Pulumi.dev.yaml Pulumi.prod.yaml && pulumi stack init prod")
    found.sh("pulumi config set --secret accessToken && pulumi up --yes --skip-preview")
    yield found
    found.sh("pulumi destroy --yes --skip-preview")


def test_every_page_with_commands_is_run() -> None:
    pages = {path.name for path in Path(ROOT / "docs").glob("*.md") if "```sh" in path.read_text()}
    assert pages - OTHERS == set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page(cli: Cli, page: str) -> None:
    user = replace(cli, answer=f"token-typed-for-{page}")
    outputs = {command: user.sh(command) for command in commands(page)}
    for command, output in outputs.items():
        assert cli.answer not in output, command
        assert user.answer not in output, command
    if page == "what-happens-to-jobs.md":
        assert re.search(r"SecretVersion .*replace", outputs["pulumi preview"])
        assert "Template" not in outputs["pulumi preview"]
        assert '"max": 0' in cli.sh("pulumi stack output pools --json | python3 -m json.tool")


def test_commands_of_the_simulator(cli: Cli) -> None:
    """`make simulate` is minutes of a second stack: of these lines only the words are checked."""
    (cli.checkout / "jobs.csv").write_text("0,60\n30,600\n")
    for command in commands("simulator.md"):
        words = command.partition(" #")[0]
        cli.sh(f"{words} --dry-run" if words.startswith("make ") else words)
    assert any((cli.checkout / "build" / "simulate").iterdir())
