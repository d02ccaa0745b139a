"""The agent on GCP, against the local GCP server: a whole group whose VMs decide for themselves."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from components.boot.vm.agent.decision import Reason
from components.boot.vm.agent.gcp import GcpGroup
from components.boot.vm.agent.loop import Cloud
from components.boot.vm.gcp_api import GcpApi
from components.boot.vm.web import UnavailableError
from tests.local_clouds.gcp_cloud import PLACE, PROJECT, REGION, LocalGcp, running
from tests.unit.agent.conftest import Answer
from tests.unit.agent.fakes import MINUTE, Vm, World

SLOTS = 4


class Pool:
    """A group on the local GCP, and the VMs that it has."""

    def __init__(self, gcp: LocalGcp, serve: Callable[[Answer], str], folder: Path) -> None:
        self.gcp, self.folder = gcp, folder
        self.metadata_url = serve(self.metadata)
        self.worlds: dict[str, World] = {}
        self.given: dict[str, dict[str, str]] = {}
        self.adopt()

    def adopt(self) -> None:
        """Boot what the group has made, and switch off what it has deleted."""
        listed = {vm["name"]: vm for vm in self.gcp.instances()}
        for name, vm in listed.items():
            if name not in self.worlds:
                self.worlds[name] = self._boot(name, vm)
        for name, world in self.worlds.items():
            if name not in listed:
                world.vm.end()

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
        return [name for name, world in self.worlds.items() if world.vm.alive]

    @property
    def killed(self) -> int:
        return sum(world.vm.killed for world in self.worlds.values())

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
        world.vm.jobs = [world.vm.now + 6 * MINUTE]
    pool.need(2)
    pool.pass_time(3 * MINUTE)
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
        world.vm.jobs = [world.vm.now + 5 * MINUTE]
    pool.need(1)
    pool.pass_time(2 * MINUTE)
    pool.need(4)
    pool.pass_time(6 * MINUTE)
    assert len(pool.alive) == pool.target_size == 4
    assert [world.vm.state for world in pool.worlds.values()] == ["active"] * 4
    assert sum(world.vm.starts for world in pool.worlds.values()) == 3
    assert pool.killed == 0


def test_an_agent_killed_in_mid_drain_looks_again_too(pool: Pool) -> None:
    first = next(iter(pool.worlds.values()))
    first.vm.jobs = [first.vm.now + 5 * MINUTE]
    pool.need(3)
    pool.pass_time(2 * MINUTE)
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


def test_an_expired_vm_leaves_the_group_which_grows_again_if_it_must(pool: Pool) -> None:
    expired = pool.alive[2]
    pool.worlds[expired].vm.state = "inactive"
    pool.pass_time(2 * MINUTE)
    assert expired not in pool.alive
    assert (len(pool.alive), len(pool.worlds), pool.target_size) == (4, 5, 4)


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
    pool.given[name][item] = value
    assert pool.group(name).notice() == (reason, False)
    pool.worlds[name].vm.jobs = [pool.worlds[name].vm.now + 3 * MINUTE]
    pool.pass_time(MINUTE)
    assert pool.worlds[name].vm.signals == (reason is not None)
    pool.pass_time(4 * MINUTE)
    assert (name in pool.alive) == (reason is None)
    assert pool.killed == 0


class Answers:
    """A compute API that answers by path, and remembers what it was asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str, bytes]] = []

    def __call__(self, method: str, path: str, _: dict[str, str], body: bytes) -> tuple[int, bytes]:
        self.asked.append((method, path, body))
        found = self.answers.get(path.split("?", maxsplit=1)[0])
        if isinstance(found, list):
            found = found["pageToken=" in path]
        return (404, b"{}") if found is None else (200, json.dumps(found).encode())


GROUP = f"/projects/{PROJECT}/regions/{REGION}/instanceGroupManagers/group"
SCALER = f"/projects/{PROJECT}/regions/{REGION}/autoscalers/scaler"
LISTED = f"/projects/{PROJECT}/aggregated/instances"
METADATA = {
    "instance/name": "executor-a",
    "instance/zone": "projects/123456/zones/us-central1-a",
    "instance/attributes/created-by": "projects/123456/regions/us-central1/"
    "instanceGroupManagers/group",
    "instance/service-accounts/default/token": '{"access_token": "t"}',
    "project/project-id": PROJECT,
}


def instance(name: str, created: str) -> dict[str, str]:
    link = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/us-central1-a/instances"
    return {"selfLink": f"{link}/{name}", "creationTimestamp": created}


def managed(name: str, action: str = "NONE") -> dict[str, str]:
    return {"instance": instance(name, "")["selfLink"], "currentAction": action}


