"""The boot script that a stack gives its VMs, run whole: real systemd, iptables and trust store."""

import re
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.vm.conftest import World
from tests.vm.machine import VirtualMachine, wait_for
from tests.vm.side import METADATA, OUTSIDE, PROXY_PORT, CloudSide, boot, readers, start_boot
from tests.vm.stack import AUTH, NASTY, TOKEN

pytestmark = pytest.mark.engine
ENV = "etc/systemd/system/executor.env"
SECRETS = (TOKEN, AUTH, "Y2FuYXJ5OiQoaWQpYGlkYA==")


class Booted(NamedTuple):
    """A VM after two boots, and what was seen meanwhile."""

    pool: str
    vm: VirtualMachine
    side: CloudSide
    command_lines: set[bytes]
    after_first: dict[str, bytes]
    after_second: dict[str, bytes]
    processes: tuple[str, str]
    """The executor's process after each boot."""

    @property
    def is_firecracker(self) -> bool:
        return self.pool.startswith("full")


@pytest.fixture(scope="module", params=["full-aws", "plain-aws", "full-gcp", "plain-gcp"])
def booted(request: pytest.FixtureRequest, world: World) -> Iterator[Booted]:
    pool = request.param
    side = world.side(pool)
    with world.machine(side) as vm:
        _local_disk(vm)
        seen: set[bytes] = set()
        done = threading.Event()
        watcher = threading.Thread(target=_watch_command_lines, args=(vm, seen, done))
        watcher.start()
        boot(vm, side)
        first, process = _settings(vm), _process(vm)
        boot(vm, side)
        done.set()
        watcher.join()
        yield Booted(pool, vm, side, seen, first, _settings(vm), (process, _process(vm)))


def _local_disk(vm: VirtualMachine) -> None:
    disk = vm.root / "dev/disk/by-id/google-local-nvme-ssd-0"
    disk.parent.mkdir(parents=True)
    with disk.open("wb") as file:
        file.truncate(32 << 20)
    (vm.root / "var/lib/firecracker").mkdir(parents=True)
    (vm.root / "var/lib/firecracker/kernel").write_text("image")


def _watch_command_lines(vm: VirtualMachine, seen: set[bytes], done: threading.Event) -> None:
    while not done.wait(0.005):
        for process in (vm.root / "proc").glob("[0-9]*"):
            try:
                seen.add((process / "cmdline").read_bytes())
                environment = (process / "environ").read_bytes()
                # Asked afterwards: a process that becomes the executor has its variables first.
                seen.add(environment if _is_tool(process) else b"")
            except OSError:
                continue


def _is_tool(process: Path) -> bool:
    """The executor itself has its variables; nothing else may."""
    return b"/usr/local/bin/executor" not in (process / "cmdline").read_bytes()


