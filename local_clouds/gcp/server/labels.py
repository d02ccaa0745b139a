"""Label rules (https://cloud.google.com/compute/docs/labeling-resources#restrictions)."""

import re
from typing import Any

from local_clouds.gcp.server.errors import invalid_field

# Google also allows lower-case letters of other scripts; the program never makes any.
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_VALUE = re.compile(r"[a-z0-9_-]{0,63}")
_MOST = 64


def check(labels: dict[str, Any] | None, at: str) -> None:
    """Raise 400 for a key or value outside the alphabet, for a long one, and for more than 64."""
    if labels and len(labels) > _MOST:
        raise invalid_field(at, len(labels), f"At most {_MOST} labels are allowed.")
    for key, value in (labels or {}).items():
        if not _KEY.fullmatch(key):
            rule = (
                "A label key has 1 to 63 lower-case letters, digits, underscores and hyphens, "
                "and starts with a letter."
            )
            raise invalid_field(at, key, rule)
        if not _VALUE.fullmatch(value):
            rule = (
                "A label value has at most 63 lower-case letters, digits, underscores and hyphens."
            )
            raise invalid_field(f"{at}.{key}", value, rule)
