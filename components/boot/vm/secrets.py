"""The secrets that the document refers to, fetched and checked."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Protocol

from .failures import BootError

if TYPE_CHECKING:
    from .document import Document
    from .web import Patience

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\s.+?-----END CERTIFICATE-----", re.DOTALL)


class SecretStore(Protocol):
    """What the VM asks its cloud for, with its own identity."""

    def fetch(self, reference: str) -> bytes:
        """The current value of a secret; UnavailableError with the store's reason."""

    def instance_id(self) -> str:
        """The VM's own id; UnavailableError."""


def environment(document: Document, store: SecretStore, patience: Patience) -> dict[str, str]:
    """The executor's secret variables; BootError names a secret that is missing or wrong."""
    values = {}
    for name, reference in sorted(document.secret_environment.items()):
        value = _fetch(reference, store, patience)
        if name == "EXECUTOR_DOCKER_AUTH_CONFIG":
            _check_docker_auth(reference, value)
        # An HTTP header holds no line break, and many a shell pipeline ends with one.
        values[name] = value.rstrip("\r\n")
    return values


def certificates(document: Document, store: SecretStore, patience: Patience) -> list[str]:
    """The PEM certificates of the private CA, one by one; none when it has no secret."""
    if document.private_ca_secret is None:
        return []
    text = _fetch(document.private_ca_secret, store, patience)
    found = _CERTIFICATE.findall(text)
    if not found:
        raise BootError(f"secret {document.private_ca_secret} holds no PEM certificate")
    return [pem + "\n" for pem in found]


def _fetch(reference: str, store: SecretStore, patience: Patience) -> str:
    raw = patience.insist(f"reading secret {reference}", lambda: store.fetch(reference))
    try:
        value = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise BootError(f"secret {reference} is not UTF-8 text") from None
    if not value.strip():
        raise BootError(f"secret {reference} is empty")
    return value


def _check_docker_auth(reference: str, value: str) -> None:
    try:
        document = json.loads(value)
    except ValueError:
        raise BootError(
            f"secret {reference} is not JSON; it must be docker's config.json"
        ) from None
    if not isinstance(document, dict) or not isinstance(document.get("auths"), dict):
        raise BootError(
            f"secret {reference} has no object `auths`; it must be docker's config.json"
        )