@pytest.fixture
def api() -> Answers:
    """A group of three of which one is too many; the first was made in summer time."""
    link = f"https://www.googleapis.com/compute/v1{SCALER}"
    return Answers(
        {
            GROUP: {
                "targetSize": 3,
                "baseInstanceName": "executor",
                "status": {"autoscaler": link},
            },
            SCALER: {
                "status": "ACTIVE",
                "recommendedSize": 2,
                "autoscalingPolicy": {"mode": "ONLY_SCALE_OUT"},
            },
            f"{GROUP}/listManagedInstances": {
                "managedInstances": [managed(f"executor-{letter}") for letter in "abc"]
            },
            LISTED: {
                "items": {
                    "zones/us-central1-a": {
                        "instances": [
                            instance("executor-a", "2026-10-31T23:30:00.000-07:00"),
                            instance("executor-b", "2026-10-31T23:15:00.000-08:00"),
                            instance("executor-c", "2026-11-01T08:00:00.000Z"),
                        ]
                    },
                    "zones/us-central1-b": {"warning": {"code": "NO_RESULTS_ON_PAGE"}},
                }
            },
        }
    )


@pytest.fixture
def group(api: Answers, serve: Callable[[Answer], str]) -> Cloud:
    given = {f"/computeMetadata/v1/{key}": value for key, value in METADATA.items()}

    def metadata(_: str, path: str, __: dict[str, str], ___: bytes) -> tuple[int, bytes]:
        return (200, given[path].encode()) if path in given else (404, b"")

    return GcpGroup(GcpApi(serve(metadata)), serve(api))


def test_the_oldest_is_surplus_in_any_time_zone(api: Answers, group: Cloud) -> None:
    assert group.surplus() is True
    zone = api.answers[LISTED]["items"]["zones/us-central1-a"]
    zone["instances"][0]["creationTimestamp"] = "2026-11-01T07:30:00.000Z"
    assert group.surplus() is False


def test_lists_are_read_to_their_end(api: Answers, group: Cloud) -> None:
    for path in (f"{GROUP}/listManagedInstances", LISTED):
        whole = api.answers[path]
        api.answers[path] = [{"nextPageToken": "more/+"}, whole]
    assert group.surplus() is True
    asked = [path for _, path, _ in api.asked if "maxResults=500" in path]
    assert len(asked) == 4
    assert all(path.endswith("pageToken=more%2F%2B") for path in asked[1::2])


@pytest.mark.parametrize("action", ["DELETING", "ABANDONING"])
def test_a_vm_that_is_deleted_already_does_not_count(
    api: Answers, group: Cloud, action: str
) -> None:
    entries = api.answers[f"{GROUP}/listManagedInstances"]["managedInstances"]
    entries[2] = managed("executor-c", action)
    assert group.surplus() is False
    entries[0] = managed("executor-a", action)
    assert group.surplus() is True


def test_a_group_that_cannot_be_seen_whole_is_not_judged(api: Answers, group: Cloud) -> None:
    zone = api.answers[LISTED]["items"]["zones/us-central1-a"]
    hidden = zone["instances"].pop()
    assert group.surplus() is None
    entries = api.answers[f"{GROUP}/listManagedInstances"]["managedInstances"]
    entries[2] = managed("executor-c", "CREATING")
    assert group.surplus() is True
    zone["instances"].append(hidden)
    del entries[0]
    assert group.surplus() is None


def test_no_list_is_read_without_need(api: Answers, group: Cloud) -> None:
    api.answers[SCALER]["recommendedSize"] = 3
    assert group.surplus() is False
    assert [path for _, path, _ in api.asked] == [GROUP, SCALER]


@pytest.mark.parametrize(("scaled", "verb"), [(True, "delete"), (False, "recreate")])
def test_a_vm_leaves_a_scaled_group_and_is_made_anew_in_a_fixed_one(
    api: Answers, group: Cloud, scaled: bool, verb: str
) -> None:
    if not scaled:
        api.answers[GROUP]["status"] = {}
        assert group.surplus() is False
    api.answers[f"{GROUP}/{verb}Instances"] = {"status": "RUNNING"}
    group.retire()
    method, path, body = api.asked[-1]
    assert (method, path) == ("POST", f"{GROUP}/{verb}Instances")
    assert json.loads(body) == {"instances": ["zones/us-central1-a/instances/executor-a"]}


def test_a_refusal_says_why(api: Answers, group: Cloud) -> None:
    del api.answers[SCALER]
    with pytest.raises(UnavailableError, match="HTTP status 404"):
        group.surplus()
