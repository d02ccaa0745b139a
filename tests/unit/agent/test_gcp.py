"""The agent on GCP, against the local GCP server: a whole group whose VMs decide for themselves."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from components.boot.vm.agent.decision import Reason
from components.boot.vm.agent.gcp import GcpGroup
from components.boot.vm.gcp_api import GcpApi
from components.gcp.identity import AGENT
from tests.local_clouds.gcp_cloud import PLACE, PROJECT, LocalGcp, running
from tests.unit.agent.conftest import Answer
from tests.unit.agent.fakes import MINUTE, Vm, World

SLOTS = 4


class Pool:
    """A group on the local GCP, and the VMs that it has."""

    def __init__(self, gcp: LocalGcp, serve: Callable[[Answer], str], folder: Path) -> None:
        self.gcp, self.folder = gcp, folder
        tokens = json.dumps({"t": AGENT}).encode()
        call = Request(f"{gcp.endpoint}/local/tokens", tokens, method="POST")  # noqa: S310
        urlopen(call).close()  # noqa: S310
        self.metadata_url = serve(self.metadata)
        self.worlds: dict[str, World] = {}
        """By name; a VM that was made anew has the name of the old one."""
        self.ids: dict[str, str] = {}
        self.ended: list[World] = []
        self.given: dict[str, dict[str, str]] = {}
        self.adopt()

    def adopt(self) -> None:
        """Boot what the group has made, and switch off what it has deleted."""
        listed = {vm["name"]: vm for vm in self.gcp.instances()}
        for name in list(self.worlds):
            if name not in listed or listed[name]["id"] != self.ids[name]:
                self.worlds[name].vm.end()
                self.ended.append(self.worlds.pop(name))
        for name, vm in listed.items():
            if name not in self.worlds:
                self.worlds[name], self.ids[name] = self._boot(name, vm), vm["id"]

    def _boot(self, name: str, instance: dict[str, Any]) -> World:
        items = {item["key"]: item["value"] for item in instance["metadata"]["items"]}
        self.given[name] = {
            "instance/name": name,
            "instance/zone": f"projects/123456/zones/{instance['zone'].split('/')[-1]}",
            "instance/attributes/created-by": items["created-by"],
            "instance/preempted": "FALSE",
            "instance/maintenance-event": "NONE",
            "instance/service-accounts/default/token": json.dumps({"access_token": "t"}),
            "project/project-id": PROJECT,
        }
        vm = Vm(self.folder / name / "leaving.json")
        world = World(vm, lambda: self.group(name), lambda: None)
        world.start_agent()
        return world

    def group(self, name: str) -> GcpGroup:
        api = GcpApi(f"{self.metadata_url}/{name}")
        return GcpGroup(api, f"{self.gcp.endpoint}/compute/v1")

    def metadata(self, _: str, path: str, headers: dict[str, str], __: bytes) -> tuple[int, bytes]:
        assert headers["metadata-flavor"] == "Google"
        name, item = path.removeprefix("/").split("/computeMetadata/v1/")
        found = self.given[name].get(item)
        return (404, b"") if found is None else (200, found.encode())

    def pass_time(self, seconds: int) -> None:
        for _ in range(seconds // 30):
            for world in list(self.worlds.values()):
                world.pass_time(30)
            self.adopt()

    def need(self, vms: int) -> None:
        self.gcp.write_queue_size(vms * SLOTS)
        self.gcp.seen_autoscaler()

    @property
    def alive(self) -> list[str]:
        return list(self.worlds)

    @property
    def killed(self) -> int:
        return sum(world.vm.killed for world in self.ended)

    @property
    def target_size(self) -> int:
        groups = self.gcp.compute.regionInstanceGroupManagers()
        return groups.get(**PLACE, instanceGroupManager="group").execute()["targetSize"]


@pytest.fixture
def gcp() -> Iterator[LocalGcp]:
    with running() as made:
        made.network()
        made.subnetwork()
        made.template()
        yield made


@pytest.fixture
def pool(gcp: LocalGcp, serve: Callable[[Answer], str], tmp_path: Path) -> Pool:
    """Four VMs, made one after the other, with an autoscaler that wants four."""
    gcp.group()
    gcp.autoscaler(minNumReplicas=1)
    made = Pool(gcp, serve, tmp_path)
    for size in (1, 2, 3, 4):
        made.need(size)
        made.adopt()
        gcp.clock.pass_time(seconds=60)
    assert len(made.alive) == 4
    return made


def test_a_group_of_the_right_size_stays(pool: Pool) -> None:
    pool.pass_time(3 * MINUTE)
    assert all(world.vm.signals == 0 for world in pool.worlds.values())


def test_the_oldest_leave_when_their_jobs_are_done(pool: Pool) -> None:
    names = pool.alive
    for world in pool.worlds.values():
        world.vm.jobs = [world.vm.now + 11 * MINUTE]
    pool.need(2)
    pool.pass_time(4 * MINUTE)
    assert not any(world.vm.signals for world in pool.worlds.values()), "new jobs may need them"
    pool.pass_time(4 * MINUTE)
    assert [pool.worlds[name].vm.signals for name in names] == [1, 1, 0, 0]
    assert pool.target_size == 4
    pool.pass_time(5 * MINUTE)
    assert (pool.alive, pool.target_size, pool.killed) == (names[2:], 2, 0)


def test_the_minimum_stays(pool: Pool) -> None:
    pool.need(0)
    pool.pass_time(5 * MINUTE)
    assert (len(pool.alive), pool.target_size) == (1, 1)


def test_a_burst_during_the_drain_gets_the_vms_back(pool: Pool) -> None:
    for world in pool.worlds.values():
        world.vm.jobs = [world.vm.now + 11 * MINUTE]
    pool.need(1)
    pool.pass_time(8 * MINUTE)
    pool.need(4)
    pool.pass_time(6 * MINUTE)
    assert len(pool.alive) == pool.target_size == 4
    assert [world.vm.state for world in pool.worlds.values()] == ["active"] * 4
    assert sum(world.vm.starts for world in pool.worlds.values()) == 3
    assert pool.killed == 0


def test_an_agent_killed_in_mid_drain_looks_again_too(pool: Pool) -> None:
    first = next(iter(pool.worlds.values()))
    first.vm.jobs = [first.vm.now + 11 * MINUTE]
    pool.need(3)
    pool.pass_time(8 * MINUTE)
    first.start_agent()
    pool.need(4)
    pool.pass_time(6 * MINUTE)
    assert (first.vm.signals, first.vm.starts, first.vm.state) == (1, 1, "active")


def test_without_numbers_nobody_leaves(pool: Pool) -> None:
    pool.need(1)
    pool.gcp.clock.pass_time(hours=2)
    pool.gcp.seen_autoscaler()
    pool.pass_time(5 * MINUTE)
    assert len(pool.alive) == 4


def test_an_expired_vm_is_made_anew(pool: Pool) -> None:
    name = pool.alive[2]
    expired = pool.worlds[name].vm
    expired.state = "inactive"
    pool.pass_time(2 * MINUTE)
    assert not expired.alive
    assert pool.worlds[name].vm is not expired
    assert (len(pool.alive), pool.target_size) == (4, 4)


def test_an_expired_vm_that_is_too_many_makes_the_group_smaller(pool: Pool) -> None:
    name = pool.alive[0]
    pool.worlds[name].vm.state = "inactive"
    pool.need(3)
    pool.pass_time(2 * MINUTE)
    assert name not in pool.alive
    assert (len(pool.alive), pool.target_size) == (3, 3)


def test_a_paused_pool_empties_without_numbers(pool: Pool) -> None:
    pool.gcp.clock.pass_time(hours=2)
    pool.gcp.change_autoscaler(minNumReplicas=0, maxNumReplicas=0)
    assert "MISSING_CUSTOM_METRIC_DATA_POINTS" in str(pool.gcp.seen_autoscaler())
    pool.pass_time(5 * MINUTE)
    assert (pool.alive, pool.target_size) == ([], 0)


@pytest.mark.parametrize(
    ("item", "value", "reason"),
    [
        ("instance/preempted", "TRUE", Reason.PREEMPTED),
        ("instance/maintenance-event", "TERMINATE_ON_HOST_MAINTENANCE", Reason.MAINTENANCE),
        ("instance/maintenance-event", "MIGRATE_ON_HOST_MAINTENANCE", None),
    ],
)
def test_notices_drain(pool: Pool, item: str, value: str, reason: Reason | None) -> None:
    name = pool.alive[3]
    told = pool.worlds[name].vm
    pool.given[name][item] = value
    assert pool.group(name).notice() == (reason, False)
    told.jobs = [told.now + 3 * MINUTE]
    pool.pass_time(MINUTE)
    assert told.signals == (reason is not None)
    pool.pass_time(4 * MINUTE)
    assert told.alive == (reason is None)
    assert len(pool.alive) == 4
    assert pool.killed == 0
