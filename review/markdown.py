"""Values in Markdown."""

from typing import Any

from preview.values import UNKNOWN

_LONGEST = 120


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
