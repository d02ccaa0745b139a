"""Where tools are kept that are built or unpacked once, outside the repository."""

import os
from pathlib import Path


def directory() -> Path:
    """`sourcegraph-executors` in the user's cache directory (`XDG_CACHE_HOME`, else `~/.cache`)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "sourcegraph-executors"
