"""`ExecutorConfig`: what means the same for an executor on every cloud."""

from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field

from components.config.base import Matches, Settings, Words, reject
from components.config.schedules import Schedule
from components.config.sourcegraph import Sourcegraph
from components.config.types import (
    MAX_VMS,
    Cidr,
    Cidrs,
    DataSize,
    Duration,
    ExporterUrl,
    Line,
    NonEmptyLine,
    PositiveDuration,
    QueueName,
    Share,
    Url,
)
from components.config.variables import Variable
from components.schedules import Window

if TYPE_CHECKING:
    from components.config.mirror import MirrorPlan


def _script(value: str) -> str:
    if not value.startswith("#!") or "\0" in value:
        reject("a script that starts with #!", "put #!/bin/sh into its first line")
    return value


Script = Annotated[
    str,
    Field(max_length=3072),
    AfterValidator(_script),
    Words("a script that starts with #!, at most 3072 characters"),
]


_CLOSED = {
    "10.61.0.0/16": "the jobs' own network, in which they must not see each other",
    "169.254.0.0/16": "the metadata server's, which knows the VM's identity",
    "127.0.0.0/8": "the VM itself",
}
"""Ranges that stay closed to jobs (`vm-image/install.sh`)."""


def _job_range(value: str) -> str:
    for closed, reason in _CLOSED.items():
        if IPv4Network(value).overlaps(IPv4Network(closed)):
            reject(f"a range apart from {closed}, {reason}", "name the hosts' own smaller ranges")
    return value


JobRange = Annotated[
    Cidr,
    AfterValidator(_job_range),
    Words(f"an IPv4 range such as 10.0.0.0/16, apart from {', '.join(_CLOSED)}"),
]

Bandwidth = Annotated[int, Field(ge=1, le=10**12)]


ScheduleName = Annotated[
    str,
    Matches(
        "up to 24 lower-case letters, digits and hyphens, with a letter first",
        pattern="[a-z]([a-z0-9-]{0,22}[a-z0-9])?",
        example="office-hours",
    ),
]


class Firecracker(Settings):
    """How a job's own virtual machine is made."""

    enabled: bool = True
    """Run every job in a Firecracker VM, on bare metal or with nested virtualization."""
    disk_space: DataSize = "20G"
    """Disk of a job's VM."""
    image: NonEmptyLine | None = None
    """Root file system image of the job's VM; the executor's own when unset."""
    kernel_image: NonEmptyLine | None = None
    """Kernel image of the job's VM; the executor's own when unset."""
    sandbox_image: NonEmptyLine | None = None
    """Ignite sandbox image; the executor's own when unset."""
    bandwidth_ingress: Bandwidth | None = None
    """Bytes per second that may flow into a job's VM; the executor's default is 524288000."""
    bandwidth_egress: Bandwidth | None = None
    """Bytes per second that may flow out of a job's VM; the executor's default is 524288000."""


class Proxy(Settings):
    """The HTTP proxy that boot, docker and the executor use."""

    http: Url | None = None
    """Proxy for http:// requests."""
    https: Url | None = None
    """Proxy for https:// requests."""
    no_proxy: tuple[NonEmptyLine, ...] = ()
    """Hosts, domains and addresses that are reached directly; the metadata server always is."""


