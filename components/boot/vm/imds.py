"""The instance metadata service of EC2, version 2."""

from __future__ import annotations

import json

from .sigv4 import Credentials
from .web import UnavailableError, request

_TOKEN_SECONDS = 21600


class Imds:
    """Reads `meta-data`; a session token that has expired is renewed."""

    def __init__(self, url: str = "http://169.254.169.254") -> None:
        self._url = url + "/latest/"
        self._token: str | None = None

    def get(self, path: str) -> str:
        """The text at `path`; raises UnavailableError."""
        known = self._token
        try:
            return self._get(path)
        except UnavailableError as error:
            if error.status != 401 or known is None:
                raise
            self._token = None
            return self._get(path)

    def find(self, path: str) -> str | None:
        """The text at `path`, None where there is none; raises UnavailableError."""
        try:
            return self.get(path)
        except UnavailableError as error:
            if error.status != 404 or self._token is None:
                raise
            return None

    def credentials(self) -> Credentials:
        """Those of the VM's role; raises UnavailableError."""
        roles = "iam/security-credentials/"
        role = self.get(roles)
        answer = self.get(roles + role)
        try:
            document = json.loads(answer)
            return Credentials(
                document["AccessKeyId"], document["SecretAccessKey"], document["Token"]
            )
        except (ValueError, KeyError, TypeError):
            message = f"the metadata service has no credentials for the role {role!r} yet"
            raise UnavailableError(message) from None

    def _get(self, path: str) -> str:
        if self._token is None:
            lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": str(_TOKEN_SECONDS)}
            answer = request(self._url + "api/token", lifetime, method="PUT", direct=True)
            self._token = answer.decode("ascii", "replace")
        session = {"X-aws-ec2-metadata-token": self._token}
        answer = request(f"{self._url}meta-data/{path}", session, direct=True)
        return answer.decode("utf-8", "replace").strip()
