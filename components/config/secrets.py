"""The stack's secrets: checked as strictly as the rest, and never shown."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from components.config.problems import Problem

MIN_TOKEN_LENGTH = 20
"""Sourcegraph's site configuration refuses a shorter `executors.accessToken`."""

MAX_SECRET_BYTES = 65536
"""Secrets Manager's and Secret Manager's limit for one value."""

SECRET_KEYS = (
    "accessToken",
    "dockerAuthConfig",
    "privateCaCertificate",
    "dockerMirrorCredentials",
)


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Values that VMs fetch from the cloud's secret store; every `repr` is masked."""

    access_token: SecretStr
    docker_auth_config: SecretStr | None = None
    private_ca_certificate: SecretStr | None = None
    docker_mirror_credentials: SecretStr | None = None

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Secrets":
        """The secrets of a stack, from their plain values by key."""
        return cls(
            access_token=SecretStr(values["accessToken"]),
            docker_auth_config=_optional(values.get("dockerAuthConfig")),
            private_ca_certificate=_optional(values.get("privateCaCertificate")),
            docker_mirror_credentials=_optional(values.get("dockerMirrorCredentials")),
        )


def _optional(value: str | None) -> SecretStr | None:
    return None if value is None else SecretStr(value)


def token_problems(value: str) -> list[Problem]:
    """What is wrong with the access token; the value itself never appears."""
    rule = f"at least {MIN_TOKEN_LENGTH} printable ASCII characters without spaces"
    fix = "make one with `openssl rand -hex 32`, put it into the site configuration and here"
    if len(value) < MIN_TOKEN_LENGTH:
        return [Problem("accessToken", f"a token of {len(value)} characters", rule, fix)]
    if not re.fullmatch(r"[!-~]+", value):
        return [Problem("accessToken", "a token with a space or a special character", rule, fix)]
    return []


def docker_auth_problems(value: str) -> list[Problem]:
    """What is wrong with the docker configuration; the value itself never appears."""
    rule = 'docker\'s config.json with static credentials: {"auths": {"registry": {"auth": "..."}}}'
    fix = "paste a config.json that `docker login` wrote without a credential helper"
    try:
        document = json.loads(value)
    except (ValueError, RecursionError):
        return [Problem("dockerAuthConfig", "text that is not JSON", rule, fix)]
    if not isinstance(document, dict) or not isinstance(document.get("auths"), dict):
        return [Problem("dockerAuthConfig", "JSON without an `auths` object", rule, fix)]
    if {"credsStore", "credHelpers"} & document.keys():
        return [Problem("dockerAuthConfig", "a credential helper", rule, fix)]
    if not all(_is_static(entry) for entry in document["auths"].values()):
        return [Problem("dockerAuthConfig", "a registry without `auth` in base64", rule, fix)]
    return []


def _is_static(entry: Any) -> bool:
    """The executor decodes `auth` when it starts, and exits when it cannot."""
    try:
        return b":" in base64.b64decode(entry["auth"], validate=True)
    except (KeyError, TypeError, ValueError):
        return False


def certificate_problems(value: str) -> list[Problem]:
    """What is wrong with the private CA: it must be certificates only, never a key."""
    rule = "one or more PEM certificates, and nothing else"
    fix = "paste the CA's -----BEGIN CERTIFICATE----- blocks"
    if "PRIVATE KEY" in value:
        return [Problem("privateCaCertificate", "a private key", rule, fix)]
    block = r"-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+\n-----END CERTIFICATE-----"
    if not re.fullmatch(rf"({block}\s*)+", value.strip().replace("\r\n", "\n")):
        return [Problem("privateCaCertificate", "text that is no PEM certificate", rule, fix)]
    return []


def mirror_credentials_problems(value: str) -> list[Problem]:
    """What is wrong with the mirrors' account at Docker Hub."""
    if re.fullmatch(r"[!-9;-~]+:[!-~]+", value):
        return []
    rule = "user and token of Docker Hub with a colon between them, without spaces"
    fix = "make an access token at Docker Hub, and write user:token"
    return [Problem("dockerMirrorCredentials", "text of another form", rule, fix)]


_CHECKS = {
    "accessToken": token_problems,
    "dockerAuthConfig": docker_auth_problems,
    "privateCaCertificate": certificate_problems,
    "dockerMirrorCredentials": mirror_credentials_problems,
}


def secret_problems(values: dict[str, str], encrypted: frozenset[str]) -> list[Problem]:
    """All mistakes in the secrets of a stack.

    `values` holds the plain values by key, `encrypted` the keys that the stack file encrypts.
    """
    problems = []
    if "accessToken" not in values:
        fix = "run `pulumi config set --secret accessToken`"
        problems.append(Problem("accessToken", "nothing", "Sourcegraph's executor token", fix))
    for key, value in values.items():
        problems += _CHECKS[key](value)
        if len(value.encode(errors="surrogatepass")) > MAX_SECRET_BYTES:
            rule = f"at most {MAX_SECRET_BYTES} bytes"
            problems.append(Problem(key, "a longer value", rule, "shorten it"))
        if key not in encrypted:
            fix = f"run `pulumi config set --secret {key}`, and replace the value: it was readable"
            problems.append(Problem(key, "a value in clear text", "an encrypted value", fix))
    return problems