class ExecutorConfig(Settings):
    """What one pool's executors do; the same object on AWS and on GCP.

    Defaults are the executor's own (`cmd/executor/internal/config/config.go`), except where a
    field says so.
    """

    sourcegraph: Sourcegraph
    """The Sourcegraph instance, the same for every pool of a stack."""
    queue: QueueName | None = None
    """The one queue that the pool serves: batches, codeintel or one of `extraQueues`."""
    queues: Annotated[tuple[QueueName, ...], Field(min_length=1)] | None = None
    """Several queues that the pool serves. Exactly one of `queue` and `queues` is set."""
    queue_poll_interval: PositiveDuration = "1s"
    """Time between two attempts to dequeue a job."""
    maximum_runtime_per_job: PositiveDuration = "30m"
    """Longest run of one job; a VM that drains takes at most this long."""
    maximum_num_jobs: Annotated[int, Field(ge=1, le=500)] = 1
    """Slots: jobs that one VM runs at once."""
    num_total_jobs: Annotated[int, Field(ge=0, le=10**9)] = 0
    """Jobs after which a VM retires; 0 is no limit."""
    max_active_time: Duration = "6h"
    """Time after which a VM retires, so that new settings reach the pool; not endless as usual."""
    allow_endless_vms: bool = False
    """Accept `maxActiveTime` 0: VMs then keep the settings that they started with."""
    job_num_cpus: Annotated[int, Field(ge=0, le=256)] = 4
    """CPUs of a job: 1 or even under Firecracker; 0 is no bound, without Firecracker only."""
    job_memory: DataSize | Literal["0"] = "12G"
    """Memory of a job; 0 is no bound, without Firecracker only."""
    firecracker: Firecracker = Firecracker()
    """How jobs are isolated."""
    job_network_allow: tuple[JobRange, ...] = ()
    """Private IPv4 ranges that jobs may reach, such as that of a Sourcegraph or a registry inside.
    Firecracker VMs reach public addresses only besides; without Firecracker nothing is closed."""
    docker_registry_mirrors: tuple[Url, ...] = ()
    """Pull-through registries that jobs use, and may reach; first to last. On GCP,
    `https://mirror.gcr.io` is Google's own of Docker Hub."""
    docker_registry_node_exporter_url: ExporterUrl | None = None
    """Base URL of the mirror's exporter, without /metrics."""
    node_exporter_url: ExporterUrl | None = None
    """Base URL of the VM's node exporter, without /metrics; the image's own when unset."""
    log_level: Literal["dbug", "info", "warn", "error", "crit"] = "warn"
    """How much the executor logs."""
    vm_startup_script: Script | None = None
    """Script that every Firecracker VM runs when it starts."""
    proxy: Proxy = Proxy()
    """HTTP proxy."""
    environment: Annotated[dict[Variable, Line], Words("one line of text by variable")] = {}
    """Further environment variables of the executor."""
    metrics_access_cidrs: Cidrs = ()
    """IPv4 ranges that may reach the executor's metrics on port 6060; closed when empty."""
    share: Share | Annotated[dict[QueueName, Share], Words("that by queue")] | None = None
    """The part of its queues that the pool answers for, in all or per queue; equal when unset."""
    paused: bool = False
    """Drain the pool and keep it at zero VMs."""
    min: Annotated[int, Field(ge=0, le=MAX_VMS)] = 0
    """Fewest VMs."""
    max: Annotated[int, Field(ge=1, le=MAX_VMS)] = 1
    """Most VMs. Equal to `min`: the size is fixed and nothing scales."""
    schedules: Annotated[
        dict[ScheduleName, Schedule],
        Field(max_length=32),
        Words("a name of up to 24 lower-case letters, digits and hyphens, and settings, below"),
    ] = {}
    """Hours of the week with a larger `min`, by name. On AWS, a change of them or of `min` counts
    from the next start or end on. Run `pulumi refresh` there before you pause the pool, or take a
    schedule away, in its hours."""
    jobs_per_instance: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """Outstanding jobs, queued and running, that one VM is started for; the pool's slots when
    unset: every job finds a slot, and most VMs are started. With more, a job waits for up to
    `jobsPerInstance` / `maximumNumJobs` others to end, but short jobs need fewer VMs, which boot
    for minutes. With less, VMs have slots to spare."""

    @property
    def queue_names(self) -> tuple[str, ...]:
        """The queues that the pool serves, sorted."""
        return tuple(sorted(self.queues or ([self.queue] if self.queue else [])))

    @property
    def smallest(self) -> int:
        """Fewest VMs now: 0 while paused."""
        return 0 if self.paused else self.min

    @property
    def largest(self) -> int:
        """Most VMs now: 0 while paused."""
        return 0 if self.paused else self.max

    @property
    def windows(self) -> tuple[Window, ...]:
        """The schedules that are in force: none while paused; sorted by name."""
        schedules = {} if self.paused else self.schedules
        return tuple(schedule.window(name) for name, schedule in sorted(schedules.items()))

    @property
    def time_zone(self) -> str | None:
        """The time zone of all schedules; None without one."""
        return next((schedule.time_zone for schedule in self.schedules.values()), None)

    @property
    def autoscaled(self) -> bool:
        """Whether the size follows the queue."""
        return self.smallest != self.largest

    @property
    def jobs_per_vm(self) -> int:
        """Outstanding jobs that one VM is started for."""
        return self.jobs_per_instance or self.maximum_num_jobs

    def using(self, mirror: "MirrorPlan") -> "ExecutorConfig":
        """The same with a docker mirror, which comes before others and is reached directly."""
        no_proxy = (*self.proxy.no_proxy, str(mirror.address))
        changes = {
            "docker_registry_mirrors": (mirror.url, *self.docker_registry_mirrors),
            "docker_registry_node_exporter_url": (
                self.docker_registry_node_exporter_url or mirror.exporter_url
            ),
            "proxy": self.proxy.model_copy(update={"no_proxy": no_proxy}),
        }
        return self.model_copy(update=changes)
