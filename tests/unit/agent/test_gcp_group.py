"""How the agent reads a group on GCP, and what it asks of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from components.boot.vm.agent.gcp import GcpGroup
from components.boot.vm.agent.loop import Cloud
from components.boot.vm.gcp_api import GcpApi
from components.boot.vm.web import UnavailableError
from tests.local_clouds.gcp_cloud import PROJECT, REGION
from tests.unit.agent.conftest import Answer


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
    assert group.surplus() is False, "two are there, and two are needed"
    zone["instances"].append(hidden)
    del entries[0]
    assert group.surplus() is None


def test_no_list_is_read_without_need(api: Answers, group: Cloud) -> None:
    api.answers[SCALER]["recommendedSize"] = 3
    assert group.surplus() is False
    assert [path for _, path, _ in api.asked] == [GROUP, SCALER]


@pytest.mark.parametrize(
    ("recommended", "verb"), [(2, "delete"), (3, "recreate"), (None, "recreate")]
)
def test_only_a_vm_that_is_too_many_makes_the_group_smaller(
    api: Answers, group: Cloud, recommended: int | None, verb: str
) -> None:
    if recommended is None:
        api.answers[GROUP]["status"] = {}
    api.answers[SCALER]["recommendedSize"] = recommended
    api.answers[f"{GROUP}/{verb}Instances"] = {"status": "RUNNING"}
    group.retire()
    method, path, body = api.asked[-1]
    assert (method, path) == ("POST", f"{GROUP}/{verb}Instances")
    assert json.loads(body) == {"instances": ["zones/us-central1-a/instances/executor-a"]}


def test_a_refusal_says_why(api: Answers, group: Cloud) -> None:
    del api.answers[SCALER]
    with pytest.raises(UnavailableError, match="HTTP status 404"):
        group.surplus()
