"""What a sound stack may still get wrong; told in every preview, and nothing stops for it."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network
from urllib.parse import urlsplit

from components.config.capacity import machine_types
from components.config.deployment import Deployment, Pool
from components.config.explain import join
from components.config.machine_sizes import Size, size_of
from components.config.problems import Problem

_LOCAL_DOMAINS = ("internal", "local", "lan", "home.arpa", "corp", "intranet", "private")
"""Top-level domains that no public DNS serves."""
_MOST_JOBS_PER_SLOT = 10


def warnings(deployment: Deployment) -> tuple[Problem, ...]:
    """Doubts about a deployment whose every rule holds; sorted."""
    sizes = deployment.settings.sizes
    found = [problem for pool in deployment.pools for problem in _of_pool(pool, sizes)]
    return tuple(sorted(found))


def _of_pool(pool: Pool, sizes: Mapping[str, Size]) -> Iterable[Problem]:
    yield from _unreachable_sourcegraph(pool)
    yield from _unknown_sizes(pool, sizes)
    yield from _jobs_per_slot(pool)
    yield from _paused_schedules(pool)


def _unknown_sizes(pool: Pool, stated: Mapping[str, Size]) -> Iterable[Problem]:
    key = "machineTypes" if pool.cloud == "aws" else "machineType"
    for machine_type in machine_types(pool.placement):
        if size_of(machine_type, stated) is None:
            yield Problem(
                f"{join('pools', pool.name)}.{pool.cloud}.{key}",
                f"{machine_type!r}, whose size is not known here",
                "a type whose CPUs and memory can be checked against the slots",
                f"add it: machineSizes: {{{machine_type}: {{cpus: 16, memory: 64G}}}}",
            )


def _jobs_per_slot(pool: Pool) -> Iterable[Problem]:
    """The official AWS module starts a VM for 360 jobs and gives it 18 slots."""
    jobs, slots = pool.executor.jobs_per_vm, pool.executor.maximum_num_jobs
    if pool.executor.autoscaled and not slots <= jobs <= slots * _MOST_JOBS_PER_SLOT:
        effect = "VMs with slots to spare" if jobs < slots else "a queue that waits for long"
        yield Problem(
            f"{join('pools', pool.name)}.jobsPerInstance",
            f"{jobs} jobs for each VM of {slots} slots (maximumNumJobs), which is {effect}",
            f"{slots} to {slots * _MOST_JOBS_PER_SLOT}",
            f"leave it out: then it is {slots}",
        )


def _paused_schedules(pool: Pool) -> Iterable[Problem]:
    """A window's minimum is above the paused group's maximum, unless the state knows of it."""
    if pool.cloud == "aws" and pool.executor.paused and pool.executor.schedules:
        yield Problem(
            f"{join('pools', pool.name)}.paused",
            "true while the pool has schedules",
            "a pause outside of their hours; in them, one after a refresh",
            "run `pulumi up --refresh` if AWS says that the minimum is above the maximum",
        )


def _unreachable_sourcegraph(pool: Pool) -> Iterable[Problem]:
    """The image drops what Firecracker VMs send to private addresses (`vm-image/install.sh`)."""
    config = pool.executor
    host = urlsplit(config.sourcegraph.url).hostname or ""
    if config.firecracker.enabled and not _is_open(host, config.job_network_allow):
        yield Problem(
            f"{join('pools', pool.name)}.jobNetworkAllow",
            f"nothing that allows {host}, the host of sourcegraph.url",
            "a range with the private address of a Sourcegraph that has one: "
            "Firecracker VMs reach public addresses only",
            f"add its address, e.g. {host if _address(host) else '10.0.0.5'}/32",
        )


def _is_open(host: str, allowed: tuple[str, ...]) -> bool:
    address = _address(host)
    if address is None:
        local = "." not in host or host.endswith(tuple(f".{name}" for name in _LOCAL_DOMAINS))
        return bool(allowed) or not local
    return not address.is_private or any(address in IPv4Network(cidr) for cidr in allowed)


def _address(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(host)
    except ValueError:
        return None
