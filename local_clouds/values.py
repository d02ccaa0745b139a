"""Engine property values <-> plain Python values.

The SDK's `PropertyValue` does not tell unknown values apart: the engine sends a sentinel string,
which is turned into `UNKNOWN` here and back again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc


class Unknown:
    """The type of `UNKNOWN`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
"""A value that is known only after another resource has been created."""


def to_plain(value: PropertyValue) -> Any:
    """Strip secret-ness and dependencies; whole numbers become int, null properties vanish."""
    match value.value:
        case str() as text:
            return UNKNOWN if text == rpc.UNKNOWN else text
        case float() as number if number.is_integer():
            return int(number)
        case Mapping() as members:
            return properties_to_plain(members)
        case tuple() as items:
            return [to_plain(item) for item in items]
        case other:
            return other


def properties_to_plain(values: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """`to_plain` for a property map."""
    return {key: to_plain(value) for key, value in values.items() if value.value is not None}


def to_value(plain: Any, *, secret: bool = False) -> PropertyValue:
    """Wrap a plain value for the engine; `secret` marks the whole value."""
    return PropertyValue(_wrap(plain), is_secret=secret)


def _wrap(plain: Any) -> Any:
    if isinstance(plain, Unknown):
        return rpc.UNKNOWN
    if isinstance(plain, bool) or plain is None:
        return plain
    if isinstance(plain, int):
        return float(plain)
    if isinstance(plain, Mapping):
        return {key: to_value(item) for key, item in plain.items()}
    if isinstance(plain, Sequence) and not isinstance(plain, str):
        return [to_value(item) for item in plain]
    return plain


def contains_unknown(plain: Any) -> bool:
    """Tell whether a plain value is, or holds anywhere, a value not known yet."""
    if isinstance(plain, Mapping):
        return any(contains_unknown(item) for item in plain.values())
    if isinstance(plain, list):
        return any(contains_unknown(item) for item in plain)
    return isinstance(plain, Unknown)
