"""Values of a preview: known, unknown or secret; compared by path; written into Markdown."""

from collections.abc import Iterator, Mapping
from typing import Any

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a value that is known after the change only
(`sdk/go/common/resource/plugin/rpc.go`)."""

SECRET = "[secret]"  # noqa: S105 -- the mark that the engine puts in place of one

_LONGEST = 120


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


def code(value: Any) -> str:
    """A value as inline code, on one line and in a table's cell; no Markdown in it is read."""
    if value is None:
        return "unset"
    if value == UNKNOWN:
        return "known after the change"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = " ".join(text.split()).replace("`", "'").replace("|", "¦")
    if not text:
        return "empty"
    return f"`{text if len(text) <= _LONGEST else f'{text[:_LONGEST]}…'}`"


def arrow(before: str, after: str) -> str:
    """`before → after`, or the one value when both are equal."""
    return after if before == after else f"{before} → {after}"
