"""AWS services that speak the query protocol: EC2, Auto Scaling, CloudWatch."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from .sigv4 import Target

if TYPE_CHECKING:
    from .aws_api import AwsApi


class AwsQuery:
    """One service in the VM's region; requests are signed for the name `service`."""

    def __init__(
        self, api: AwsApi, service: str, version: str, *, endpoint: str | None = None
    ) -> None:
        self.imds = api.imds
        self._api = api
        self._service = service
        self._version = version
        self._endpoint = endpoint or f"https://{service}.{{region}}.{{suffix}}"

    def call(self, action: str, fields: dict[str, str]) -> str:
        """The answer, an XML document; UnavailableError with the service's reason."""
        region = self.imds.get("placement/region")
        url = self._endpoint.format(region=region, suffix=self.imds.get("services/domain"))
        body = urlencode({"Action": action, "Version": self._version, **fields}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        target = Target(urlsplit(url).netloc, region, self._service)
        return self._api.post(url, target, headers, body).decode("utf-8", "replace")
