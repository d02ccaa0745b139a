"""One VM of the local GCP, as it sees its cloud."""

import json
import re
import secrets
from typing import Any

from local_clouds.gcp.api import Api
from local_clouds.resource import CloudError
from tests.vm.side import CloudSide
from tests.web import Reply, Request

_GROUPS, _GROUP = "compute.instanceGroupManagers", ".*/instanceGroupManagers/[^/]+"
_PERMISSIONS = {
    f"GET {_GROUP}": f"{_GROUPS}.get",
    f"POST {_GROUP}/listManagedInstances": f"{_GROUPS}.get",
    f"POST {_GROUP}/(delete|recreate)Instances": f"{_GROUPS}.update",
    "GET .*/autoscalers/[^/]+": "compute.autoscalers.get",
    "GET .*/aggregated/instances": "compute.instances.list",
}
"""Method and path to permission (Compute Engine API, IAM permissions of each method)."""

_SECRET = re.compile(r"/v1/(projects/[^/]+/secrets/[^/]+)/versions/[^/]+:access")


class GcpSide(CloudSide):
    """The local GCP is GCP; what the VM's account may do is read from its bindings and roles."""

    hosts = ("compute.googleapis.com", "secretmanager.googleapis.com")

    def __init__(self, endpoint: str, instance: dict[str, Any]) -> None:
        super().__init__(endpoint)
        self.instance = instance
        self.events: dict[str, str] = {"preempted": "FALSE", "maintenance-event": "NONE"}
        """What the metadata says of the VM's fate."""
        self.api = Api(endpoint)
        self._token = secrets.token_hex(20)
        path = instance["selfLink"].partition("/v1/")[2]
        _, self.project, _, self.zone, _, self.name = path.split("/")
        self.account = instance["serviceAccounts"][0]["email"]

    @property
    def exists(self) -> bool:
        """Whether the VM is still there, and the same."""
        request = self.api.collection("instances").get(
            project=self.project, zone=self.zone, instance=self.name
        )
        found = self.api.find(request)
        return found is not None and found["id"] == self.instance["id"]

    @property
    def hop_limit(self) -> int:
        """Google knows no limit."""
        return 64

    def script(self) -> bytes:
        """The metadata's `startup-script`."""
        return self._attributes()["startup-script"].encode()

    def metadata(self, request: Request) -> Reply:
        """The metadata server."""
        if request.headers.get("metadata-flavor") != "Google":
            return Reply(403)
        known = {
            "project/project-id": self.project,
            "instance/id": self.instance["id"],
            "instance/name": self.name,
            "instance/zone": f"projects/123/zones/{self.zone}",
            "instance/service-accounts/default/token": json.dumps({"access_token": self._token}),
            **{f"instance/attributes/{key}": text for key, text in self._attributes().items()},
            **{f"instance/{key}": text for key, text in self.events.items()},
        }
        found = known.get(request.path.removeprefix("/computeMetadata/v1/"))
        return Reply(404) if found is None else Reply(200, found.encode())

    def name_of(self, request: Request) -> str:
        """Method and the last word of the path."""
        return f"{request.method} {re.split('[/:]', request.path.partition('?')[0])[-1]}"

    def refused(self, request: Request) -> Reply | None:
        """Judge the token and the account's permissions."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            return self.refusal(401, "UNAUTHENTICATED", "Invalid credentials.")
        path = request.path.partition("?")[0]
        secret = _SECRET.fullmatch(path)
        if secret is not None:
            if "roles/secretmanager.secretAccessor" in self._roles_on_secret(secret[1]):
                return None
            return self.refusal(403, "PERMISSION_DENIED", "secretmanager.versions.access denied")
        wanted = [
            permission
            for pattern, permission in _PERMISSIONS.items()
            if re.fullmatch(pattern, f"{request.method} {path}")
        ]
        if wanted and wanted[0] in self._permissions():
            return None
        return self.refusal(403, "PERMISSION_DENIED", f"{wanted} denied on {path}")

    def forwarded(self, headers: dict[str, str]) -> dict[str, str]:
        """All but the token, which is judged here."""
        return {name: value for name, value in headers.items() if name != "authorization"}

    def refusal(self, status: int, code: str, message: str) -> Reply:
        """Google's JSON."""
        error = {"code": status, "status": code, "message": message}
        return Reply(status, json.dumps({"error": error}).encode())

    def _attributes(self) -> dict[str, str]:
        return {item["key"]: item["value"] for item in self.instance["metadata"]["items"]}

    def _roles_on_secret(self, secret: str) -> set[str]:
        try:
            return self._roles(self.api.call(self.api.secrets.getIamPolicy(resource=secret)))
        except CloudError:
            return set()

    def _permissions(self) -> set[str]:
        policy = self.api.call(self.api.projects.getIamPolicy(resource=self.project, body={}))
        own = [role for role in self._roles(policy) if role.startswith("projects/")]
        found = [self.api.call(self.api.roles.get(name=name)) for name in own]
        return {name for role in found for name in role["includedPermissions"]}

    def _roles(self, policy: dict[str, Any]) -> set[str]:
        member = f"serviceAccount:{self.account}"
        bindings = policy.get("bindings", [])
        return {binding["role"] for binding in bindings if member in binding["members"]}
