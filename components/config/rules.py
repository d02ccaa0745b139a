"""Rules between the settings of one pool."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from components.config.executor import ExecutorConfig
from components.config.machine_sizes import takes_one_local_ssd
from components.config.machines import (
    aws_is_metal,
    aws_runs_firecracker,
    gcp_runs_firecracker,
    is_arm,
    takes_boot_disk,
)
from components.config.placement import AwsPlacement, GcpPlacement, Placement
from components.config.types import seconds
from components.schedules import minimum_changes

MAX_CHANGES = 125
"""Scheduled actions of an Auto Scaling group (its quotas)."""

Finding = tuple[str, str, str, str]
"""Key below the model, what was found, what is allowed, how to fix it."""


@dataclass(frozen=True)
class Rule:
    """A rule between settings; skipped while one of the `keys` that it reads is itself wrong."""

    keys: tuple[str, ...]
    findings: Callable[[Any], Iterable[Finding]]


def _queues(config: ExecutorConfig) -> Iterable[Finding]:
    if (config.queue is None) == (config.queues is None):
        found = "neither" if config.queue is None else "both"
        fix = "set `queue` for one queue, `queues` for several"
        yield "queue", found, "exactly one of `queue` and `queues`", fix
    if len(set(config.queue_names)) != len(config.queue_names):
        yield "queues", repr(list(config.queues or ())), "every queue once", "remove the duplicate"
    for queue in config.queue_names:
        if queue not in config.sourcegraph.queues:
            known = ", ".join(config.sourcegraph.queues)
            fix = "correct the name, or add it to sourcegraph.extraQueues if your version has it"
            yield ("queues" if config.queues else "queue"), repr(queue), f"one of {known}", fix


def _sizes(config: ExecutorConfig) -> Iterable[Finding]:
    if config.min > config.max:
        rule = f"at least `min`, which is {config.min}"
        yield "max", str(config.max), rule, "raise `max` or lower `min`"


def _cpus(config: ExecutorConfig) -> Iterable[Finding]:
    cpus = config.job_num_cpus
    if config.firecracker.enabled and cpus != 1 and (cpus == 0 or cpus % 2):
        yield "jobNumCpus", str(cpus), "1 or an even number under Firecracker", "use 1, 2, 4, ..."


def _memory(config: ExecutorConfig) -> Iterable[Finding]:
    if config.firecracker.enabled and config.job_memory == "0":
        yield "jobMemory", "'0'", "a size such as 12G under Firecracker", "name the memory of a job"


def _active_time(config: ExecutorConfig) -> Iterable[Finding]:
    active, runtime = seconds(config.max_active_time), seconds(config.maximum_runtime_per_job)
    if active == 0 and not config.allow_endless_vms:
        fix = "set a time such as 6h, or allowEndlessVms: true if VMs may keep old settings"
        yield "maxActiveTime", repr(config.max_active_time), "a time above 0", fix
    elif 0 < active < runtime:
        rule = f"at least maximumRuntimePerJob, which is {config.maximum_runtime_per_job}"
        yield "maxActiveTime", repr(config.max_active_time), rule, "raise it"


def _share(config: ExecutorConfig) -> Iterable[Finding]:
    if isinstance(config.share, dict):
        for queue in sorted(set(config.share) - set(config.queue_names)):
            allowed = "queues that the pool serves: " + ", ".join(config.queue_names)
            yield f"share.{queue}", str(config.share[queue]), allowed, "remove it"


def _schedules(config: ExecutorConfig) -> Iterable[Finding]:
    zones = {name: schedule.time_zone for name, schedule in sorted(config.schedules.items())}
    for name, schedule in sorted(config.schedules.items()):
        if not config.min < schedule.min <= config.max:
            rule = f"more than min, which is {config.min}, and at most max, which is {config.max}"
            yield f"schedules.{name}.min", str(schedule.min), rule, "change it, min or max"
    if len(set(zones.values())) > 1:
        found = ", ".join(f"{zone} ({name})" for name, zone in zones.items())
        fix = "move the start of some by the difference"
        yield "schedules", found, "one time zone for all schedules of a pool", fix
    windows = tuple(schedule.window(name) for name, schedule in config.schedules.items())
    changes = len(minimum_changes(windows, config.min))
    if windows and not changes:
        found, rule = "windows that cover the week", "some time outside of them"
        yield "schedules", found, rule, "raise min instead"
    if changes > MAX_CHANGES:
        rule = f"at most {MAX_CHANGES} starts and ends in a week"
        yield "schedules", f"{changes} of them", rule, "use longer windows, or fewer"


EXECUTOR_RULES = (
    Rule(("queue", "queues", "sourcegraph"), _queues),
    Rule(("min", "max"), _sizes),
    Rule(("jobNumCpus", "firecracker"), _cpus),
    Rule(("jobMemory", "firecracker"), _memory),
    Rule(("maxActiveTime", "maximumRuntimePerJob", "allowEndlessVms"), _active_time),
    Rule(("share", "queue", "queues"), _share),
    Rule(("schedules", "min", "max"), _schedules),
)


def _once(key: str, values: tuple[str, ...]) -> Iterable[Finding]:
    if len(set(values)) != len(values):
        yield key, repr(list(values)), "every entry once", "remove the duplicate"


def _zones(placement: Placement) -> Iterable[Finding]:
    yield from _once("zones", placement.zones)
    separator = "" if isinstance(placement, AwsPlacement) else "-"
    for zone in placement.zones:
        if zone[:-1] != placement.region + separator:
            rule = f"zones of the region {placement.region}"
            yield "zones", repr(zone), rule, "correct the zone or the region"
    if not placement.zones and placement.network is None:
        fix = f"list them, e.g. [{placement.region}a, {placement.region}b]"
        yield "zones", "nothing", "the zones of the new network", fix


def gp3_findings(disk: str, *, size: int, iops: int, throughput: int) -> Iterable[Finding]:
    """What EBS refuses in a gp3 volume; `disk` is what the names of its settings begin with."""
    if throughput * 4 > iops:
        rule = f"at most a quarter of {disk}Iops, which is {iops}"
        yield f"{disk}Throughput", str(throughput), rule, "raise the IOPS"
    if iops > 500 * size:
        rule = f"at most 500 for each GiB of {disk}Size, which is {size}"
        yield f"{disk}Iops", str(iops), rule, "enlarge the disk"


def _boot_disk(placement: AwsPlacement) -> Iterable[Finding]:
    return gp3_findings(
        "bootDisk",
        size=placement.boot_disk_size,
        iops=placement.boot_disk_iops,
        throughput=placement.boot_disk_throughput,
    )


def _spot(placement: AwsPlacement) -> Iterable[Finding]:
    if placement.spot:
        return
    if placement.on_demand_base:
        yield "onDemandBase", str(placement.on_demand_base), "0 without spot", "set spot: true"
    if placement.spot_percent < 100:
        yield "spotPercent", str(placement.spot_percent), "100 without spot", "set spot: true"


def _local_ssd(placement: GcpPlacement) -> Iterable[Finding]:
    if placement.local_ssd and not takes_one_local_ssd(placement.machine_type):
        rule = f"false on {placement.machine_type}, which takes none, or not exactly one"
        yield "localSsd", "true", rule, "choose any n1, or up to 10 CPUs of n2, 8 of c2"


def _shared_network(placement: GcpPlacement) -> Iterable[Finding]:
    """A path says which project and region it means; Compute Engine refuses a mixture."""
    if placement.network is None:
        return
    network, subnetwork = placement.network.network, placement.network.subnetwork
    project = network.split("/")[1] if "/" in network else placement.project
    region = placement.region
    if "/" in subnetwork:
        _, owner, _, region, *_ = subnetwork.split("/")
    else:
        owner = placement.project
    if owner != project:
        rule = f"a subnetwork of the project {project}, which has the network"
        fix = f"write it like projects/{project}/regions/{placement.region}/subnetworks/N"
        yield "network.subnetwork", repr(subnetwork), rule, fix
    if region != placement.region:
        rule = f"a subnetwork in the pool's region, which is {placement.region}"
        yield "network.subnetwork", repr(subnetwork), rule, "correct the path or the region"


def _machine(placement: GcpPlacement) -> Iterable[Finding]:
    yield from _amd64("machineType", (placement.machine_type,))
    if placement.machine_type.endswith("-metal"):
        rule = "a type that is no bare metal: a VM runs Firecracker by nested virtualization"
        yield "machineType", repr(placement.machine_type), rule, "choose e.g. n2-standard-16"
    if not takes_boot_disk(placement.machine_type, placement.boot_disk_type):
        hyperdisk = placement.boot_disk_type.startswith("hyperdisk")
        other = "pd-ssd, pd-balanced or pd-standard" if hyperdisk else "hyperdisk-balanced"
        rule = f"{other} on {placement.machine_type}"
        yield "bootDiskType", repr(placement.boot_disk_type), rule, "change the one or the other"


def _amd64(key: str, machine_types: Iterable[str]) -> Iterable[Finding]:
    for machine_type in filter(is_arm, machine_types):
        rule = "an amd64 type, as Sourcegraph's images are"
        yield key, repr(machine_type), rule, "choose an Intel or AMD type"


AWS_RULES = (
    Rule(("zones", "region", "network"), _zones),
    Rule(("machineTypes",), lambda placement: _once("machineTypes", placement.machine_types)),
    Rule(("machineTypes",), lambda placement: _amd64("machineTypes", placement.machine_types)),
    Rule(("bootDiskSize", "bootDiskIops", "bootDiskThroughput"), _boot_disk),
    Rule(("spot", "onDemandBase", "spotPercent"), _spot),
)
GCP_RULES = (
    Rule(("machineType", "bootDiskType"), _machine),
    Rule(("zones", "region"), _zones),
    Rule(("localSsd", "machineType"), _local_ssd),
    Rule(("network", "project", "region"), _shared_network),
)


def without_kvm(placement: Placement) -> Iterable[Finding]:
    """Machine types that cannot run Firecracker; asked only of pools that use it."""
    fix = "choose another type, or set firecracker.enabled to false"
    if isinstance(placement, GcpPlacement):
        if not gcp_runs_firecracker(placement.machine_type):
            rule = "a family with nested virtualization, e.g. n2 or c2"
            yield "machineType", repr(placement.machine_type), rule, fix
        return
    metal = [machine_type for machine_type in placement.machine_types if aws_is_metal(machine_type)]
    if metal and len(metal) < len(placement.machine_types):
        # The launch template asks for nested virtualization, which bare metal refuses.
        rule = "bare metal only, or none of it"
        yield "machineTypes", repr(list(placement.machine_types)), rule, "split the pool"
    for machine_type in placement.machine_types:
        if not aws_runs_firecracker(machine_type):
            rule = "bare metal (.metal), or a family with nested virtualization, e.g. c7i or m8i"
            yield "machineTypes", repr(machine_type), rule, fix
