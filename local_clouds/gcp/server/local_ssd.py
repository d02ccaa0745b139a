"""How many local SSDs a machine type takes.

Source: https://cloud.google.com/compute/docs/disks/local-ssd, "Choose a valid number".
"""

import re

from local_clouds.gcp.server.errors import invalid
from local_clouds.gcp.server.state import Json

_NONE = {"e2", "t2d", "t2a", "n4", "n4d", "h3", "f1", "g1", "m2"}
_BY_NAME = {"c3", "c3d", "c4", "c4d", "z3"}
"""Families whose types bring their disks, or have none."""
_COUNTS = (1, 2, 4, 8, 16, 24)
_SMALLEST = {
    "n2": ((10, 1), (20, 2), (40, 4), (80, 8), (128, 16)),
    "n2d": ((16, 1), (48, 2), (80, 4), (224, 8)),
    "c2": ((8, 1), (16, 2), (30, 4), (60, 8)),
    "c2d": ((16, 1), (32, 2), (56, 4), (112, 8)),
}
"""Up to so many CPUs, at least so many disks."""
_MOST = {"c2": 8, "c2d": 8}
_N1 = {*range(1, 9), 16, 24}


def check(machine: str, disks: list[Json]) -> None:
    """Refuse a number of disks that the machine type does not take; raises ApiError 400."""
    count = sum(disk.get("type") == "SCRATCH" for disk in disks)
    family = "n1" if machine.startswith("custom-") else machine.split("-", maxsplit=1)[0]
    if not count:
        return
    if family in _NONE | _BY_NAME:
        raise invalid(f"Local SSD is not supported for machine type {machine}.")
    if not _takes(family, machine, count):
        raise invalid(f"{count} local SSDs are not supported for machine type {machine}.")


def _takes(family: str, machine: str, count: int) -> bool:
    if family == "n1":
        return count in _N1
    if family not in _SMALLEST:
        return True
    cpus = int(re.findall("[0-9]+", machine.removeprefix(family))[0])
    fewest = next((fewest for most, fewest in _SMALLEST[family] if cpus <= most), _COUNTS[-1])
    return count in _COUNTS and fewest <= count <= _MOST.get(family, _COUNTS[-1])
