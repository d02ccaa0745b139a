"""One line for each decision, which systemd puts into the journal."""

from __future__ import annotations

import json
from enum import Enum


def tell(event: str, **fields: object) -> None:
    """Write `event=… key=value …`; a value that is not one plain word is a JSON string."""
    words = [f"{key}={_word(value)}" for key, value in fields.items() if value is not None]
    print(" ".join(["executor-agent:", f"event={event}", *words]), flush=True)


def _word(value: object) -> str:
    text = str(value.value if isinstance(value, Enum) else value)
    plain = text.replace("-", "").replace(".", "").replace(",", "").replace(":", "")
    return text if plain.isalnum() and text.isascii() else json.dumps(text)
