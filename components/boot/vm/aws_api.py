"""Calls of AWS APIs with the identity of the VM."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from .sigv4 import Target, sign
from .web import UnavailableError, request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .imds import Imds

_TOLERATED_SECONDS = 60
"""AWS refuses a signature that is five minutes off."""


class AwsApi:
    """Signs with the server's time where the VM's clock is wrong."""

    def __init__(self, imds: Imds, now: Callable[[], float] = time.time) -> None:
        self.imds = imds
        self._now = now
        self._skew = 0.0

    def post(self, url: str, target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
        """The body of a successful response; raises UnavailableError with the service's reason."""
        try:
            return self._post(url, target, headers, body)
        except UnavailableError as error:
            skew = 0.0 if error.date is None else error.date - self._now()
            if error.date is None or abs(skew - self._skew) < _TOLERATED_SECONDS:
                raise
            self._skew = skew
            return self._post(url, target, headers, body)

    def _post(self, url: str, target: Target, headers: Mapping[str, str], body: bytes) -> bytes:
        now = self._now() + self._skew
        signed = sign(headers, body, self.imds.credentials(), target, now)
        return request(url + "/", signed, method="POST", body=body)