def _settings(vm: VirtualMachine) -> dict[str, bytes]:
    folders = ("etc/systemd", "etc/executor", "etc/docker", "etc/iptables", "usr/local")
    return {
        str(path.relative_to(vm.written)): path.read_bytes()
        for folder in folders
        for path in (vm.written / folder).rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def _process(vm: VirtualMachine) -> str:
    return vm.run("systemctl", "show", "--property=MainPID", "--value", "executor").strip()


def _variables(vm: VirtualMachine) -> dict[str, str]:
    """Those of the running executor, as systemd read them."""
    text = vm.run("cat", f"/proc/{_process(vm)}/environ")
    return dict(entry.split("=", 1) for entry in text.split("\0") if entry)


def test_the_executor_runs_with_what_the_stack_says(booted: Booted) -> None:
    assert booted.vm.run("systemctl", "is-active", "executor", "executor-agent").split() == [
        "active",
        "active",
    ]
    found = _variables(booted.vm)
    assert found["EXECUTOR_FRONTEND_PASSWORD"] == TOKEN
    assert found["EXECUTOR_DOCKER_AUTH_CONFIG"] == AUTH
    assert found["EXECUTOR_NASTY"] == NASTY
    assert found["SRC_PROF_HTTP"] == "0.0.0.0:6060"
    assert found["HTTPS_PROXY"] == found["https_proxy"] == "http://proxy.example.com:3128"
    assert found["EXECUTOR_USE_FIRECRACKER"] == str(booted.is_firecracker).lower()


def test_the_environment_file_is_the_executor_s_alone(booted: Booted) -> None:
    file = (booted.vm.written / ENV).stat()
    assert (stat.S_IMODE(file.st_mode), file.st_uid) == (0o600, 0)


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_is_in_the_environment_file_and_nowhere_else(booted: Booted, secret: str) -> None:
    quoted = re.sub(r'[\\"`$]', r"\\\g<0>", secret)
    for form in {secret.encode(), quoted.encode()}:
        assert set(readers(booted.vm, form)) <= {ENV}
        seen = b"\n".join(booted.command_lines)
        assert b"boot.pyz" in seen
        assert form not in seen
        assert form not in booted.side.script()
        assert form.decode() not in booted.vm.journal()
    assert readers(booted.vm, quoted.encode()) == [ENV]


def test_a_second_boot_changes_nothing(booted: Booted) -> None:
    assert booted.after_first.keys() == booted.after_second.keys()
    for path, content in booted.after_first.items():
        if path != "etc/iptables/rules.v4":  # has the time in it
            assert booted.after_second[path] == content, path
    assert booted.processes[0] == booted.processes[1]
    told = booted.vm.journal("startup").splitlines()
    assert [line for line in told if "configured and started" in line] == [
        "executor-boot: the executor is configured and started"
    ] * 2


def test_systemd_has_nothing_to_say_about_the_units(booted: Booted) -> None:
    command = ["systemd-analyze", "verify", "executor.service", "executor-agent.service"]
    enter = ["nsenter", "--target", str(booted.vm.pid), "--all", *command]
    done = subprocess.run(enter, capture_output=True, text=True, check=False)
    # The image's own unit has this one fault.
    ours = [line for line in done.stderr.splitlines() if "HOME" not in line]
    assert (done.returncode, ours) == (0, [])


def test_systemd_lets_jobs_finish(booted: Booted) -> None:
    names = "KillMode,TimeoutStopUSec,ExecStopPost,After"
    shown = booted.vm.run("systemctl", "show", f"--property={names}", "executor")
    found = dict(line.split("=", 1) for line in shown.splitlines())
    minutes = 35 if booted.is_firecracker else 15
    assert (found["KillMode"], found["TimeoutStopUSec"]) == ("mixed", f"{minutes}min")
    assert found.get("ExecStopPost", "") == ""
    assert {"docker.service", "network-online.target"} <= set(found["After"].split())


def test_the_vm_trusts_the_private_ca(booted: Booted, certificate: str) -> None:
    bundle = booted.vm.root / "etc/ssl/certs/ca-certificates.crt"
    assert certificate in bundle.read_text()
    script = (booted.vm.root / "etc/executor/vm-startup.sh").read_text()
    assert ("update-ca-certificates" in script) == booted.is_firecracker


def test_mirrors_are_where_jobs_look_for_them(booted: Booted) -> None:
    docker = (booted.vm.root / "etc/docker/daemon.json").read_text()
    assert '"log-driver"' in docker
    assert ("http://10.0.1.4:5000" in docker) != booted.is_firecracker
    rules = booted.vm.run("iptables", "-S", "CNI-ADMIN").splitlines()[1:]
    opened = [
        "-A CNI-ADMIN -d 10.20.0.0/16 -j ACCEPT",
        "-A CNI-ADMIN -d 10.0.1.4/32 -p tcp -m tcp --dport 5000 -j ACCEPT",
        "-A CNI-ADMIN -d 10.0.1.5/32 -p tcp -m tcp --dport 80 -j ACCEPT",
    ]
    assert set(opened) & set(rules) == (set(opened) if booted.is_firecracker else set())
    drops = [number for number, rule in enumerate(rules) if rule.endswith("DROP")]
    assert all(rules.index(rule) < min(drops) for rule in opened if rule in rules)
    assert len(rules) == len(set(rules))


def test_the_log_goes_to_the_pool_s_group(booted: Booted) -> None:
    file = booted.vm.root / "etc/log-group"
    assert file.exists() == booted.pool.endswith("aws")
    if file.exists():
        assert booted.pool in file.read_text()


def test_the_local_ssd_holds_the_images(booted: Booted) -> None:
    mounted = "/var/lib/firecracker" in booted.vm.run("cat", "/proc/mounts")
    assert mounted == (booted.pool == "full-gcp")
    assert booted.vm.run("cat", "/var/lib/firecracker/kernel") == "image"


GUEST = """
set -e
echo 1 >/proc/sys/net/ipv4/ip_forward
iptables -A FORWARD -s 172.17.0.0/16 -j ACCEPT # docker's own rule
ip netns add guest
ip link add guest type veth peer name inside netns guest
ip address add $1.1/16 dev guest
ip link set guest up
ip -n guest address add $1.2/16 dev inside
ip -n guest link set inside up
ip -n guest route add default via $1.1
"""

ASKS = """
import socket, sys
kind, host, port = getattr(socket, sys.argv[1]), sys.argv[2], int(sys.argv[3])
asking = socket.socket(socket.AF_INET, kind)
asking.settimeout(5)
try:
    asking.connect((host, port))
    asking.send(b"GET / HTTP/1.0\\r\\n\\r\\n")
    asking.recv(1)
except TimeoutError:
    sys.exit(1)
except ConnectionRefusedError:
    pass
"""


def _is_answered(
    vm: VirtualMachine,
    *where: str,
    port: int,
    host: str = METADATA,
    kind: str = "SOCK_STREAM",
) -> bool:
    """A refusal is an answer: the packet arrived."""
    enter = ["nsenter", "--target", str(vm.pid), "--all", *where]
    command = [*enter, "python3", "-c", ASKS, kind, host, str(port)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_a_job_reaches_the_metadata_server_for_dns_only(booted: Booted) -> None:
    """Real packets from a Firecracker VM's network, or else docker's."""
    vm = booted.vm
    vm.run("bash", "-c", GUEST, "guest", "10.61.0" if booted.is_firecracker else "172.17.0")
    inside = ("ip", "netns", "exec", "guest")
    assert _is_answered(vm, port=80), "the VM itself needs it"
    assert not _is_answered(vm, *inside, port=80)
    assert _is_answered(vm, *inside, port=PROXY_PORT, host=OUTSIDE), "the guest has a network"
    if booted.pool.endswith("gcp"):
        assert _is_answered(vm, *inside, port=53, kind="SOCK_DGRAM"), "it is the resolver"


def test_new_settings_wait_for_the_jobs(booted: Booted) -> None:
    vm, before = booted.vm, _process(booted.vm)
    (vm.root / "jobs/.job").write_text("8")
    (vm.root / "jobs/.job").rename(vm.root / "jobs/todo/job")
    wait_for((vm.root / "jobs/running/job").exists, 30)
    drop_in = vm.root / "etc/systemd/system/docker.service.d/50-proxy.conf"
    drop_in.write_text(drop_in.read_text() + "# older\n")
    boot(vm, booted.side)
    assert (vm.root / "jobs/done/job").exists()
    assert _process(vm) != before
    assert (
        vm.run("systemctl", "is-active", "executor", "executor-agent", "docker").split()
        == ["active"] * 3
    )
    assert "action=drain" not in vm.journal("executor-agent")


def test_a_vm_without_access_to_its_secrets_starts_nothing_and_says_why(world: World) -> None:
    side = world.side("plain-aws")
    side.refused = lambda _: side.refusal(403, "AccessDeniedException", "no policy")  # ty: ignore[invalid-assignment]
    with world.machine(side) as vm:
        start_boot(vm, side)
        refusal = "trying again for 600 seconds: HTTP status 403, AccessDeniedException: no policy"
        wait_for(lambda: refusal in vm.journal("startup"), 30, vm.journal)
        assert not (vm.written / ENV).exists()
        assert vm.run("systemctl", "is-active", "executor", check=False) == "inactive\n"
        assert vm.run("systemctl", "is-active", "executor-agent") == "active\n"
