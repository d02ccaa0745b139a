"""AWS Signature Version 4 for a POST to `/`, all that AWS's JSON and query protocols need.

Source: "Create a signed AWS API request" in the IAM user guide.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of a role; `repr` shows no secret part."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)


@dataclass(frozen=True)
class Target:
    """The endpoint that a request is signed for."""

    host: str
    region: str
    service: str


def sign(
    headers: Mapping[str, str], body: bytes, credentials: Credentials, target: Target, now: float
) -> dict[str, str]:
    """`headers` and the ones that authenticate the request. `now` is in seconds since 1970."""
    timestamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
    scope = f"{timestamp[:8]}/{target.region}/{target.service}/aws4_request"
    sent = {
        **headers,
        "Host": target.host,
        "X-Amz-Date": timestamp,
        "X-Amz-Security-Token": credentials.session_token,
    }
    canonical = {name.lower(): " ".join(value.split()) for name, value in sent.items()}
    signed = ";".join(sorted(canonical))
    lines = [f"{name}:{canonical[name]}" for name in sorted(canonical)]
    request = "\n".join(["POST", "/", "", *lines, "", signed, hashlib.sha256(body).hexdigest()])
    digest = hashlib.sha256(request.encode()).hexdigest()
    key = ("AWS4" + credentials.secret_access_key).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join([_ALGORITHM, timestamp, scope, digest])
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = f"{credentials.access_key_id}/{scope}"
    authorization = (
        f"{_ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}"
    )
    return {**sent, "Authorization": authorization}
