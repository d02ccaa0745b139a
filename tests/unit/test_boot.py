"""The boot script: what it carries, that it is always the same, and that no shell sees a value."""

import ast
import base64
import gzip
import json
import lzma
import os
import random
import re
import shutil
import string
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components import boot
from components.boot.archive import members
from components.boot.stripping import stripped
from components.boot.vm import document
from components.boot.vm.mirror import document as mirror_document

CLOUDS = ("aws", "gcp")
REFERENCES = {
    "aws": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf",
    "gcp": "projects/acme-1/secrets/token",
}
PROGRAM = Path(boot.__file__).parent / "vm"
SOURCES = sorted(PROGRAM.rglob("*.py"))
PAYLOAD = re.compile(r"<<'PAYLOAD'\n([A-Za-z0-9+/=]*)\nPAYLOAD\n")
ROOT = Path(__file__).parents[2]


def spec(cloud: Any, **fields: Any) -> boot.BootSpec:
    wanted: dict[str, Any] = {
        "environment": {"EXECUTOR_QUEUE_NAME": "batches"},
        "secret_environment": {"EXECUTOR_FRONTEND_PASSWORD": REFERENCES[cloud]},
        "use_firecracker": True,
        "stop_timeout_seconds": 2100,
    }
    return boot.BootSpec(cloud=cloud, **{**wanted, **fields})


def noise(length: int, alphabet: str = string.printable) -> str:
    """Text that hardly compresses, the same in every run."""
    return "".join(random.Random(1).choices(alphabet, k=length))  # noqa: S311 - no secret


def largest(cloud: str) -> boot.BootSpec:
    """Everything set, and as long as the configuration allows."""
    text = noise(3062, string.ascii_letters + string.digits + " $`'\"\\\n")
    own = {"aws": {"log_group": "/executors/batches-1a2b3c4"}, "gcp": {"local_ssd": True}}
    return spec(
        cloud,
        environment={f"EXECUTOR_SETTING_{n}": f"value-{text[n * 20 :][:20]}" for n in range(40)},
        secret_environment={f"SECRET_{n}": REFERENCES[cloud] for n in range(2)},
        private_ca_secret=REFERENCES[cloud],
        vm_startup_script="#!/bin/sh\n" + text,
        mirrors=tuple(f"https://mirror-{n}.example.com:5000" for n in range(5)),
        job_network_allow=tuple(f"10.{n}.0.0/16" for n in range(10)),
        proxy={"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": ",".join(["a.example.com"] * 10)},
        metrics_listen="0.0.0.0:6060",
        **own[cloud],
    )


def payload(script: str) -> list[str]:
    found = PAYLOAD.search(script)
    assert found is not None, "no payload"
    data = base64.b64decode(found[1], validate=True)
    return lzma.decompress(data).decode().split("\0")


def carried(script: str) -> dict[str, str]:
    """The program's members, as the script unpacks them."""
    *parts, _ = payload(script)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def carried_document(script: str) -> str:
    return payload(script)[-1]


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
def test_a_mirror_s_document_says_what_its_spec_says(cloud: Any) -> None:
    wanted = boot.MirrorSpec(
        cloud=cloud,
        volume="vol-1",
        address="10.0.0.20",
        log_group="mirror",
        metric={"namespace": "n", "name": "m", "mirror": "vol-1"},
        credentials_secret=REFERENCES[cloud],
    )
    text = carried_document(boot.render_mirror(wanted))
    loaded = mirror_document.Document(**json.loads(text))
    assert {**vars(loaded), "cloud": cloud} == vars(wanted)


def test_a_mirror_s_user_data_leaves_room() -> None:
    script = boot.render_mirror(boot.MirrorSpec(cloud="aws", credentials_secret="a" * 100))
    assert len(base64.b64decode(boot.user_data(script))) < 10_000


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


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_document_says_what_the_spec_says(cloud: str, tmp_path: Path) -> None:
    wanted = largest(cloud)
    file = tmp_path / "document.json"
    file.write_text(carried_document(boot.render(wanted)))
    found = document.load(file)
    for name in vars(found).keys() - {"environment", "proxy", "mirrors", "job_network_allow"}:
        assert getattr(found, name) == getattr(wanted, name), name
    assert found.mirrors == list(wanted.mirrors)
    assert found.job_network_allow == list(wanted.job_network_allow)
    assert found.proxy["http_proxy"] == found.proxy["HTTP_PROXY"] == "http://proxy:3128"
    listens = {"SRC_PROF_HTTP": "0.0.0.0:6060"}
    assert found.environment == {**wanted.environment, **found.proxy, **listens}


