"""`Deployment`: everything that one stack makes, as plain frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from components.config.base import Settings
from components.config.executor import ExecutorConfig
from components.config.placement import AwsPlacement, Placement
from components.config.secrets import Secrets
from components.config.sourcegraph import Sourcegraph
from components.config.types import Cidr, QueueName, Share
from components.shares import Shares

Cloud = Literal["aws", "gcp"]
PoolName = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,22}[a-z0-9])?$")]
InstanceTag = Annotated[str, Field(pattern=r"^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$")]


class MetricWriter(Settings):
    """How the worker authenticates when it publishes the queue size."""

    gcp: Literal["key", "keyless"] = "key"
    """`key`: a service account key. `keyless`: the worker runs as, or impersonates, the service account."""


class Stack(Settings):
    """The stack file's settings besides provider configuration and secrets."""

    sourcegraph: Sourcegraph
    """The Sourcegraph instance."""
    executors: dict[str, object] = {}
    """Defaults for every pool; a pool's own settings win."""
    pools: Annotated[dict[PoolName, dict[str, object]], Field(min_length=1)]
    """The pools by name."""
    elsewhere: dict[QueueName, dict[Cloud, Share]] = {}
    """Shares of queues that pools of other stacks answer for."""
    instance_tag: InstanceTag
    """`executor_tag` of every VM; Prometheus discovers VMs by it. From the stack's name when unset."""
    network_cidr: Cidr = "10.0.0.0/16"
    """Range of a new network: /16 to /20, private, apart from the executors' own 10.61.0.0/16."""
    metric_writer: MetricWriter = MetricWriter()
    """The worker's credentials."""


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Identical VMs that serve the same queues in one cloud and region."""

    name: str
    executor: ExecutorConfig
    placement: Placement

    @property
    def cloud(self) -> Cloud:
        """The cloud that the pool runs on."""
        return "aws" if isinstance(self.placement, AwsPlacement) else "gcp"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A stack whose every rule holds.

    `metric_location` is where the worker publishes the queue size: an AWS region, a GCP project.
    """

    stack: str
    settings: Stack
    secrets: Secrets
    pools: tuple[Pool, ...]
    metric_location: Mapping[Cloud, str]

    def pools_on(self, cloud: Cloud) -> tuple[Pool, ...]:
        """The pools of one cloud, sorted by name."""
        return tuple(pool for pool in self.pools if pool.cloud == cloud)

    @cached_property
    def shares(self) -> Shares:
        """Which part of which queue every pool answers for."""
        return Shares.of(
            {pool.name: (pool.cloud, pool.executor) for pool in self.pools},
            self.settings.elsewhere,
        )
