"""The metadata server of Compute Engine, and calls of Google APIs with the identity of the VM."""

from __future__ import annotations

import json
from typing import Any

from .web import UnavailableError, request


class GcpApi:
    """Reads metadata, and calls APIs with the access token that the metadata server hands out."""

    def __init__(self, metadata: str = "http://169.254.169.254") -> None:
        self._metadata = metadata + "/computeMetadata/v1/"

    def metadata(self, path: str) -> str:
        """The text at `path`; raises UnavailableError."""
        answer = request(self._metadata + path, {"Metadata-Flavor": "Google"}, direct=True)
        return answer.decode("utf-8", "replace").strip()

    def call(self, url: str, body: object = None, *, method: str = "GET") -> Any:
        """The JSON document of a successful response; raises UnavailableError."""
        headers = {"Authorization": f"Bearer {self._token()}"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        answer = request(url, headers, method=method, body=data)
        try:
            return json.loads(answer)
        except ValueError:
            raise UnavailableError("the service's answer cannot be read") from None

    def _token(self) -> str:
        answer = self.metadata("instance/service-accounts/default/token")
        try:
            return json.loads(answer)["access_token"]
        except (ValueError, KeyError, TypeError):
            raise UnavailableError("the metadata server has no access token yet") from None
