"""`Stack`: the settings of a stack file besides those of its pools."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.config.alerts import Alerts
from components.config.base import Matches, Settings, Words
from components.config.encryption import EncryptionKey
from components.config.machine_sizes import Size
from components.config.machines import AWS_MACHINE, GCP_MACHINE
from components.config.mirror import DockerMirror
from components.config.network import Network
from components.config.placement import Cloud
from components.config.sourcegraph import Sourcegraph
from components.config.types import DataSize, QueueName, Share, distinct, size_bytes

PoolName = Annotated[
    str,
    Matches(
        "up to 24 lower-case letters, digits and hyphens, with a letter first",
        pattern="[a-z]([a-z0-9-]{0,22}[a-z0-9])?",
        example="codeintel",
    ),
]
InstanceTag = Annotated[
    str,
    Matches(
        "up to 63 lower-case letters, digits and hyphens, with a letter first",
        pattern="[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
        example="executors-prod",
    ),
]
PolicyArn = Annotated[
    str,
    Matches(
        "the ARN of an IAM policy",
        pattern=r"arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/[!-~]{1,512}",
        example="arn:aws:iam::123456789012:policy/boundary",
    ),
]
LabelKey = Annotated[
    str,
    Matches(
        "a key of up to 63 lower-case letters, digits, hyphens and underscores, with a letter "
        "first, that is not name, executor_... or a cloud's own (aws..., goog...)",
        pattern="(?!aws|goog|executor_|name$)[a-z][a-z0-9_-]{0,62}",
        example="cost-center",
    ),
]
LabelValue = Annotated[
    str,
    Matches(
        "up to 63 lower-case letters, digits, hyphens and underscores",
        pattern="[a-z0-9_-]{0,63}",
        example="dev-tools",
    ),
]


MachineType = Annotated[
    str,
    Matches(
        "a machine type of EC2 or Compute Engine",
        pattern=f"{AWS_MACHINE}|{GCP_MACHINE}",
        example="m8i.4xlarge",
    ),
]


class MachineSize(Settings):
    """The size of a machine type that is not known, or is another than known."""

    cpus: Annotated[int, Field(ge=1, le=4096)]
    """vCPUs."""
    memory: DataSize
    """Memory."""


KeyName = Annotated[
    str,
    Matches(
        "up to 20 lower-case letters, digits and hyphens",
        pattern="[a-z0-9][a-z0-9-]{0,19}",
        example="2026-01",
    ),
]


class MetricWriter(Settings):
    """How the worker authenticates when it publishes the queue size."""

    gcp: Literal["key", "keyless"] = "key"
    """`key`: a service account key. `keyless`: the worker runs as the service account itself."""
    keys: Annotated[
        tuple[KeyName, ...], Field(min_length=1, max_length=2), AfterValidator(distinct)
    ] = ("1",)
    """Names of the writers' keys, of your choice. The worker gets the last one; a second name makes
    a second key beside the first, so that a key is rotated without a gap."""


Price = Annotated[float, Field(ge=0, le=10_000)]


class MachinePrice(Settings):
    """What one machine costs an hour, in the currency of your bill."""

    on_demand: Price | None = None
    """Price at any time; unknown when unset."""
    spot: Price | None = None
    """Price that a spot machine usually has; unknown when unset."""


class Stack(Settings):
    """The stack file's settings besides provider configuration and secrets."""

    sourcegraph: Sourcegraph
    """The Sourcegraph instance."""
    executors: Annotated[dict[str, object], Words("settings of pools, below")] = {}
    """Defaults for every pool; a pool's own settings win."""
    pools: Annotated[
        dict[PoolName, dict[str, object]],
        Field(min_length=1),
        Words("a name of up to 24 lower-case letters, digits and hyphens, and settings, below"),
    ]
    """The pools by name."""
    elsewhere: Annotated[
        dict[QueueName, dict[Cloud, Share]],
        Words("shares by queue and cloud, such as `codeintel: {gcp: 0.5}`"),
    ] = {}
    """Shares of queues that pools of other stacks answer for."""
    instance_tag: InstanceTag
    """`executor_tag` of every VM, for Prometheus to find it; from the stack's name when unset."""
    network: Network = Network()
    """Networks for pools that bring none."""
    labels: Annotated[
        dict[LabelKey, LabelValue],
        Field(max_length=30),
        Words("at most 30 keys and values, both in the narrow alphabet of GCP's labels"),
    ] = {}
    """Further tags (AWS) and labels (GCP) of everything that the stack makes, VMs included."""
    permissions_boundary: PolicyArn | None = None
    """AWS: policy that bounds every role and user that the stack makes."""
    encryption_keys: tuple[EncryptionKey, ...] = ()
    """Keys of your own for disks, secrets and (AWS) logs: one for each region of a cloud."""
    docker_mirror: DockerMirror | None = None
    """Docker mirrors; none when unset."""
    metric_writer: MetricWriter = MetricWriter()
    """The worker's credentials."""
    alerts: Alerts = Alerts()
    """Native alarms."""
    machine_sizes: Annotated[
        dict[MachineType, MachineSize], Words("a machine type, and settings of its own, below")
    ] = {}
    """Sizes of machine types; those of most types that executors run on are known. Slots are
    checked against them."""
    prices: Annotated[
        dict[MachineType, MachinePrice], Words("a machine type, and settings of its own, below")
    ] = {}
    """Prices of machine types, from which a pull request's comment and Prometheus have the cost of
    the pools."""

    @property
    def sizes(self) -> Mapping[str, Size]:
        """`machineSizes` by type."""
        return {
            name: Size(stated.cpus, size_bytes(stated.memory) / 2**30)
            for name, stated in self.machine_sizes.items()
        }
