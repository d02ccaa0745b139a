"""A whole boot: which files it leaves, what it starts, and what it leaves alone."""

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
from components.boot.vm.failures import BootError
from components.boot.vm.main import configure
from components.boot.vm.web import Patience
from tests.unit.boot.fakes import AWS, CANARY, GCP, CloudServer, FakeCloud, Machine, plan

PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
SCRIPT = "#!/usr/bin/python3\nprint('$HOME `id` é')\n"


@pytest.fixture
def fake(cloud: CloudServer) -> FakeCloud:
    made = GCP(cloud)
    made.secret("token", CANARY.encode())
    made.secret("ca", (PEM.format("AA==") + PEM.format("BB==")).encode())
    return made


@pytest.fixture
def full(fake: FakeCloud) -> Document:
    """Every option that both clouds have."""
    return replace(
        plan(fake),
        private_ca_secret=fake.reference("ca"),
        vm_startup_script=SCRIPT,
        mirrors=["http://10.0.1.4:5000"],
        job_network_allow=["10.20.0.0/16"],
        proxy={"HTTPS_PROXY": "", "NO_PROXY": "127.0.0.1"},
    )


class Boot:
    """Boots the machine once more."""

    def __init__(self, fake: FakeCloud, machine: Machine, patience: Patience) -> None:
        self.fake, self.machine, self.patience = fake, machine, patience

    def __call__(self, wanted: Document, *, at_boot: bool = True) -> list[str]:
        configure(
            wanted,
            self.fake.store,
            paths=self.machine.paths,
            patience=self.patience,
            at_boot=at_boot,
        )
        return self.machine.calls("systemctl")


@pytest.fixture
def boot(fake: FakeCloud, machine: Machine, patience: Patience) -> Boot:
    return Boot(fake, machine, patience)


def written(machine: Machine) -> dict[str, tuple[str, int, int]]:
    """Every file below the root: text, mode, inode (which a rewrite would change)."""
    return {
        str(file.relative_to(machine.paths.root)): (
            file.read_text(),
            stat.S_IMODE(file.stat().st_mode),
            file.stat().st_ino,
        )
        for file in machine.paths.root.rglob("*")
        if file.is_file()
    }


def test_the_least_boot(fake: FakeCloud, boot: Boot, machine: Machine) -> None:
    calls = boot(plan(fake))
    assert {name: file[:2] for name, file in written(machine).items()} == {
        "etc/systemd/system/executor.env": (
            f'EXECUTOR_FRONTEND_PASSWORD="{CANARY}"\nEXECUTOR_QUEUE_NAME="batches"\n',
            0o600,
        ),
        "etc/systemd/system/executor.service.d/50-pool.conf": (
            "[Unit]\nWants=network-online.target docker.service\n"
            "After=network-online.target docker.service\n"
            f"ConditionPathExists=!{machine.paths.leaving}\n"
            "StartLimitIntervalSec=600\nStartLimitBurst=10\n\n"
            "[Service]\nKillMode=mixed\nTimeoutStopSec=2100\n"
            "ExecStopPost=\nRestartSec=10\n",
            0o644,
        ),
    }
    assert calls == [
        "systemctl daemon-reload",
        "systemctl enable executor.service",
        "systemctl show --property=ActiveState --value executor.service",
        "systemctl start executor.service",
    ]


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


def test_a_second_boot_changes_nothing(boot: Boot, full: Document, machine: Machine) -> None:
    boot(full)
    before, rules = written(machine), machine.iptables
    machine.executor = "active"
    calls = boot(full)
    assert written(machine) == before
    assert machine.iptables == rules
    assert calls == [
        "systemctl daemon-reload",
        "systemctl enable executor.service",
        "systemctl start executor.service",
    ]


def test_a_running_executor_is_restarted_around_docker(boot: Boot, full: Document) -> None:
    boot(full)
    assert boot(replace(full, proxy={}))[-1] == "systemctl restart docker.service executor.service"


