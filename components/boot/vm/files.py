"""Files that are whole or absent, and never readable by others before their mode is set."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path


def write(path: Path, text: str | bytes, mode: int = 0o644) -> bool:
    """Make `path` hold `text` with `mode`; whether anything changed.

    A reader sees the old file or the new one. The new one is 0600 until it is complete.
    """
    content = text.encode("utf-8") if isinstance(text, str) else text
    if path.is_file() and path.read_bytes() == content and _mode(path) == mode:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=str(path.parent), prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
    return True


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def remove(path: Path) -> bool:
    """Make sure that there is no file at `path`; whether there was one."""
    if not path.exists():
        return False
    path.unlink()
    return True


def keep(path: Path, text: str | None, mode: int = 0o644) -> bool:
    """`write`, or `remove` when there is no text; whether anything changed."""
    return remove(path) if text is None else write(path, text, mode)
