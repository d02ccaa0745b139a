"""Secret Manager."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from .web import UnavailableError

if TYPE_CHECKING:
    from .gcp_api import GcpApi


class SecretManager:
    """The secret store of GCP; a reference is `projects/P/secrets/S`."""

    def __init__(self, api: GcpApi, endpoint: str = "https://secretmanager.googleapis.com") -> None:
        self._api = api
        self._endpoint = endpoint

    def fetch(self, reference: str) -> bytes:
        """The value of the latest version; UnavailableError with the service's reason."""
        document = self._api.call(f"{self._endpoint}/v1/{reference}/versions/latest:access")
        try:
            return base64.b64decode(document["payload"].get("data", ""), validate=True)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UnavailableError("the service's answer cannot be read") from None

    def instance_id(self) -> str:
        """The VM's own id; UnavailableError."""
        return self._api.metadata("instance/id")
