"""Secret Manager, with the access token that the metadata server hands out."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from .web import UnavailableError, request


@dataclass(frozen=True)
class SecretManager:
    """The secret store of GCP; a reference is `projects/P/secrets/S`."""

    metadata: str = "http://169.254.169.254"
    endpoint: str = "https://secretmanager.googleapis.com"

    def fetch(self, reference: str) -> bytes:
        """The value of the latest version; UnavailableError with the service's reason."""
        url = f"{self.endpoint}/v1/{reference}/versions/latest:access"
        answer = request(url, {"Authorization": f"Bearer {self._token()}"})
        try:
            return base64.b64decode(json.loads(answer)["payload"].get("data", ""), validate=True)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise UnavailableError("the service's answer cannot be read") from None

    def _token(self) -> str:
        url = f"{self.metadata}/computeMetadata/v1/instance/service-accounts/default/token"
        answer = request(url, {"Metadata-Flavor": "Google"}, direct=True)
        try:
            return json.loads(answer)["access_token"]
        except (ValueError, KeyError, TypeError):
            raise UnavailableError("the metadata server has no access token yet") from None
