"""What exists: every resource of every service, by its relative name such as projects/p/secrets/s.

Compute resources are kept under the path that follows /compute/v1/, the others under the path that
follows /v1/, so the path of a request is the key of the resource it is about.
"""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from local_clouds.gcp.server.errors import ApiError, already_exists, not_found

Json = dict[str, Any]


class Cloud:
    """The state of one local GCP. Callers hold `lock` around each whole request."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.lock = threading.RLock()
        self.now = now
        self.resources: dict[str, Json] = {}
        self.operations: dict[str, Json] = {}
        self.policies: dict[str, Json] = {}
        self.payloads: dict[str, bytes] = {}
        self.series: dict[str, Json] = {}
        self.group_errors: dict[str, ApiError] = {}
        # Permissions of callers that may not do everything, by access token.
        self.tokens: dict[str, frozenset[str]] = {}
        # Below 2**53: some ids become numbers on the way through the engine, which has floats.
        self._last_id = 10**15
        self._projects: dict[str, str] = {}

    def timestamp(self) -> str:
        """The present in RFC 3339 with milliseconds, in UTC."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def new_id(self) -> str:
        """A numeric id that no other resource has."""
        self._last_id += 1
        return str(self._last_id)

    def project_number(self, project_id: str) -> str:
        """The number that a project id always has here: derived, as no one creates projects."""
        digest = hashlib.sha256(project_id.encode()).digest()
        number = str(100_000_000_000 + int.from_bytes(digest[:4], "big"))
        self._projects[number] = project_id
        return number

    def project_id(self, id_or_number: str) -> str:
        """The id of a project given by id or by number; raises 404 for an unseen number."""
        if not id_or_number.isdigit():
            self.project_number(id_or_number)
            return id_or_number
        if id_or_number not in self._projects:
            raise not_found(f"projects/{id_or_number}")
        return self._projects[id_or_number]

    def get(self, name: str) -> Json:
        """The resource of that name; raises 404."""
        if name not in self.resources:
            raise not_found(name)
        return self.resources[name]

    def add(self, name: str, resource: Json) -> Json:
        """Keep a new resource; raises 409 when the name is taken."""
        if name in self.resources:
            raise already_exists(name)
        self.resources[name] = resource
        return resource

    def remove(self, name: str) -> Json:
        """Forget a resource and its IAM policy; raises 404."""
        resource = self.get(name)
        del self.resources[name]
        self.policies.pop(name, None)
        return resource

    def children(self, parent: str) -> Iterator[tuple[str, Json]]:
        """The resources directly below a name, such as projects/p/secrets, by name."""
        prefix = parent + "/"
        for name in sorted(self.resources):
            if name.startswith(prefix) and "/" not in name[len(prefix) :]:
                yield name, self.resources[name]

    def of_collection(self, collection: str) -> Iterator[tuple[str, Json]]:
        """The resources of one collection, such as subnetworks, in all projects and places."""
        for name in sorted(self.resources):
            if name.split("/")[-2] == collection:
                yield name, self.resources[name]


def fingerprint(value: object) -> str:
    """A base64 hash of a JSON value: etags, fingerprints and label fingerprints."""
    text = json.dumps(value, sort_keys=True).encode()
    return base64.b64encode(hashlib.sha256(text).digest()[:12]).decode()
