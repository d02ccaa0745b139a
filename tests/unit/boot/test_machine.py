"""Firewall, log group, local SSD and files: the parts of a boot that stand alone."""

import json
import os
import re
import socket
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from components.boot.vm import aws, files, firewall, gcp, local_ssd, logs, main
from components.boot.vm.agent.aws import AwsGroup
from components.boot.vm.failures import BootError
from components.boot.vm.web import Patience
from tests.unit.boot.fakes import AWS, CANARY, GCP, CloudServer, Machine, plan

METADATA = "-d 169.254.169.254/32"


def test_mirrors_are_allowed_by_address_and_port(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def resolve(host: str, *_: object) -> list[tuple[object, ...]]:
        known = {"mirror.example.com": ["10.0.0.9", "8.8.8.8", "10.0.0.8", "10.0.0.9"]}
        return [(0, 0, 0, "", (ip, 0)) for ip in known.get(host, [host])]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    mirrors = ["http://10.0.1.4:5000", "https://mirror.example.com/", "http://10.0.1.5"]
    firewall.allow_jobs(mirrors, [], machine.paths.firewall_rules)
    allowed = [("10.0.1.4", 5000), ("10.0.0.8", 443), ("10.0.0.9", 443), ("10.0.1.5", 80)]
    assert sorted(machine.iptables) == sorted(
        f"filter CNI-ADMIN -d {ip}/32 -p tcp --dport {port} -j ACCEPT" for ip, port in allowed
    )
    saved = machine.paths.firewall_rules
    assert saved.read_text().splitlines() == machine.iptables
    machine.calls()
    firewall.allow_jobs(mirrors, [], saved)
    assert {call.split()[4] for call in machine.calls()} == {"-C"}


def test_a_mirror_without_address_is_told_and_the_others_work(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(firewall, "_RESOLVING", Patience(total=0))
    mirrors = ["http://[::1]:5000", "http://mirror.invalid:5000", "http://127.0.0.1:5000"]
    firewall.allow_jobs(mirrors, [], machine.paths.firewall_rules)
    assert machine.iptables == ["filter CNI-ADMIN -d 127.0.0.1/32 -p tcp --dport 5000 -j ACCEPT"]
    told = capsys.readouterr().err.splitlines()
    assert [line.split()[8] for line in told] == mirrors[:2]
    assert "mirror.invalid has no IPv4 address" in told[1]


def test_private_ranges_are_opened_to_jobs_once(machine: Machine) -> None:
    for _ in range(2):
        firewall.allow_jobs([], ["10.0.0.0/16", "192.168.1.5/32"], machine.paths.firewall_rules)
    assert sorted(machine.iptables) == [
        "filter CNI-ADMIN -d 10.0.0.0/16 -j ACCEPT",
        "filter CNI-ADMIN -d 192.168.1.5/32 -j ACCEPT",
    ]


def test_jobs_reach_the_metadata_server_for_dns_only(machine: Machine) -> None:
    for _ in range(2):
        firewall.hide_metadata(machine.paths.firewall_rules)
    assert machine.iptables == [
        f"raw PREROUTING {METADATA} -p tcp --dport 53 -j ACCEPT",
        f"raw PREROUTING {METADATA} -p udp --dport 53 -j ACCEPT",
        f"raw PREROUTING {METADATA} -j DROP",
    ]


def test_logs_go_to_the_pool_s_group(machine: Machine) -> None:
    agent = machine.paths.cloudwatch_agent
    machine.install("ctl", path=agent / "bin/amazon-cloudwatch-agent-ctl")
    logs.ship_to("/executors/batches", machine.paths)
    config = agent / "etc/amazon-cloudwatch-agent.json"
    assert '"log_group_name": "/executors/batches"' in config.read_text()
    assert machine.calls() == [f"ctl -a fetch-config -m ec2 -s -c file:{config}"]
    machine.install("helper", path=machine.paths.log_group_helper)
    logs.ship_to("/executors/batches", machine.paths)
    assert machine.calls() == ["helper /executors/batches"]


def test_logs_that_go_nowhere_are_told(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.ship_to("g1", machine.paths)
    machine.install("helper", "echo no agent; exit 1", path=machine.paths.log_group_helper)
    logs.ship_to("g2", machine.paths)
    first, second = capsys.readouterr().err.splitlines()
    assert "no CloudWatch agent: nothing is sent to log group g1" in first
    assert "does not reach log group g2" in second
    assert second.endswith("exit status 1: no agent")


def test_a_blank_disk_is_filled_once(machine: Machine) -> None:
    device, folder = machine.paths.local_ssd, machine.paths.firecracker
    device.parent.mkdir(parents=True)
    device.touch()
    local_ssd.mount(machine.paths)
    calls = machine.calls()
    assert [call.split()[0] for call in calls] == [
        "blkid", "mkfs.ext4", "mount", "cp", "umount", "e2label", "mount",
    ]  # fmt: skip
    assert calls[-1] == f"mount -o discard,defaults,nobarrier {device} {folder}"
    machine.install("blkid")
    local_ssd.mount(machine.paths)
    assert [call.split()[0] for call in machine.calls()] == ["blkid", "mount"]


def test_an_interrupted_copy_never_counts(machine: Machine) -> None:
    machine.paths.local_ssd.parent.mkdir(parents=True)
    machine.paths.local_ssd.touch()
    machine.install("cp", "exit 1")
    with pytest.raises(BootError, match="`cp --archive"):
        local_ssd.mount(machine.paths)
    names = [call.split()[0] for call in machine.calls()]
    assert names[-1] == "umount"
    assert "e2label" not in names


def test_a_missing_disk_is_named(machine: Machine) -> None:
    with pytest.raises(BootError, match=r"the VM has no local SSD at .*google-local-nvme-ssd-0"):
        local_ssd.mount(machine.paths)


def test_a_mounted_disk_is_left_alone(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "ismount", lambda _: True)
    local_ssd.mount(machine.paths)
    assert machine.calls() == []


def test_a_file_is_never_readable_before_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def crash(handle: int) -> None:
        seen.extend(stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir())
        raise OSError(f"disk full on {handle}")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="disk full"):
        files.write(tmp_path / "env", CANARY, 0o600)
    assert seen == [0o600]
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_mode_is_a_change(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("x")
    file.chmod(0o644)
    assert files.write(file, "x", 0o600)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not files.write(file, "x", 0o600)


def test_gcp_boots_rules_first_and_does_not_touch_those_of_running_jobs(
    machine: Machine, cloud: CloudServer, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = GCP(cloud)
    fake.secret("token", CANARY.encode())
    monkeypatch.setattr(gcp, "SecretManager", lambda _: fake.store)
    machine.paths.firewall_rules.parent.mkdir(parents=True)
    machine.paths.firewall_rules.write_text("filter saved\n")
    gcp.boot(plan(fake), machine.paths, patience)
    assert machine.iptables[-2:] == ["filter saved", f"raw PREROUTING {METADATA} -j DROP"]
    names = [call.split()[0] for call in machine.calls()]
    assert names.index("iptables-restore") < names.index("iptables")
    gcp.boot(plan(fake), machine.paths, patience)
    assert machine.calls("iptables-restore") == []


def test_aws_boots_with_its_log_group(
    machine: Machine, cloud: CloudServer, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = AWS(cloud)
    fake.secret("token", CANARY.encode())
    monkeypatch.setattr(aws, "SecretsManager", lambda _: fake.store)
    machine.install("helper", path=machine.paths.log_group_helper)
    aws.boot(replace(plan(fake), log_group="g"), machine.paths, patience)
    assert machine.calls()[0] == "helper g"
    assert machine.executor == "active"


@pytest.fixture
def program(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The unpacked program and its document, as the command line names them."""
    file = machine.folder / "boot.pyz"
    file.write_bytes(b"PK program")
    document = machine.folder / "document.json"
    document.write_text(json.dumps(vars(plan(AWS(CloudServer())))))
    monkeypatch.setattr("sys.argv", [str(file), "boot", str(document)])
    monkeypatch.setattr(main, "Paths", lambda: machine.paths)
    return file


class NoCloud(AwsGroup):
    """Nothing here asks a cloud."""

    def __init__(self) -> None:
        """Without anything to ask."""


@pytest.mark.parametrize("error", [BootError("secret x\nis empty"), OSError("disk full")])
def test_a_failed_boot_is_one_line_and_a_status_and_leaves_the_agent(
    error: Exception, program: Path, machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    def boot(*_: object) -> None:
        raise error

    with pytest.raises(SystemExit, match="1"):
        main.run(boot, NoCloud)
    text = " ".join(str(error).split())
    assert capsys.readouterr().err == f"executor-boot: the executor is not started: {text}\n"
    assert machine.calls("systemctl") == [
        "systemctl daemon-reload",
        "systemctl enable executor-agent.service",
        "systemctl restart executor-agent.service",
    ]
    assert (machine.paths.agent / "agent.pyz").read_bytes() == program.read_bytes()


def test_a_second_boot_leaves_a_running_agent_alone(program: Path, machine: Machine) -> None:
    assert program.exists()
    main.run(lambda *_: None, NoCloud)
    machine.calls()
    main.run(lambda *_: None, NoCloud)
    assert machine.calls("systemctl")[-1] == "systemctl start executor-agent.service"


def test_the_agent_runs_what_the_boot_kept(
    program: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    main.run(lambda *_: None, NoCloud)
    unit = machine.paths.agent_unit.read_text()
    command = re.search("^ExecStart=(.*)$", unit, re.MULTILINE)
    assert command is not None
    interpreter, isolated, *rest = command[1].split()
    assert (interpreter, isolated) == ("/usr/bin/python3", "-I")
    watched = []
    monkeypatch.setattr("sys.argv", rest)
    monkeypatch.setattr(main.loop, "watch", lambda *given: watched.append(given) or sys.exit(9))
    with pytest.raises(SystemExit, match="9"):
        main.run(lambda *_: None, NoCloud)
    assert isinstance(watched[0][0], NoCloud)
    assert Path(rest[0]).read_bytes() == program.read_bytes()
