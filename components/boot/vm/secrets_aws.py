"""Secrets Manager."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .sigv4 import Target
from .web import UnavailableError

if TYPE_CHECKING:
    from .aws_api import AwsApi


class SecretsManager:
    """The secret store of AWS; a reference is a secret's ARN."""

    def __init__(
        self, api: AwsApi, endpoint: str = "https://secretsmanager.{region}.{suffix}"
    ) -> None:
        self._api = api
        self._endpoint = endpoint

    def fetch(self, reference: str) -> bytes:
        """The value of AWSCURRENT; UnavailableError with the service's reason."""
        region = reference.split(":")[3]
        suffix = self._api.imds.get("services/domain")
        url = self._endpoint.format(region=region, suffix=suffix)
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "secretsmanager.GetSecretValue",
        }
        target = Target(urlsplit(url).netloc, region, "secretsmanager")
        body = json.dumps({"SecretId": reference}).encode()
        return _value(self._api.post(url, target, headers, body))

    def instance_id(self) -> str:
        """The VM's own id; UnavailableError."""
        return self._api.imds.get("instance-id")


def _value(answer: bytes) -> bytes:
    try:
        document = json.loads(answer)
        if "SecretString" in document:
            return document["SecretString"].encode()
        return base64.b64decode(document["SecretBinary"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnavailableError("the service's answer cannot be read") from None
