"""systemd's `EnvironmentFile=` format, as systemd.exec(5) describes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .failures import BootError

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\ufdd0-\ufdef\ufeff\ud800-\udfff"
    + "".join(chr(plane * 0x10000 + end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
"""systemd drops a variable with such a character and starts the unit without it."""


def render(variables: Mapping[str, str]) -> str:
    """The file's text, sorted by name; systemd reads exactly these values from it.

    Raises BootError, which names the variable but not its value, for what systemd cannot hold: NUL
    and other control characters except tab and newline, noncharacters, and the byte order mark.
    """
    return "".join(_assignment(name, variables[name]) for name in sorted(variables))


def _assignment(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        raise BootError(f"{name!r} is no name of an environment variable")
    if _FORBIDDEN.search(value):
        raise BootError(f"the value of {name} has a control character, which systemd refuses")
    quoted = re.sub(r'[\\"`$]', r"\\\g<0>", value)
    return f'{name}="{quoted}"\n'
