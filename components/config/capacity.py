"""Whether a pool's slots fit its machine types and disks."""

from collections.abc import Iterable, Mapping
from math import ceil

from components.config.executor import ExecutorConfig
from components.config.explain import join
from components.config.machine_sizes import LOCAL_SSD_GB, Size, size_of
from components.config.placement import AwsPlacement, Placement
from components.config.pools import ParsedPool
from components.config.problems import Problem
from components.config.types import size_bytes

HOST_MEMORY_GIB = 2
"""What the system, docker, the executor and the agents of the image take (an estimate)."""
HOST_DISK_GIB = 20
"""The image itself, root file systems and kernels of the jobs' VMs, docker's layers, logs (an
estimate)."""
_EXECUTOR_KEYS = ("maximumNumJobs", "jobNumCpus", "jobMemory", "firecracker")
_PLACEMENT_KEYS = ("machineTypes", "machineType", "bootDiskSize", "localSsd")


def capacity_problems(
    pools: Mapping[str, ParsedPool], stated: Mapping[str, Size]
) -> Iterable[Problem]:
    """Machine types and disks that are too small; `stated` are sizes that the stack adds."""
    for name, pool in pools.items():
        if pool.executor.has(*_EXECUTOR_KEYS) and pool.placement.has(*_PLACEMENT_KEYS):
            path = join("pools", f"{name}.{pool.cloud}")
            executor, placement = pool.executor.model, pool.placement.model
            for machine_type in machine_types(placement):
                yield from _machine(path, executor, placement, machine_type, stated)
            yield from _disk(path, executor, placement)


def machine_types(placement: Placement) -> tuple[str, ...]:
    """The types that the group may start."""
    aws = isinstance(placement, AwsPlacement)
    return placement.machine_types if aws else (placement.machine_type,)


def _machine(
    path: str,
    executor: ExecutorConfig,
    placement: Placement,
    machine_type: str,
    stated: Mapping[str, Size],
) -> Iterable[Problem]:
    size = size_of(machine_type, stated)
    slots, cpus, memory = executor.maximum_num_jobs, executor.job_num_cpus, gib(executor.job_memory)
    if size is None:
        return
    by_cpus = size.cpus // cpus if cpus else slots
    by_memory = int((size.memory - HOST_MEMORY_GIB) // memory) if memory else slots
    fitting = max(0, min(by_cpus, by_memory))
    if fitting >= slots:
        return
    needed = [f"{slots * cpus} CPUs"] if cpus else []
    needed += [f"{slots * memory + HOST_MEMORY_GIB:g} GiB"] if memory else []
    slot = [f"{cpus} CPUs"] if cpus else []
    slot += [f"{memory:g} GiB, and {HOST_MEMORY_GIB} GiB of the host"] if memory else []
    lower = f"maximumNumJobs to {fitting}" if fitting else "jobNumCpus and jobMemory"
    yield Problem(
        f"{path}.machineTypes" if isinstance(placement, AwsPlacement) else f"{path}.machineType",
        f"{machine_type!r} with {size.cpus} CPUs and {size.memory:g} GiB",
        f"at least {' and '.join(needed)}: {slots} slots (maximumNumJobs) of {' and '.join(slot)}",
        f"choose a larger type, or lower {lower}",
    )


def _disk(path: str, executor: ExecutorConfig, placement: Placement) -> Iterable[Problem]:
    """Only Firecracker VMs have a disk of their own."""
    if not executor.firecracker.enabled:
        return
    local = not isinstance(placement, AwsPlacement) and placement.local_ssd
    size = LOCAL_SSD_GB if local else placement.boot_disk_size
    slots, each = executor.maximum_num_jobs, gib(executor.firecracker.disk_space)
    needed = ceil(slots * each + HOST_DISK_GIB)
    if size < needed:
        fitting = max(0, int((size - HOST_DISK_GIB) // each))
        slots_fit = f"maximumNumJobs to {fitting}" if fitting else "firecracker.diskSpace"
        yield Problem(
            f"{path}.localSsd" if local else f"{path}.bootDiskSize",
            f"{size} GiB",
            f"at least {needed} GiB: {slots} slots (maximumNumJobs) of {each:g} GiB, and "
            f"{HOST_DISK_GIB} GiB of the host",
            f"lower {slots_fit}" if local else f"raise it to {needed}, or lower {slots_fit}",
        )


def gib(size: str) -> float:
    """A job's bound in GiB; 0 is none."""
    return 0 if size == "0" else size_bytes(size) / 2**30
