"""The agent's view of GCP: metadata, the managed instance group and its autoscaler."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .decision import Reason
from .election import Member, is_surplus, recommended_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..gcp_api import GcpApi

_LEAVING = ("DELETING", "ABANDONING")
# No VM leaves for one that is yet to be made: the cloud may have none.
_NOT_YET_THERE = ("CREATING", "CREATING_WITHOUT_RETRIES", "RECREATING")


class GcpGroup:
    """The VM's managed instance group."""

    beat_seconds = 0.0

    def __init__(
        self, api: GcpApi, endpoint: str = "https://compute.googleapis.com/compute/v1"
    ) -> None:
        self._api = api
        self._endpoint = endpoint

    def notice(self) -> tuple[Reason | None, bool]:
        """The most urgent notice; no hook ever waits."""
        if self._api.metadata("instance/preempted") == "TRUE":
            return Reason.PREEMPTED, False
        if self._api.metadata("instance/maintenance-event").startswith("TERMINATE"):
            return Reason.MAINTENANCE, False
        return None, False

    def surplus(self) -> bool | None:
        """Whether this VM is elected to leave; None when the group cannot be known."""
        path, group = self._group()
        scaler = group.get("status", {}).get("autoscaler")
        recommended = scaler and recommended_size(self._get(scaler[scaler.index("projects/") :]))
        # No list is needed to see that no VM is too many, which is so nearly always.
        if recommended is None or group["targetSize"] <= recommended:
            return False
        zone, name = self._own()
        own = f"{zone}/{name}"
        managed = {
            _place(entry["instance"]): entry.get("currentAction", "NONE")
            for page in self._pages(f"{path}/listManagedInstances", method="POST")
            for entry in page.get("managedInstances", ())
        }
        if managed.get(own, "DELETING") in _LEAVING:
            return True if own in managed else None
        ages = self._ages(path.split("/")[1], group["baseInstanceName"])
        members = []
        for place, action in managed.items():
            if action in _LEAVING:
                continue
            if place in ages:
                members.append(Member(ages[place], place))
            elif action not in _NOT_YET_THERE:
                return None
        return is_surplus(members, own, recommended)

    def retire(self) -> None:
        """End this VM. Only one that is too many makes the group smaller; another is made anew.

        Without a group to ask, UnavailableError.
        """
        verb = "deleteInstances" if self.surplus() else "recreateInstances"
        path, _ = self._group()
        zone, name = self._own()
        body = {"instances": [f"zones/{zone}/instances/{name}"]}
        self._api.call(f"{self._endpoint}/{path}/{verb}", body, method="POST")

    def beat(self) -> None:
        """GCP has no lifecycle hooks."""

    def complete(self) -> None:
        """GCP has no lifecycle hooks."""

    def _group(self) -> tuple[str, Any]:
        """The manager's path, with the project's id, and the manager."""
        origin = self._api.metadata("instance/attributes/created-by").split("/")
        project = self._api.metadata("project/project-id")
        path = "/".join(["projects", project, *origin[2:]])
        return path, self._get(path)

    def _own(self) -> tuple[str, str]:
        zone = self._api.metadata("instance/zone").split("/")[-1]
        return zone, self._api.metadata("instance/name")

    def _ages(self, project: str, base: str) -> dict[str, float]:
        filtered = {"filter": f'name eq "{base}-[a-z0-9]*"'}
        return {
            _place(vm["selfLink"]): _seconds(vm["creationTimestamp"])
            for page in self._pages(f"projects/{project}/aggregated/instances", **filtered)
            for scope in page.get("items", {}).values()
            for vm in scope.get("instances", ())
        }

    def _get(self, path: str) -> Any:
        return self._api.call(f"{self._endpoint}/{path}")

    def _pages(self, path: str, method: str = "GET", **query: str) -> Iterator[Any]:
        token = ""
        while True:
            paging = {"maxResults": "500", **({"pageToken": token} if token else {})}
            url = f"{self._endpoint}/{path}?{urlencode({**query, **paging})}"
            page = self._api.call(url, method=method)
            yield page
            token = page.get("nextPageToken", "")
            if not token:
                return


def _place(link: str) -> str:
    """`zone/name` of an instance's link."""
    parts = link.split("/")
    return f"{parts[-3]}/{parts[-1]}"


def _seconds(timestamp: str) -> float:
    # Python 3.8 reads no Z; the offset changes with daylight saving time, so the text cannot sort.
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp()
