"""Packs the VM's program: only what the VM's cloud needs."""

from pathlib import Path
from typing import Literal

from components.boot.stripping import stripped

PACKAGE = "boot"
"""Name of the package inside the archive."""

_SOURCES = Path(__file__).parent / "vm"
_ONLY = {
    "aws": frozenset({"aws", "aws_api", "imds", "logs", "secrets_aws", "sigv4"}),
    "gcp": frozenset({"election", "gcp", "gcp_api", "local_ssd", "secrets_gcp"}),
}


def members(cloud: Literal["aws", "gcp"]) -> dict[str, str]:
    """Name -> text of what a zip archive needs that `python3` runs, always in the same order."""
    foreign = frozenset().union(*(names for other, names in _ONLY.items() if other != cloud))
    sources = {
        f"{PACKAGE}/{source.relative_to(_SOURCES)}": stripped(source.read_text(encoding="utf-8"))
        for source in sorted(_SOURCES.rglob("*.py"))
        if source.stem not in foreign
    }
    return {"__main__.py": f"from {PACKAGE}.{cloud} import main\n\nmain()\n", **sources}
