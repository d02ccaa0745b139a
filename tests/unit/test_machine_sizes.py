"""The sizes that slots are checked against are those of the clouds."""

import re

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from components.config.machine_sizes import Size, size_of, takes_one_local_ssd
from components.config.machines import aws_runs_firecracker

AMD64 = {
    name: Size(entry["VCpuInfo"]["DefaultVCpus"], entry["MemoryInfo"]["SizeInMiB"] / 1024)
    for name, entry in INSTANCE_TYPES.items()
    if "x86_64" in entry["ProcessorInfo"]["SupportedArchitectures"]
}
"""moto carries EC2's own descriptions."""


def test_a_known_ec2_type_has_the_size_that_ec2_describes() -> None:
    found = {name: size_of(name, {}) for name in AMD64}
    known = {name: size for name, size in found.items() if size is not None}
    assert len(known) > 500
    assert known == {name: AMD64[name] for name in known}


def test_every_family_that_runs_firecracker_without_metal_is_known() -> None:
    nested = [name for name in AMD64 if aws_runs_firecracker(name) and ".metal" not in name]
    assert len(nested) > 100
    assert [name for name in nested if size_of(name, {}) is None] == []


def test_bare_metal_of_the_usual_families_is_known() -> None:
    metal = [name for name in AMD64 if re.match(r"[cmrz][5-8][^.]*\.metal", name)]
    assert len(metal) > 40
    assert [name for name in metal if size_of(name, {}) is None] == []


@pytest.mark.parametrize("name", ["m7g.large", "c8gn.xlarge", "r6gd.metal", "p5.48xlarge", "m8i.x"])
def test_arm_and_the_unusual_are_not_guessed(name: str) -> None:
    assert size_of(name, {}) is None


@pytest.mark.parametrize(
    ("name", "cpus", "memory"),
    [
        ("n1-standard-4", 4, 15),
        ("n1-highmem-8", 8, 52),
        ("n1-highcpu-16", 16, 14.4),
        ("n2-standard-16", 16, 64),
        ("n2-highmem-32", 32, 256),
        ("n2-highcpu-48", 48, 48),
        ("c2-standard-30", 30, 120),
        ("c2d-highcpu-112", 112, 224),
        ("c3-standard-22", 22, 88),
        ("c3-standard-8-lssd", 8, 32),
        ("c3-highcpu-192-metal", 192, 384),
        ("c4-standard-48", 48, 180),
        ("c4-highmem-96", 96, 744),
        ("c4d-standard-96", 96, 372),
        ("n4-highcpu-16", 16, 32),
        ("e2-standard-8", 8, 32),
        ("e2-small", 2, 2),
        ("t2d-standard-60", 60, 240),
        ("n2-custom-8-16384", 8, 16),
        ("n2-custom-2-131072-ext", 2, 128),
        ("custom-6-20480", 6, 20),
    ],
)
def test_a_compute_engine_type_has_the_size_of_the_comparison_guide(
    name: str, cpus: int, memory: float
) -> None:
    size = size_of(name, {})
    assert size is not None
    assert (size.cpus, round(size.memory, 3)) == (cpus, memory)


def test_what_the_stack_states_wins() -> None:
    assert size_of("m8i.large", {"m8i.large": Size(3, 5)}) == Size(3, 5)
    assert size_of("x99.metal", {"x99.metal": Size(3, 5)}) == Size(3, 5)
    assert size_of("n2-mega-8", {}) is None


@pytest.mark.parametrize(
    ("name", "takes"),
    [
        ("n1-standard-96", True),
        ("custom-8-16384", True),
        ("n2-standard-8", True),
        ("n2-custom-10-20480", True),
        ("n2-standard-16", False),
        ("c2-standard-8", True),
        ("c2-standard-16", False),
        ("n2d-standard-16", True),
        ("n2d-standard-32", False),
        ("c3-standard-8-lssd", False),
        ("e2-standard-8", False),
        ("z3-highmem-88", False),
    ],
)
def test_one_local_ssd_is_a_number_that_the_type_takes(name: str, takes: bool) -> None:
    assert takes_one_local_ssd(name) is takes
