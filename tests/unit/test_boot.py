"""The boot script: what it carries, that it is always the same, and that no shell sees a value."""

import ast
import base64
import gzip
import io
import json
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
#from components.boot.archive import without_docstrings
from components.boot.vm import document

CLOUDS = ("aws", "gcp")
REFERENCES = {
    "aws": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf",
    "gcp": "projects/acme-1/secrets/token",
}
SOURCES = sorted(Path(boot.__file__).parent.glob("vm/*.py"))
BLOCK = r"<<'{name}'.*\n([A-Za-z0-9+/=\n]*?)\n{name}\n"
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
    text = noise(4086, string.ascii_letters + string.digits + " $`'\"\\\n")
    own = {"aws": {"log_group": "/executors/batches-1a2b3c4"}, "gcp": {"local_ssd": True}}
    return spec(
        cloud,
        environment={f"EXECUTOR_SETTING_{n}": f"value-{text[n * 20 :][:20]}" for n in range(40)},
        secret_environment={f"SECRET_{n}": REFERENCES[cloud] for n in range(2)},
        private_ca_secret=REFERENCES[cloud],
        vm_startup_script="#!/bin/sh\n" + text,
        mirrors=tuple(f"https://mirror-{n}.example.com:5000" for n in range(5)),
        proxy={"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": ",".join(["a.example.com"] * 10)},
        metrics_listen="0.0.0.0:6060",
        **own[cloud],
    )


def block(script: str, name: str) -> bytes:
    found = re.search(BLOCK.format(name=name), script)
    assert found is not None, f"no {name} block"
    return gzip.decompress(base64.b64decode(found[1].replace("\n", ""), validate=True))


def members(script: str) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(block(script, "PROGRAM"))) as file:
        return {name: file.read(name).decode() for name in file.namelist()}


def shell_part(script: str) -> str:
    for name in ("PROGRAM", "DOCUMENT"):
        script = re.sub(BLOCK.format(name=name), name, script)
    return script


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_program_holds_only_the_modules_of_its_cloud(cloud: str) -> None:
    names = {Path(name).stem for name in members(boot.render(spec(cloud)))}
    own = {
        "aws": {"aws", "secrets_aws", "sigv4", "logs"},
        "gcp": {"gcp", "secrets_gcp", "local_ssd"},
    }
    other = "gcp" if cloud == "aws" else "aws"
    assert own[cloud] <= names
    assert not own[other] & names
    assert {source.stem for source in SOURCES} == names - {"__main__"} | own[other]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_program_is_the_linted_source_without_docstrings(cloud: str) -> None:
    carried = members(boot.render(spec(cloud)))
    for source in SOURCES:
        text = carried.get(f"boot/{source.name}")
        if text is not None:
            assert len(text.split("\n")) == len(source.read_text().split("\n"))
            assert text == without_docstrings(source.read_text())
            compile(text, source.name, "exec")


def test_emptied_docstrings_change_nothing_else() -> None:
    source = (
        'x = """kept"""\n\n\nclass A:\n    """Gone\n    too."""\n\n    y: int\n    """Gone."""\n'
    )
    assert without_docstrings(source) == (
        'x = """kept"""\n\n\nclass A:\n    ""\n\n\n    y: int\n    ""\n'
    )


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_document_says_what_the_spec_says(cloud: str, tmp_path: Path) -> None:
    wanted = largest(cloud)
    file = tmp_path / "document.json"
    file.write_bytes(block(boot.render(wanted), "DOCUMENT"))
    found = document.load(file)
    for name in vars(found).keys() - {"environment", "proxy", "mirrors"}:
        assert getattr(found, name) == getattr(wanted, name), name
    assert found.mirrors == list(wanted.mirrors)
    assert found.proxy["http_proxy"] == found.proxy["HTTP_PROXY"] == "http://proxy:3128"
    listens = {"SRC_PROF_HTTP": "0.0.0.0:6060"}
    assert found.environment == {**wanted.environment, **found.proxy, **listens}


def test_closed_metrics_leave_the_image_s_loopback() -> None:
    found = json.loads(block(boot.render(spec("aws")), "DOCUMENT"))
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
    assert shell_part(rendered) == shell_part(boot.render(spec("aws")))
    assert json.loads(block(rendered, "DOCUMENT"))["environment"]["CANARY"] == value


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
    assert 12_000 < size < 13_500, f"{size} bytes of {boot.USER_DATA_LIMIT}"


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
        ("aws", {"private_ca_secret": REFERENCES["gcp"]}, "names no secret on aws"),
        ("aws", {"secret_environment": {"A": "my-secret"}}, "'my-secret' names no secret on aws"),
        ("aws", {"private_ca_secret": REFERENCES["aws"].replace(":aws:", ":mars:")}, "on aws"),
        ("gcp", {"secret_environment": {"A": REFERENCES["aws"]}}, "names no secret on gcp"),
        ("gcp", {"private_ca_secret": "projects/p/secrets/s/versions/1"}, "names no secret on gcp"),
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
