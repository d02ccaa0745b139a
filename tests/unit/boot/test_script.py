"""The boot script: what it says, that it is always the same, and that no shell sees a value."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components import boot
from components.boot.vm import document
from components.boot.vm.mirror import document as mirror_document
from tests.unit.boot.scripts import (
    CLOUDS,
    PAYLOAD,
    REFERENCES,
    ROOT,
    carried_document,
    largest,
    spec,
)


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
        "from tests.unit.boot import scripts as t\n"
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