def test_closed_metrics_leave_the_image_s_loopback() -> None:
    found = json.loads(carried_document(boot.render(spec("aws"))))
    assert "SRC_PROF_HTTP" not in found["environment"]


@settings(deadline=None, max_examples=50)
@given(
    value=st.text(),
    script=st.none() | st.text(),
    mirror=st.text(),
    proxy=st.text(),
    group=st.text(),
)
def test_no_value_changes_what_the_shell_reads(
    value: str, script: str | None, mirror: str, proxy: str, group: str
) -> None:
    rendered = boot.render(
        spec(
            "aws",
            environment={"CANARY": value},
            vm_startup_script=script,
            mirrors=(mirror,),
            proxy={"HTTP_PROXY": proxy},
            log_group=group,
        )
    )
    assert PAYLOAD.sub("", rendered) == PAYLOAD.sub("", boot.render(spec("aws")))
    assert json.loads(carried_document(rendered))["environment"]["CANARY"] == value


def test_another_process_renders_the_same_bytes() -> None:
    code = (
        "from tests.unit import test_boot as t\n"
        "for cloud in t.CLOUDS: print(t.boot.user_data(t.boot.render(t.largest(cloud))))"
    )
    other = {"PYTHONHASHSEED": "7", "PYTHONPATH": str(ROOT), "TZ": "Asia/Tokyo"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **other},
        capture_output=True,
        text=True,
        check=True,
    )
    ours = [boot.user_data(boot.render(largest(cloud))) for cloud in CLOUDS]
    assert done.stdout.split() == ours


def test_the_order_of_variables_changes_nothing() -> None:
    first, second = {"A": "1", "B": "2"}, {"B": "2", "A": "1"}
    scripts = {
        boot.render(spec("aws", environment=order, proxy=order)) for order in (first, second)
    }
    assert len(scripts) == 1


@pytest.mark.parametrize("cloud", CLOUDS)
def test_shellcheck_has_nothing_to_say(cloud: str) -> None:
    tool = shutil.which("shellcheck")
    if tool is None:
        pytest.fail("shellcheck is not on PATH: run `make test`, which brings it, or install it")
    script = boot.render(largest(cloud))
    said = subprocess.run([tool, "-"], input=script, text=True, capture_output=True, check=False)
    assert said.stdout == ""
    assert "set -euo pipefail" in script
    assert not re.search(r"set\s+(-\w*x|-o\s+xtrace)", script)


def test_the_largest_user_data_leaves_room() -> None:
    size = len(base64.b64decode(boot.user_data(boot.render(largest("aws")))))
    assert 14_000 < size < 15_500, f"{size} bytes of {boot.USER_DATA_LIMIT}"


def test_user_data_is_the_script() -> None:
    script = boot.render(spec("aws"))
    assert gzip.decompress(base64.b64decode(boot.user_data(script))).decode() == script


def test_too_large_user_data_says_both_sizes() -> None:
    with pytest.raises(ValueError, match=r"1[6-9]\d{3} bytes after gzip \(20000 before\).*16384"):
        boot.user_data(noise(20_000))


def test_user_data_may_be_exactly_as_large_as_ec2_takes() -> None:
    long = noise(20_000)
    texts = (long[:length] for length in range(19_000, 20_000))
    assert boot.user_data(next(text for text in texts if _packed(text) == boot.USER_DATA_LIMIT))


def _packed(text: str) -> int:
    return len(gzip.compress(text.encode(), 9, mtime=0))


@pytest.mark.parametrize(
    ("cloud", "fields", "says"),
    [
        ("aws", {"local_ssd": True}, "local_ssd is a GCP setting"),
        ("gcp", {"log_group": "executors"}, "log_group is an AWS setting"),
    ],
)
def test_what_a_vm_could_not_do_is_refused(
    cloud: str, fields: dict[str, object], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        spec(cloud, **fields)


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
