"""Domain types of the settings: each accepts what the executor or the cloud itself accepts."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from components.config.base import Matches, Words, reject

MAX_VMS = 1000
"""A regional managed instance group's default limit is 1000 VMs per zone; AWS groups allow more."""

_DURATION_PART = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_MAX_DURATION_SECONDS = (2**63 - 1) / 1e9
_MAX_DURATION_LENGTH = 64
"""Longer than any sensible duration; the pattern takes quadratic time."""
_SIZE = re.compile(r"([1-9][0-9]{0,9}) ?([KMGT])B?")
_BYTES = {"K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


def seconds(duration: str) -> float:
    """The length of a Go duration in seconds (`time.ParseDuration`); ValueError if it is none."""
    if duration == "0":
        return 0.0
    parts = _DURATION_PART.findall(duration[:_MAX_DURATION_LENGTH])
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ValueError(duration)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def size_bytes(size: str) -> int:
    """The bytes of a data size such as `12G`, in binary units as the executor reads it."""
    match = _SIZE.fullmatch(size)
    if match is None:
        raise ValueError(size)
    return int(match[1]) * _BYTES[match[2]]


def _line(value: str) -> str:
    if _CONTROL.search(value):
        reject("one line of text without control characters", "remove line breaks and tabs")
    return value


def _duration(value: str) -> str:
    try:
        length = seconds(value)
    except ValueError:
        length = -1.0
    if not 0 <= length <= _MAX_DURATION_SECONDS:
        reject("a Go duration such as 30m, 1h30m or 90s", "write the time with its units, e.g. 30m")
    return value


def _positive_duration(value: str) -> str:
    if seconds(value) < 1:
        reject("a Go duration of at least 1s", "write the time with its units, e.g. 30m")
    return value


def _size(value: str) -> str:
    if not _SIZE.fullmatch(value):
        reject("a whole number with K, M, G or T, e.g. 12G or 500MB", "write it like 12G")
    return value


def _url(value: str) -> str:
    fix = "write it like https://sourcegraph.example.com"
    _line(value)
    try:
        parts = urlsplit(value)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        reject("a URL with scheme and host", fix)
    if parts.scheme not in ("http", "https") or not port_is_valid:
        reject("a URL that starts with http:// or https:// and has a valid port", fix)
    if not re.fullmatch(r"[A-Za-z0-9.\-_]+|[0-9A-Fa-f:.]+", parts.hostname or ""):
        reject("a URL with a host name or an IP address", fix)
    if parts.username is not None or parts.password is not None:
        reject("a URL without user or password", "remove the credentials before the @")
    if re.search(r"[ ,?#]", value):
        # Mirrors are handed over as a list with commas.
        reject("a URL without spaces, commas, query or fragment", fix)
    return value


def _exporter_url(value: str) -> str:
    if value.rstrip("/").endswith("/metrics"):
        reject("the exporter's base URL", "remove /metrics: the executor adds it")
    return value


def distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    """The values, none of which is there twice."""
    if len(set(values)) != len(values):
        reject("every entry once", "remove the duplicate")
    return values


def _cidr(value: str) -> str:
    try:
        ipaddress.IPv4Network(value)
    except ValueError:
        reject("an IPv4 range with no host bits set", "write it like 10.0.0.0/16")
    return value


def _address(value: str) -> str:
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        reject("an IPv4 address", "write it like 10.0.0.20")
    return value


Line = Annotated[str, AfterValidator(_line), Words("one line of text")]
NonEmptyLine = Annotated[
    str, Field(min_length=1), AfterValidator(_line), Words("one line of text, not empty")
]
Duration = Annotated[str, AfterValidator(_duration), Words("a time such as 30m, 1h30m or 90s")]
PositiveDuration = Annotated[
    Duration, AfterValidator(_positive_duration), Words("a time of at least 1s, such as 30m")
]
DataSize = Annotated[str, AfterValidator(_size), Words("a size such as 12G or 500MB")]
Url = Annotated[str, AfterValidator(_url), Words("an http:// or https:// URL without credentials")]
ExporterUrl = Annotated[
    Url, AfterValidator(_exporter_url), Words("an http:// or https:// URL without /metrics")
]
Cidr = Annotated[str, AfterValidator(_cidr), Words("an IPv4 range such as 10.0.0.0/16")]
Address = Annotated[str, AfterValidator(_address), Words("an IPv4 address such as 10.0.0.20")]
Cidrs = Annotated[tuple[Cidr, ...], AfterValidator(distinct)]
QueueName = Annotated[
    str,
    Matches(
        "a queue's name: up to 63 lower-case letters, digits and hyphens",
        pattern="[a-z][a-z0-9-]{0,62}",
        example="codeintel",
    ),
]
Share = Annotated[float, Field(gt=0, le=1)]
