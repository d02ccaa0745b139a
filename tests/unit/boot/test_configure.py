"""A whole boot: what it starts, and what it leaves alone."""

import re
from dataclasses import replace

import pytest

from components.boot.vm.document import Document
from components.boot.vm.failures import BootError
from components.boot.vm.web import Patience
from tests.unit.boot.boots import SCRIPT, Boot, written
from tests.unit.boot.fakes import AWS, CANARY, GCP, CloudServer, FakeCloud, Machine, plan


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
