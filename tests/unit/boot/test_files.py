"""The files that a boot leaves: units, certificates, the script of job VMs, docker's."""

import base64
import json
import re
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from components.boot.vm import service
from components.boot.vm.document import Document
from tests.unit.boot.boots import PEM, SCRIPT, Boot
from tests.unit.boot.fakes import Machine


def test_the_unit_files_are_what_systemd_reads(
    boot: Boot, full: Document, machine: Machine, tmp_path: Path
) -> None:
    tool = shutil.which("systemd-analyze", path="/usr/bin:/bin")
    if tool is None:
        pytest.skip("systemd is not on this machine")
    program, document = tmp_path / "boot.pyz", tmp_path / "document.json"
    program.touch()
    document.touch()
    service.install_agent(program, document, machine.paths)
    boot(full)
    units = tmp_path / "units"
    shutil.copytree(machine.paths.executor_env.parent, units)
    for name in ("executor", "docker"):
        (units / f"{name}.service").write_text("[Service]\nExecStart=/bin/true\n")
    said = subprocess.run(
        [
            tool,
            "verify",
            "--recursive-errors=no",
            units / "executor.service",
            units / "docker.service",
            units / "executor-agent.service",
        ],
        env={"SYSTEMD_UNIT_PATH": f"{units}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    ).stderr
    assert [line for line in said.splitlines() if str(units) in line] == []


def test_the_private_ca_is_one_file_for_each_certificate(
    boot: Boot, full: Document, machine: Machine
) -> None:
    boot(full)
    machine.calls()
    files = sorted(machine.paths.certificates.iterdir())
    assert [file.read_text() for file in files] == [PEM.format("AA=="), PEM.format("BB==")]
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o644}


def test_what_is_no_longer_wanted_goes(boot: Boot, full: Document, machine: Machine) -> None:
    boot(full)
    other = machine.paths.certificates / "corporate.crt"
    other.write_text("not ours")
    boot(replace(full, private_ca_secret=None, vm_startup_script=None, proxy={}))
    assert list(machine.paths.certificates.iterdir()) == [other]
    assert not machine.paths.vm_startup_script.exists()
    assert not machine.paths.docker_drop_in.exists()
    assert not machine.paths.docker_env.exists()
    assert "STARTUP" not in machine.paths.executor_env.read_text()


def test_firecracker_vms_trust_the_ca_and_then_run_the_script(
    boot: Boot, full: Document, machine: Machine
) -> None:
    boot(full)
    file = machine.paths.vm_startup_script
    assert stat.S_IMODE(file.stat().st_mode) == 0o755
    assert f'EXECUTOR_VM_STARTUP_SCRIPT_PATH="{file}"\n' in machine.paths.executor_env.read_text()
    blocks = re.findall(r"base64 -d >(\S+) <<'DATA'\n(.*)\nDATA\n", file.read_text())
    assert [(path, base64.b64decode(data).decode()) for path, data in blocks] == [
        ("/usr/local/share/ca-certificates/sourcegraph-executor-1.crt", PEM.format("AA==")),
        ("/usr/local/share/ca-certificates/sourcegraph-executor-2.crt", PEM.format("BB==")),
        ("/run/executor-vm-startup", SCRIPT),
    ]
    rest = re.sub(r"base64 -d >(\S+) <<'DATA'\n(.*)\nDATA\n", "", file.read_text())
    assert rest == (
        "#!/bin/sh\nset -eu\nupdate-ca-certificates\nsystemctl try-restart docker\n"
        "chmod 700 /run/executor-vm-startup\nexec /run/executor-vm-startup\n"
    )


@pytest.mark.parametrize("firecracker", [True, False])
def test_without_a_ca_for_it_the_script_is_the_configured_one(
    boot: Boot, full: Document, machine: Machine, firecracker: bool
) -> None:
    ca = None if firecracker else full.private_ca_secret
    boot(replace(full, private_ca_secret=ca, use_firecracker=firecracker))
    assert machine.paths.vm_startup_script.read_text() == SCRIPT


def test_docker_takes_the_proxy_from_its_own_file(
    boot: Boot, full: Document, machine: Machine
) -> None:
    boot(replace(full, proxy={"NO_PROXY": "127.0.0.1,a$b"}))
    env = machine.paths.docker_env
    assert env.read_text() == 'NO_PROXY="127.0.0.1,a\\$b"\n'
    assert machine.paths.docker_drop_in.read_text() == f"[Service]\nEnvironmentFile={env}\n"


def test_the_vm_s_docker_uses_the_mirrors_where_jobs_run_in_it(
    boot: Boot, full: Document, machine: Machine
) -> None:
    config = machine.paths.docker_config
    config.parent.mkdir(parents=True)
    config.write_text('{"log-driver": "journald"}')
    boot(replace(full, use_firecracker=False))
    assert json.loads(config.read_text()) == {
        "log-driver": "journald",
        "registry-mirrors": ["http://10.0.1.4:5000"],
    }
    assert machine.iptables == []
    boot(full)
    assert json.loads(config.read_text()) == {"log-driver": "journald"}
