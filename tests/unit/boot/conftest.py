"""A machine that is only a folder, and clouds that are only an HTTP server on 127.0.0.1."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from components.boot.vm.document import Document
from components.boot.vm.paths import Paths
from components.boot.vm.web import Patience
from tests.unit.boot.boots import PEM, SCRIPT, Boot
from tests.unit.boot.fakes import CANARY, GCP, Clock, CloudServer, FakeCloud, Machine, plan
from tests.web import Reply, serving

IPTABLES = """\
table=$3 action=$4
shift 4
case $action in
-C) exec /bin/grep -qxF -- "$table $*" "$STATE/iptables" ;;
-I)
  rules=$(/bin/cat "$STATE/iptables")
  printf '%s\\n' "$table $*" ${rules:+"$rules"} >"$STATE/iptables"
  ;;
-A) echo "$table $*" >>"$STATE/iptables" ;;
esac
"""

SYSTEMCTL = """\
case $1 in
show) exec /bin/cat "$STATE/executor" ;;
start) echo active >"$STATE/executor" ;;
stop) echo inactive >"$STATE/executor" ;;
esac
"""

PROGRAMS = {
    "systemctl": SYSTEMCTL,
    "iptables": IPTABLES,
    "iptables-save": 'exec /bin/cat "$STATE/iptables"',
    "iptables-restore": 'exec /bin/cat >"$STATE/iptables"',
    "blkid": "exit 2",
    **dict.fromkeys(
        ("update-ca-certificates", "mkfs.ext4", "mount", "umount", "cp", "e2label"), ""
    ),
}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path, Paths(tmp_path / "root"))
    (tmp_path / "state").mkdir()
    (tmp_path / "state/iptables").write_text("")
    made.executor = "inactive"
    for name, script in PROGRAMS.items():
        made.install(name, script)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return made


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program sets proxies for itself; forget them, and those of who runs the tests."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"):
        for spelling in (name, name.lower()):
            monkeypatch.setenv(spelling, "")
            monkeypatch.delenv(spelling)


@pytest.fixture
def cloud() -> Iterator[CloudServer]:
    made = CloudServer()
    with serving(lambda request: Reply(*made.answer(request))) as made.url:
        yield made


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patience(clock: Clock) -> Patience:
    return Patience(sleep=clock.sleep, clock=lambda: clock.now)


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


@pytest.fixture
def boot(fake: FakeCloud, machine: Machine, patience: Patience) -> Boot:
    return Boot(fake, machine, patience)
