"""What a docker mirror's VM does: disk, registry, cleaning, and how systemd runs it."""

import json
import os
import stat
from pathlib import Path
from typing import NamedTuple

import pytest

from components.boot.vm.failures import BootError
from components.boot.vm.mirror import cleaning, disk, registry, units
from components.boot.vm.mirror.document import Document
from components.boot.vm.mirror.gcp import GcpSite
from components.boot.vm.mirror.main import serve
from components.boot.vm.mirror.paths import MirrorPaths
from components.boot.vm.web import Patience
from tests.unit.boot.fakes import GCP, CloudServer, Machine

BLOCK = 4096


@pytest.fixture
def vm(machine: Machine) -> Machine:
    """A VM of the mirror's image with a blank disk."""
    machine.paths = MirrorPaths(machine.paths.root)
    for name in ("ip", "resize2fs", "wipefs"):
        machine.install(name)
    machine.install("mkfs.ext4", 'echo ext4 >"$STATE/type"')
    machine.install("blkid", '/bin/cat "$STATE/type"')
    return machine


def paths(vm: Machine) -> MirrorPaths:
    assert isinstance(vm.paths, MirrorPaths)
    return vm.paths


class TestDisk:
    def test_a_blank_disk_gets_a_file_system_once(self, vm: Machine) -> None:
        device = paths(vm).disks / "google-registry"
        disk.mount(device, paths(vm).storage)
        names = [call.split()[0] for call in vm.calls()]
        assert names == ["wipefs", "mkfs.ext4", "blkid", "mount", "resize2fs"]
        vm.install("wipefs", "echo 0x438,uuid,,ext4")
        disk.mount(device, paths(vm).storage)
        names = [call.split()[0] for call in vm.calls()]
        assert names == ["wipefs", "blkid", "mount", "resize2fs"]

    def test_a_disk_with_anything_else_on_it_is_not_touched(self, vm: Machine) -> None:
        vm.install("wipefs", "echo 0x0,,,xfs")
        vm.install("blkid", "echo xfs")
        with pytest.raises(BootError, match="holds xfs, not ext4; it stays as it is"):
            disk.mount(paths(vm).disks / "google-registry", paths(vm).storage)
        assert not {"mkfs.ext4", "mount"} & {call.split()[0] for call in vm.calls()}

    def test_a_mounted_disk_is_only_grown(
        self, vm: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os.path, "ismount", lambda _: True)
        disk.mount(Path("/dev/sdb"), paths(vm).storage)
        assert vm.calls() == ["resize2fs /dev/sdb"]


class TestRegistry:
    def test_the_credentials_are_in_a_file_that_only_root_reads(self, vm: Machine) -> None:
        assert registry.configure(("robot", "canary-token"), paths(vm))
        file = paths(vm).registry_config
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        proxy = json.loads(file.read_text())["proxy"]
        assert proxy == {
            "remoteurl": "https://registry-1.docker.io",
            "username": "robot",
            "password": "canary-token",
        }
        assert not any("canary" in call for call in vm.calls())

    def test_it_starts_only_where_its_disk_is_mounted(self, vm: Machine) -> None:
        registry.configure(None, paths(vm))
        drop_in = paths(vm).registry_drop_in.read_text()
        assert f"ConditionPathIsMountPoint={paths(vm).storage}" in drop_in

    def test_it_is_restarted_for_new_settings_only(self, vm: Machine) -> None:
        registry.start(changed=registry.configure(None, paths(vm)))
        assert "systemctl restart docker_registry.service" in vm.calls()
        registry.start(changed=registry.configure(None, paths(vm)))
        calls = vm.calls()
        assert "systemctl start docker_registry.service" in calls
        assert "systemctl disable docker_registry.service" in calls


