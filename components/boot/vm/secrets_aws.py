"""Secrets Manager, with the credentials that the instance metadata service (IMDSv2) hands out."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from .sigv4 import Credentials, Target, sign
from .web import UnavailableError, request

DNS_SUFFIXES = {
    "aws": "amazonaws.com",
    "aws-us-gov": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-eusc": "amazonaws.eu",
    "aws-iso": "c2s.ic.gov",
    "aws-iso-b": "sc2s.sgov.gov",
    "aws-iso-e": "cloud.adc-e.uk",
    "aws-iso-f": "csp.hci.ic.gov",
}
"""DNS suffix of each partition (botocore's partitions.json)."""


@dataclass(frozen=True)
class SecretsManager:
    """The secret store of AWS; a reference is a secret's ARN."""

    metadata: str = "http://169.254.169.254"
    endpoint: str = "https://secretsmanager.{region}.{suffix}"

    def fetch(self, reference: str) -> bytes:
        """The value of AWSCURRENT; UnavailableError with the service's reason."""
        _, partition, _, region, _ = reference.split(":", 4)
        url = self.endpoint.format(region=region, suffix=DNS_SUFFIXES[partition])
        body = json.dumps({"SecretId": reference}).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "secretsmanager.GetSecretValue",
        }
        target = Target(urlsplit(url).netloc, region, "secretsmanager")
        signed = sign(headers, body, self._credentials(), target, time.time())
        answer = request(url + "/", signed, method="POST", body=body)
        return _value(answer)

    def _credentials(self) -> Credentials:
        lifetime = {"X-aws-ec2-metadata-token-ttl-seconds": "300"}
        token = request(f"{self.metadata}/latest/api/token", lifetime, method="PUT", direct=True)
        session = {"X-aws-ec2-metadata-token": token.decode("ascii", "replace")}
        roles = f"{self.metadata}/latest/meta-data/iam/security-credentials/"
        role = request(roles, session, direct=True).decode("ascii", "replace").strip()
        answer = request(roles + role, session, direct=True)
        try:
            document = json.loads(answer)
            return Credentials(
                document["AccessKeyId"], document["SecretAccessKey"], document["Token"]
            )
        except (ValueError, KeyError, TypeError):
            message = f"the metadata service has no credentials for the role {role!r} yet"
            raise UnavailableError(message) from None


def _value(answer: bytes) -> bytes:
    try:
        document = json.loads(answer)
        if "SecretString" in document:
            return document["SecretString"].encode()
        return base64.b64decode(document["SecretBinary"], validate=True)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnavailableError("the service's answer cannot be read") from None