@pytest.mark.parametrize("state", ["activating", "deactivating", "reloading"])
def test_an_executor_that_drains_is_a_running_one(
    boot: Boot, fake: FakeCloud, machine: Machine, state: str
) -> None:
    machine.executor = state
    assert "systemctl restart executor.service" in boot(plan(fake))


def test_settings_that_docker_does_not_read_leave_docker_alone(boot: Boot, full: Document) -> None:
    boot(full)
    calls = boot(replace(full, stop_timeout_seconds=60))
    assert calls[-1] == "systemctl restart executor.service"
    assert not [call for call in calls if "docker" in call]


@pytest.mark.parametrize(("configured", "seconds"), [("2h", 7200), ("90m30s", 5430)])
def test_the_active_time_is_the_vm_s_own(
    boot: Boot, fake: FakeCloud, machine: Machine, configured: str, seconds: int
) -> None:
    wanted = replace(plan(fake), environment={"EXECUTOR_MAX_ACTIVE_TIME": configured})
    boot(wanted)
    text = machine.paths.executor_env.read_text()
    found = re.search(r'^EXECUTOR_MAX_ACTIVE_TIME="(\d+)s"$', text, re.MULTILINE)
    assert found is not None
    assert 0.8 * seconds - 1 < int(found[1]) <= seconds
    boot(wanted)
    assert machine.paths.executor_env.read_text() == text


def test_only_the_script_starts_the_executor_where_it_runs_at_every_boot(
    boot: Boot, fake: FakeCloud
) -> None:
    calls = boot(plan(fake), at_boot=False)
    assert "systemctl disable executor.service" in calls
    assert calls[-1] == "systemctl start executor.service"


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


@pytest.mark.parametrize("kind", [AWS, GCP], ids=["aws", "gcp"])
@pytest.mark.parametrize(
    "broken", ["denied", "empty", "control character", "not json", "no certificate"]
)
def test_a_boot_that_fails_leaves_the_machine_as_it_was(
    kind: type[FakeCloud], broken: str, cloud: CloudServer, machine: Machine, patience: Patience
) -> None:
    fake = kind(cloud)
    variable, ca = "EXECUTOR_FRONTEND_PASSWORD", None
    if broken == "denied":
        fake.fail("token", 403)
    elif broken == "no certificate":
        fake.secret("token", b"no certificate")
        ca = fake.reference("token")
    else:
        value = {"empty": b"", "control character": b"a\x01", "not json": b"{"}[broken]
        variable = "EXECUTOR_DOCKER_AUTH_CONFIG" if broken == "not json" else variable
        fake.secret("token", value, binary=True)
    machine.paths.executor_env.parent.mkdir(parents=True)
    machine.paths.executor_env.write_text('THIS_ENV_IS="unconfigured"\n')
    before = written(machine)
    wanted = replace(
        plan(fake),
        secret_environment={variable: fake.reference("token")},
        private_ca_secret=ca,
        vm_startup_script=SCRIPT,
        proxy={"NO_PROXY": "127.0.0.1"},
    )
    with pytest.raises(BootError):
        Boot(fake, machine, patience)(wanted)
    assert written(machine) == before
    assert machine.calls() == []


def test_a_program_that_fails_is_told_with_its_words(
    boot: Boot, full: Document, machine: Machine
) -> None:
    machine.install("update-ca-certificates", "echo broken store >&2; exit 3")
    says = "`update-ca-certificates --fresh` ended with exit status 3: broken store"
    with pytest.raises(BootError, match=says):
        boot(full)
    assert not machine.paths.executor_env.exists()
    assert machine.executor == "inactive"


def test_a_program_that_is_missing_is_named(boot: Boot, full: Document, machine: Machine) -> None:
    (machine.folder / "bin/systemctl").unlink()
    with pytest.raises(BootError, match="the image has no program systemctl"):
        boot(full)
