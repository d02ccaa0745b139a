"""The program that a boot script carries: its modules, stripped, and where it can run."""

import ast
import base64
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from components import boot
from components.boot.archive import members
from components.boot.stripping import stripped
from tests.unit.boot.scripts import (
    CLOUDS,
    PAYLOAD,
    PROGRAM,
    ROOT,
    SOURCES,
    carried,
    carried_document,
    spec,
)


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_program_holds_only_the_modules_of_its_cloud(cloud: str) -> None:
    names = set(carried(boot.render(spec(cloud))))
    own = {
        "aws": {
            *("aws", "aws_api", "aws_query", "imds", "secrets_aws", "sigv4", "logs", "agent/aws"),
        },
        "gcp": {"gcp", "gcp_api", "secrets_gcp", "local_ssd", "agent/gcp", "agent/election"},
    }
    files = {key: {f"boot/{name}.py" for name in value} for key, value in own.items()}
    other = "gcp" if cloud == "aws" else "aws"
    assert files[cloud] <= names
    assert not files[other] & names
    sources = {f"boot/{source.relative_to(PROGRAM)}" for source in SOURCES}
    mirrors = {name for name in sources if name.startswith("boot/mirror/")}
    assert mirrors
    assert sources - mirrors == names - {"__main__.py"} | files[other]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_mirror_carries_nothing_of_executors(cloud: Any) -> None:
    found = carried(boot.render_mirror(boot.MirrorSpec(cloud=cloud)))
    assert found["__main__.py"].startswith(f"from boot.mirror.{cloud} import main")
    assert list(found.items()) == list(members(f"mirror.{cloud}").items())
    own = {"agent", "service", "environment", "firewall", "docker", "lifetime"}
    assert not {part for name in found for part in Path(name).with_suffix("").parts} & own
    other = "gcp" if cloud == "aws" else "aws"
    assert not [name for name in found if other in name]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_program_is_the_linted_source_stripped(cloud: Any) -> None:
    found = carried(boot.render(spec(cloud)))
    assert list(found.items()) == list(members(cloud).items())
    for source in SOURCES:
        text = found.get(f"boot/{source.relative_to(PROGRAM)}")
        if text is not None:
            assert len(text.split("\n")) == len(source.read_text().split("\n"))
            ast.parse(text, feature_version=(3, 8))


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("mirror", [False, True], ids=["executor", "mirror"])
def test_the_stripped_program_still_imports(cloud: Any, mirror: bool, tmp_path: Path) -> None:
    rendered = boot.render_mirror(boot.MirrorSpec(cloud=cloud))
    found = carried(rendered if mirror else boot.render(spec(cloud)))
    with zipfile.ZipFile(tmp_path / "boot.pyz", "w") as file:
        for name, text in found.items():
            file.writestr(name, text)
    modules = [name[:-3].replace("/", ".").replace(".__init__", "") for name in found]
    code = f"import sys; sys.path.insert(0, sys.argv[1]); import {', '.join(modules[1:])}"
    subprocess.run([sys.executable, "-I", "-c", code, tmp_path / "boot.pyz"], check=True)


def test_the_script_unpacks_what_python_runs(tmp_path: Path) -> None:
    """The loader itself, with a program that only says how it was called."""
    script = boot.render(spec("aws"))
    loader = re.search(r"<<'UNPACK'\n(.*)\nUNPACK\n", script, re.DOTALL)
    assert loader is not None
    found = PAYLOAD.search(script)
    assert found is not None
    (tmp_path / "payload").write_bytes(base64.b64decode(found[1]))
    for _ in range(2):
        subprocess.run([sys.executable, "-I", "-c", loader[1], tmp_path], check=True)
        with zipfile.ZipFile(tmp_path / "boot.pyz") as file:
            unpacked = {name: file.read(name).decode() for name in file.namelist()}
        assert unpacked == carried(script)
    assert (tmp_path / "document.json").read_text() == carried_document(script)


def test_stripping_keeps_what_runs() -> None:
    source = '''"""Gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class P(Protocol):
    """Gone."""

    y: int


class A:
    """Gone
    too."""

    y: dict[str, str] = {}  # gone: é
    """Gone."""


def f(é: str, *, long: list[
    str
], more: int = 1) -> tuple[
    int, str
]:
    f.x: int = 1
    x = """kept # é"""; return x  # gone
'''
    text = stripped(source)
    assert text == (
        '""\n\n\n\nfrom typing import TYPE_CHECKING\n\n\n\n\n\n\n\n\n\n\n\n'
        'class A:\n ""\n\n\n y: int = {}\n ""\n\n\n'
        'def f(é, *, long, more = 1):\n\n\n\n\n f.x = 1\n x = """kept # é"""; return x\n'
    )
    ast.parse(text, feature_version=(3, 8))


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_the_program_is_python_3_8_and_standard_library(source: Path) -> None:
    tree = ast.parse(source.read_text(), feature_version=(3, 8))
    assert source.stem == "__init__" or "from __future__ import annotations" in source.read_text()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {name.name.split(".")[0] for name in node.names} <= sys.stdlib_module_names
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            assert str(node.module).split(".")[0] in sys.stdlib_module_names
        if isinstance(node, ast.Assign | ast.ClassDef):
            evaluated = [node.value] if isinstance(node, ast.Assign) else node.bases
            for part in (part for value in evaluated for part in ast.walk(value)):
                generic = isinstance(part, ast.Subscript) and isinstance(part.value, ast.Name)
                assert not generic or part.value.id not in ("list", "dict", "tuple", "set", "type")


def test_rendering_needs_no_cloud_sdk() -> None:
    code = "import sys, components.boot; print([m for m in sys.modules if m.startswith('pulumi')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
