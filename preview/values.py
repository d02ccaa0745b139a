"""Values of a preview: known, unknown or secret; found by path."""

from collections.abc import Iterator, Mapping
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is known after the change only
(`sdk/go/common/resource/plugin/rpc.go`)."""

SECRET = "[secret]"  # noqa: S105 -- the mark that the engine puts in place of one


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, value) of everything that is neither list nor mapping."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key != "__defaults":
                yield from leaves(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{index}]")
    else:
        yield path, value


def at(value: Any, *keys: str | int) -> Any:
    """The value below these keys, None when one is missing or not known yet."""
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and isinstance(key, int) and key < len(value):
            value = value[key]
        else:
            return None
    return None if value == UNKNOWN else value
