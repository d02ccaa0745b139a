"""The boot script of a docker mirror, run whole and again: real systemd, file system and mounts."""

import json
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from local_clouds.clouds import Clouds
from local_clouds.stack import LocalStack
from local_clouds.stack_file import Secret
from tests import stacks
from tests.engine.conftest import vms
from tests.recorder import PROJECT
from tests.vm import image
from tests.vm.gcp_side import GcpSide
from tests.vm.machine import VirtualMachine, missing, wait_for
from tests.vm.side import readers, run_script

pytestmark = pytest.mark.engine
TAG = "executors-dev-docker-mirror"
TOKEN = "canary-mirror-token"
DISK, CACHE = "dev/disk/by-id/google-registry", "mnt/registry"
UNITS = ("docker_registry", "node_exporter", "exporter_exporter")


def config() -> dict[str, Any]:
    found = stacks.dev()
    del found[f"{PROJECT}:pools"]["codeintel"]
    return found | {
        f"{PROJECT}:dockerMirror": {},
        f"{PROJECT}:dockerMirrorCredentials": Secret(f"robot:{TOKEN}"),
    }


@pytest.fixture(scope="module")
def booted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[VirtualMachine, GcpSide]]:
    """The mirror's VM with a blank disk, after its first boot."""
    lacking = missing()
    if lacking:
        refuse: Any = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"a VM needs Linux, root, systemd, util-linux and iproute2; missing: {lacking}")
    folder = tmp_path_factory.mktemp("vm")
    with ExitStack() as running:
        clouds = Clouds.start(folder / "clouds")
        running.callback(clouds.stop)
        LocalStack(clouds=clouds, name="dev", config=config()).up()
        (instance,) = [vm for vm in vms(clouds) if vm["labels"]["executor_tag"] == TAG]
        side = GcpSide(clouds.gcp_endpoint, instance)
        vm = VirtualMachine(f"mirror-{os.getpid()}", image.build(folder / "image"), folder)
        running.callback(vm.stop)
        vm.wait_until_ready()
        running.callback(side.detach)
        side.attach(vm)
        for unit in UNITS:
            text = "[Service]\nExecStart=/usr/bin/sleep infinity\nRestart=always\n"
            text += "[Install]\nWantedBy=multi-user.target\n"
            (vm.root / f"etc/systemd/system/{unit}.service").write_text(text)
        (vm.root / DISK).parent.mkdir(parents=True)
        with (vm.root / DISK).open("wb") as file:
            file.truncate(64 << 20)
        boot(vm, side)
        yield vm, side


def boot(vm: VirtualMachine, side: GcpSide) -> None:
    """Run the boot script, and wait until it has set the mirror up."""
    run_script(vm, side)

    def is_set_up() -> bool:
        return vm.run("systemctl", "is-active", "docker-mirror", check=False) == "active\n"

    wait_for(is_set_up, 60, vm.journal)
    active = vm.run("systemctl", "is-active", *UNITS, "docker-mirror-tending.timer", check=False)
    assert active.split() == ["active"] * 4


def test_the_disk_has_a_file_system_and_the_registry_its_account(
    booted: tuple[VirtualMachine, GcpSide],
) -> None:
    vm, _ = booted
    assert vm.run("findmnt", "--noheadings", "--output", "FSTYPE", f"/{CACHE}") == "ext4\n"
    file = vm.root / "etc/docker/registry_config.json"
    assert json.loads(file.read_text())["proxy"]["password"] == TOKEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert readers(vm, TOKEN.encode()) == ["etc/docker/registry_config.json"]
    assert TOKEN not in vm.journal()


def test_a_second_boot_finds_everything_and_changes_nothing(
    booted: tuple[VirtualMachine, GcpSide],
) -> None:
    vm, side = booted
    (vm.root / CACHE / "blob").write_text("cached")
    before = vm.run("systemctl", "show", "--property=MainPID", "docker_registry")
    boot(vm, side)
    assert vm.run("systemctl", "show", "--property=MainPID", "docker_registry") == before
    assert (vm.root / CACHE / "blob").read_text() == "cached"
    assert not (vm.root / "etc/fstab").exists() or CACHE not in (vm.root / "etc/fstab").read_text()


def test_after_a_reboot_the_cache_is_there_and_nothing_wrote_beside_it(
    booted: tuple[VirtualMachine, GcpSide],
) -> None:
    vm, side = booted
    vm.run("systemctl", "stop", "docker_registry", "docker-mirror")
    vm.run("umount", f"/{CACHE}")
    # Whoever starts it without its disk: it would fill the boot disk.
    vm.run("systemctl", "start", "docker_registry")
    assert vm.run("systemctl", "is-active", "docker_registry", check=False) == "inactive\n"
    boot(vm, side)
    assert (vm.root / CACHE / "blob").read_text() == "cached"


def test_tending_leaves_a_cache_with_room_alone(booted: tuple[VirtualMachine, GcpSide]) -> None:
    vm, _ = booted
    before = vm.run("systemctl", "show", "--property=MainPID", "docker_registry")
    vm.run("systemctl", "start", "docker-mirror-tending.service")
    assert (vm.root / CACHE / "blob").exists()
    assert vm.run("systemctl", "show", "--property=MainPID", "docker_registry") == before


def test_a_registry_that_cannot_reach_its_upstream_is_tried_for_ever(
    booted: tuple[VirtualMachine, GcpSide],
) -> None:
    vm, _ = booted
    shown = vm.run(
        "systemctl", "show", "--property=StartLimitIntervalUSec,RestartUSec", "docker_registry"
    )
    assert set(shown.split()) == {"StartLimitIntervalUSec=0", "RestartUSec=10s"}


def test_a_list_of_expiries_that_was_cut_off_does_not_keep_it_from_starting(
    booted: tuple[VirtualMachine, GcpSide],
) -> None:
    vm, _ = booted
    (vm.root / CACHE / "scheduler-state.json").write_text("")
    vm.run("systemctl", "restart", "docker_registry")
    assert not (vm.root / CACHE / "scheduler-state.json").exists()


def test_tending_fails_while_the_registry_does_not_run(
    booted: tuple[VirtualMachine, GcpSide],
) -> None:
    vm, _ = booted
    vm.run("systemctl", "stop", "docker_registry")
    vm.run("systemctl", "start", "docker-mirror-tending.service", check=False)
    assert "tend failed: the registry does not run" in vm.journal("docker-mirror-tending")
    vm.run("systemctl", "start", "docker_registry")
