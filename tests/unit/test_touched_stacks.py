"""Which stacks a pull request previews."""

import ast
from pathlib import Path

import pytest

from scripts.touched_stacks import SHARED, deployed_stacks, touched
from tests.recorder import ROOT

STACKS = ["prod", "staging"]


@pytest.mark.parametrize(
    ("changed", "stacks"),
    [
        (["Pulumi.prod.yaml"], ["prod"]),
        (["Pulumi.prod.yaml", "docs/faq.md"], ["prod"]),
        (["Pulumi.other.yaml"], []),
        (["README.md", "tests/unit/test_docs.py", "local_clouds/run.py"], []),
        (["components/aws/firewall.py"], STACKS),
        (["prometheus/scrape.py"], STACKS),
        (["requirements.txt"], STACKS),
        (["requirements-dev.txt"], []),
        (["__main__.py"], STACKS),
        (["Pulumi.yaml"], STACKS),
        ([], []),
    ],
)
def test_a_change_touches_its_stack_and_shared_code_touches_all(
    changed: list[str], stacks: list[str]
) -> None:
    assert touched(STACKS, changed) == stacks


def test_stacks_are_the_stack_files_but_the_local_one(tmp_path: Path) -> None:
    for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.prod.yaml"):
        (tmp_path / name).touch()
    assert deployed_stacks(tmp_path) == ["prod"]


def test_the_program_imports_nothing_of_this_repository_but_what_is_shared() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    shared = {name.removesuffix("/") for name in SHARED}
    sources = [ROOT / "__main__.py", *(ROOT / "components").rglob("*.py")]
    for source in [*sources, *(ROOT / "prometheus").rglob("*.py")]:
        imported = set()
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.split(".")[0])
            elif isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
        assert imported & packages <= shared, source
