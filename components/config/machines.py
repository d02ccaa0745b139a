"""Which machine types can run Firecracker. As of 2026-08; sources are named below."""

import re

_AWS_NESTED = (
    "c7i c7i-flex m7i m7i-flex r7i i7i c8i c8i-flex c8id m8i m8i-flex m8id r8i r8i-flex r8id x8i"
).split()
"""EC2 families with nested virtualization (Sourcegraph's `deploy-executors-binary.mdx`)."""

_GCP_WITHOUT_NESTED = (
    "e2 n2d n4a n4d t2a t2d c2d c3d c4a c4d h3 h4d m1 m2 m3 m4 x4 a2 a3 a4 a4x g4"
).split()
"""Compute Engine families without nested virtualization (its `nested-virtualization/overview`)."""

_HYPERDISK_ONLY = ("c4", "c4d", "n4", "n4d")
_WITHOUT_HYPERDISK_BALANCED = ("n1", "n2", "n2d", "c2", "c2d", "e2", "t2d")
"""Compute Engine families by the boot disks that they take (its "Choose a disk type")."""

AWS_MACHINE = r"[a-z][a-z0-9-]*\.(metal(-[0-9]+xl)?|nano|micro|small|medium|[0-9]*x?large)"
GCP_MACHINE = r"([a-z][a-z0-9]*-[a-z0-9-]*[a-z0-9]|custom-[0-9]+-[0-9]+)"


def aws_is_metal(machine_type: str) -> bool:
    """Whether an EC2 type is bare metal, which has KVM by itself."""
    return ".metal" in machine_type


def aws_runs_firecracker(machine_type: str) -> bool:
    """Whether an EC2 type has KVM: bare metal, or a family with nested virtualization."""
    return aws_is_metal(machine_type) or machine_type.partition(".")[0] in _AWS_NESTED


def gcp_runs_firecracker(machine_type: str) -> bool:
    """Whether a Compute Engine type offers nested virtualization."""
    return machine_type.partition("-")[0] not in _GCP_WITHOUT_NESTED


def is_arm(machine_type: str) -> bool:
    """Whether a type is Arm; Sourcegraph's images are for amd64. On EC2 a `g` after the generation
    says so."""
    family = re.split("[.-]", machine_type)[0]
    return family == "a1" or re.fullmatch("[a-z]+[0-9]+g[a-z]*|t2a|[acn]4[ax]+", family) is not None


def takes_boot_disk(machine_type: str, disk_type: str) -> bool:
    """Whether a Compute Engine type boots from a disk of that type."""
    family = machine_type.partition("-")[0]
    hyperdisk = disk_type.startswith("hyperdisk")
    return family not in (_WITHOUT_HYPERDISK_BALANCED if hyperdisk else _HYPERDISK_ONLY)
