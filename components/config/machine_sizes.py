"""How large machine types are, as of 2026-08; `machineSizes` of a stack adds what is not here.

Nearly all sizes follow from the name: a family has so much memory for each CPU. Sources: AWS,
"Amazon EC2 instance types"; Compute Engine, "Machine families resource and comparison guide". The
image is for amd64, so Arm families are left out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """What a machine type has."""

    cpus: int
    """vCPUs."""
    memory: float
    """GiB."""


_AWS_GIB = {"c": 2, "m": 4, "r": 8}
"""GiB for each CPU of the families of generation 5 and later, by first letter."""
_AWS_GIB_OF = {
    **dict.fromkeys(("i3en", "i4i", "i7i", "i7ie", "z1d"), 8),
    **{"c5n": 2.625, "x8i": 16},
}
_AWS_METAL_CPUS = {
    **dict.fromkeys(("c5", "c5d", "i3en", "m5", "m5d", "m5dn", "m5n"), 96),
    **dict.fromkeys(("r5", "r5b", "r5d", "r5dn", "r5n"), 96),
    **dict.fromkeys(("c6i", "c6id", "c6in", "i4i", "m6i", "m6id", "m6idn", "m6in"), 128),
    **dict.fromkeys(("r6i", "r6id", "r6idn", "r6in"), 128),
    **dict.fromkeys(("c6a", "m6a", "r6a"), 192),
    **dict.fromkeys(("m5zn", "z1d"), 48),
}
"""CPUs of the one bare metal type of a family; later families say it in the type's name."""
_AWS_ROWS = {
    "c5n.9xlarge": Size(36, 96),
    "c5n.18xlarge": Size(72, 192),
    "c5n.metal": Size(72, 192),
    "i3.metal": Size(72, 512),
    "t2.nano": Size(1, 0.5),
    "t2.micro": Size(1, 1),
    "t2.small": Size(1, 2),
    **{
        f"{family}.{name}": Size(2, memory)
        for family in ("t3", "t3a")
        for name, memory in (("nano", 0.5), ("micro", 1), ("small", 2))
    },
    **{
        f"{family}.{name}": size
        for family in ("t2", "t3", "t3a")
        for name, size in (
            ("medium", Size(2, 4)),
            ("large", Size(2, 8)),
            ("xlarge", Size(4, 16)),
            ("2xlarge", Size(8, 32)),
        )
    },
}

_GCP_GIB = {
    "c2": {"standard": 4},
    "c2d": {"standard": 4, "highmem": 8, "highcpu": 2},
    "c3": {"standard": 4, "highmem": 8, "highcpu": 2},
    "c3d": {"standard": 4, "highmem": 8, "highcpu": 2},
    "c4": {"standard": 3.75, "highmem": 7.75, "highcpu": 2},
    "c4d": {"standard": 3.875, "highmem": 7.875, "highcpu": 1.875},
    "e2": {"standard": 4, "highmem": 8, "highcpu": 1},
    "n1": {"standard": 3.75, "highmem": 6.5, "highcpu": 0.9},
    "n2": {"standard": 4, "highmem": 8, "highcpu": 1},
    "n2d": {"standard": 4, "highmem": 8, "highcpu": 1},
    "n4": {"standard": 4, "highmem": 8, "highcpu": 2},
    "t2d": {"standard": 4},
}
"""GiB for each CPU, by family and kind."""
_GCP_ROWS = {
    "e2-micro": Size(2, 1),
    "e2-small": Size(2, 2),
    "e2-medium": Size(2, 4),
    "f1-micro": Size(1, 0.6),
    "g1-small": Size(1, 1.7),
}

LOCAL_SSD_GB = 375
"""The size of every local NVMe disk on the families that take them one by one."""
_ONE_LOCAL_SSD = {"n1": 96, "n2": 10, "n2d": 16, "c2": 8, "c2d": 16}
"""Most CPUs with which a family takes one local SSD; larger types take two and more, others none
or as many as their name says (Compute Engine, "About Local SSD disks")."""


def size_of(machine_type: str, stated: Mapping[str, Size]) -> Size | None:
    """The size of a type of either cloud: as stated, else from the table; None if unknown."""
    known = stated.get(machine_type) or _AWS_ROWS.get(machine_type) or _GCP_ROWS.get(machine_type)
    return known or (_aws_size if "." in machine_type else _gcp_size)(machine_type)


def takes_one_local_ssd(machine_type: str) -> bool:
    """Whether a Compute Engine type can have exactly one local SSD."""
    size = _gcp_size(machine_type)
    family = "n1" if machine_type.startswith("custom-") else machine_type.partition("-")[0]
    return size is not None and size.cpus <= _ONE_LOCAL_SSD.get(family, 0)


def _aws_size(machine_type: str) -> Size | None:
    family, _, suffix = machine_type.partition(".")
    # A g after the generation is Graviton.
    usual = re.fullmatch("([cmr])[5-9](?!g)[a-z-]*", family)
    ratio = _AWS_GIB_OF.get(family) or (_AWS_GIB[usual[1]] if usual else None)
    cpus = _aws_cpus(family, suffix)
    return Size(cpus, cpus * ratio) if ratio and cpus else None


def _aws_cpus(family: str, suffix: str) -> int | None:
    if suffix == "metal":
        return _AWS_METAL_CPUS.get(family)
    multiple = re.fullmatch("(?:metal-)?([0-9]+)xl(?:arge)?", suffix)
    return int(multiple[1]) * 4 if multiple else {"medium": 1, "large": 2, "xlarge": 4}.get(suffix)


def _gcp_size(machine_type: str) -> Size | None:
    custom = re.fullmatch("(?:[a-z][a-z0-9]*-)?custom-([0-9]+)-([0-9]+)(-ext)?", machine_type)
    if custom:
        return Size(int(custom[1]), int(custom[2]) / 1024)
    named = re.fullmatch("([a-z0-9]+)-([a-z]+)-([0-9]+)(-lssd|-metal)?", machine_type)
    ratio = _GCP_GIB.get(named[1], {}).get(named[2]) if named else None
    return Size(int(named[3]), int(named[3]) * ratio) if named and ratio else None