class TestSetup:
    def test_a_gcp_mirror_serves_from_its_disk_with_its_account(
        self, vm: Machine, cloud: CloudServer, patience: Patience
    ) -> None:
        fake = GCP(cloud)
        fake.secret("hub", b"robot:canary-token\n")
        plan = Document(None, None, None, None, fake.reference("hub"))
        site = GcpSite(paths(vm), patience, fake.store)
        paths(vm).disks.mkdir(parents=True)
        (paths(vm).disks / "google-registry").touch()
        for _ in range(2):
            serve(plan, site, paths(vm), patience)
        config = json.loads(paths(vm).registry_config.read_text())
        assert config["proxy"]["password"] == "canary-token"

    def test_a_missing_disk_is_waited_for(self, vm: Machine, cloud: CloudServer) -> None:
        fake = GCP(cloud)
        device = paths(vm).disks / "google-registry"
        device.parent.mkdir(parents=True)
        patience = Patience(total=60, sleep=lambda _: device.touch())
        site = GcpSite(paths(vm), patience, fake.store)
        assert site.prepare() == device

    @pytest.mark.parametrize("value", [b"robot", b":token", b"robot:", b"\xff"])
    def test_an_account_of_another_form_is_refused_unshown(
        self, vm: Machine, cloud: CloudServer, patience: Patience, value: bytes
    ) -> None:
        fake = GCP(cloud)
        fake.secret("hub", value)
        plan = Document(None, None, None, None, fake.reference("hub"))
        site = GcpSite(paths(vm), patience, fake.store)
        with pytest.raises(BootError, match="is not of the form user:token") as refusal:
            serve(plan, site, paths(vm), patience)
        assert "robot" not in str(refusal.value)
        assert not paths(vm).registry_config.exists()

    def test_systemd_sets_up_and_tends_at_every_boot(self, vm: Machine, tmp_path: Path) -> None:
        for name in ("program", "document"):
            (tmp_path / name).write_text(name)
        units.install(tmp_path / "program", tmp_path / "document", paths(vm))
        first = vm.calls("systemctl")
        assert first[1] == "systemctl enable docker-mirror.service docker-mirror-tending.timer"
        assert first[2].startswith("systemctl --no-block restart docker-mirror.service")
        units.install(tmp_path / "program", tmp_path / "document", paths(vm))
        assert vm.calls("systemctl")[2].startswith("systemctl --no-block start")
        setup = (paths(vm).units / "docker-mirror.service").read_text()
        program = paths(vm).program
        assert f"{program}/mirror.pyz serve {program}/document.json" in setup
        assert "Restart=on-failure" in setup
        tending = (paths(vm).units / "docker-mirror-tending.service").read_text()
        assert f"{program}/mirror.pyz tend {program}/document.json" in tending


class Statvfs(NamedTuple):
    """A disk of 100 blocks, of which the blobs below `storage` use theirs."""

    f_bfree: int
    f_blocks: int = 100
    f_frsize: int = BLOCK

    @property
    def f_bavail(self) -> int:
        return self.f_bfree


@pytest.fixture
def storage(vm: Machine, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = paths(vm).storage
    folder.mkdir(parents=True)

    def statvfs(_: str) -> Statvfs:
        used = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        return Statvfs(100 - used // BLOCK)

    monkeypatch.setattr("components.boot.vm.mirror.cleaning.os.statvfs", statvfs)
    return folder


def blob(storage: Path, name: str, blocks: int, used: float) -> Path:
    """A blob of some blocks that somebody used at a time."""
    file = storage / "docker/registry/v2/blobs/sha256" / name[:2] / name / "data"
    file.parent.mkdir(parents=True)
    file.write_bytes(os.urandom(blocks * BLOCK))
    os.utime(file, (used, 1))
    return file


class TestCleaning:
    def test_below_the_threshold_nothing_happens(self, vm: Machine, storage: Path) -> None:
        kept = blob(storage, "aa", 79, used=1)
        cleaning.clean(storage)
        assert kept.exists()
        assert vm.calls() == []

    def test_blobs_that_are_unused_for_longest_go_first(self, vm: Machine, storage: Path) -> None:
        files = [
            blob(storage, f"{day:02}x", 10, used=1000.0 + day) for day in (5, 1, 4, 2, 3, 8, 9, 7)
        ]
        assert cleaning.used_percent(storage) == 80
        cleaning.clean(storage)
        left = {file.parent.name for file in files if file.exists()}
        assert left == {"03x", "04x", "05x", "07x", "08x", "09x"}
        assert cleaning.used_percent(storage) == 60
        assert vm.calls() == [
            "systemctl stop docker_registry.service",
            "systemctl start docker_registry.service",
        ]

    def test_uploads_that_nobody_finishes_go_too(self, storage: Path) -> None:
        blob(storage, "aa", 85, used=1)
        upload = storage / "docker/registry/v2/repositories/library/node/_uploads/u/data"
        upload.parent.mkdir(parents=True)
        upload.write_text("half")
        cleaning.clean(storage)
        assert not upload.exists()

    def test_the_registry_starts_again_whatever_happens(
        self, vm: Machine, storage: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        blob(storage, "aa", 90, used=1)

        def fail(*_: object, **__: object) -> None:
            raise OSError("I/O error")

        monkeypatch.setattr("components.boot.vm.mirror.cleaning.shutil.rmtree", fail)
        with pytest.raises(OSError, match="I/O error"):
            cleaning.clean(storage)
        assert vm.calls()[-1] == "systemctl start docker_registry.service"
