"""HTTP requests, and patience with a cloud that does not know the VM's identity yet."""

from __future__ import annotations

import http.client
import random
import re
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, TypeVar

from .failures import BootError, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

_TIMEOUT_SECONDS = 10
_DETAIL = re.compile(
    r"""(?:"(?:__type|status|[mM]essage)" ?: ?"|<(?:Code|Message)>)((?:[^"<\\]|\\.)+)"""
)
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class UnavailableError(Exception):
    """One attempt failed. The message is the reason and holds nothing of a successful response."""

    def __init__(self, reason: str, status: int | None = None, date: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        """HTTP status, if there was a response."""
        self.date = date
        """The server's time in seconds since 1970, if the response told it."""


def request(
    url: str,
    headers: Mapping[str, str],
    *,
    method: str = "GET",
    body: bytes | None = None,
    direct: bool = False,
) -> bytes:
    """The body of a 2xx response, through the proxy of the environment unless `direct`.

    Raises UnavailableError otherwise.
    """
    call = urllib.request.Request(url, body, dict(headers), method=method)  # noqa: S310 - our URLs
    send = _DIRECT.open if direct else urllib.request.build_opener().open
    try:
        with send(call, timeout=_TIMEOUT_SECONDS) as response:
            return response.read()
    except urllib.error.HTTPError as error:
        raise UnavailableError(_reason(error), error.code, _date(error)) from None
    except urllib.error.URLError as error:
        raise UnavailableError(f"no connection to {call.host}: {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        raise UnavailableError(f"no answer from {call.host}: {error!r}") from None


def _reason(error: urllib.error.HTTPError) -> str:
    """The status, and what the error documents of both clouds' APIs say."""
    reason = f"HTTP status {error.code}"
    try:
        text = error.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return reason
    found = dict.fromkeys(_DETAIL.findall(text))
    return f"{reason}, {': '.join(found)}"[:500] if found else reason


def _date(error: urllib.error.HTTPError) -> float | None:
    try:
        return parsedate_to_datetime(error.headers["Date"]).timestamp()
    except (TypeError, ValueError):
        return None


@dataclass(frozen=True)
class Patience:
    """Exponential back-off, half of each pause at random; all in seconds.

    Every failure is tried again: a new role or binding takes some minutes to reach every part of a
    cloud, and until then the answer is the same as for a wrong one.
    """

    total: float = 600
    first: float = 1
    longest: float = 30
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    jitter: Callable[[float, float], float] = random.uniform

    def insist(self, what: str, attempt: Callable[[], T]) -> T:
        """The first result without UnavailableError; BootError with the reason after `total`."""
        end = self.clock() + self.total
        limit = self.first
        failed = False
        while True:
            try:
                return attempt()
            except UnavailableError as error:
                if self.clock() + limit > end:
                    message = (
                        f"{what} failed for {self.total:.0f} seconds; the last reason: {error}"
                    )
                    raise BootError(message) from None
                if not failed:
                    tell(f"{what} failed, trying again for {self.total:.0f} seconds: {error}")
                failed = True
            self.sleep(self.jitter(limit / 2, limit))
            limit = min(limit * 2, self.longest)
