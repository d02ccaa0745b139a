"""`Deployment`: everything that one stack makes, as plain frozen values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from components.config.encryption import key_place
from components.config.executor import ExecutorConfig
from components.config.mirror import TAG_SUFFIX, DockerMirror, MirrorPlan, mirror_plan
from components.config.placement import AwsPlacement, Cloud, GcpPlacement, Placement
from components.config.secrets import Secrets
from components.config.stack import Stack
from components.naming import short_name
from components.shares import Shares


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

    @property
    def aws(self) -> AwsPlacement:
        """Its place on AWS; TypeError for a pool of another cloud."""
        if not isinstance(self.placement, AwsPlacement):
            raise TypeError(self.name)
        return self.placement

    @property
    def gcp(self) -> GcpPlacement:
        """Its place on GCP; TypeError for a pool of another cloud."""
        if not isinstance(self.placement, GcpPlacement):
            raise TypeError(self.name)
        return self.placement

    @property
    def behind_nat(self) -> bool:
        """Whether its VMs leave a new network through NAT, as they have no public address."""
        return self.placement.network is None and not self.placement.assign_public_ip

    def secret_place(self) -> str:
        """Which secret store its VMs read: one per AWS region, one per GCP project."""
        placement = self.placement
        return placement.region if isinstance(placement, AwsPlacement) else placement.project

    def network_place(self) -> str | None:
        """Which new network it is in: one per region (and project); None if it brings its own."""
        placement = self.placement
        if placement.network is not None:
            return None
        if isinstance(placement, AwsPlacement):
            return placement.region
        return f"{placement.project}-{placement.region}"


class Place(NamedTuple):
    """Pools that use one secret store or one network."""

    key: str
    name: str
    """Logical name of what is made for the place."""
    pools: Sequence[Pool]


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

    def secret_places(self, cloud: Cloud) -> list[Place]:
        """The secret stores that a cloud's pools need."""
        return self._places(cloud, Pool.secret_place)

    def network_places(self, cloud: Cloud) -> list[Place]:
        """The new networks that a cloud's pools need."""
        return self._places(cloud, Pool.network_place)

    def mirror(self, place: Place) -> MirrorPlan | None:
        """The docker mirror of a new network; None in a stack without mirrors."""
        mirror = self.settings.docker_mirror
        if mirror is None:
            return None
        return mirror_plan(mirror, self.settings.network, place.pools)

    def encryption_keys(self, cloud: Cloud) -> dict[str, str]:
        """The keys of the customer's own on a cloud, by region."""
        places = {key_place(key): key for key in self.settings.encryption_keys}
        return {region: key for (owner, region), key in sorted(places.items()) if owner == cloud}

    @property
    def docker_mirror(self) -> DockerMirror:
        """The settings of its docker mirrors; TypeError in a stack without them."""
        if self.settings.docker_mirror is None:
            raise TypeError(self.stack)
        return self.settings.docker_mirror

    @property
    def mirror_tag(self) -> str:
        """`executor_tag` of the mirrors' VMs."""
        return f"{self.settings.instance_tag}{TAG_SUFFIX}"

    def _places(self, cloud: Cloud, place_of: Callable[[Pool], str | None]) -> list[Place]:
        pools = self.pools_on(cloud)
        places = sorted({place for pool in pools if (place := place_of(pool)) is not None})
        return [
            Place(
                place, short_name(f"executors-{place}"), [p for p in pools if place_of(p) == place]
            )
            for place in places
        ]

    def alert_targets(self, cloud: Cloud, place: str | None = None) -> list[str]:
        """Who hears of a cloud's alarms, or of those in one AWS region or GCP project."""
        return self.settings.alerts.targets(cloud, place)

    @cached_property
    def shares(self) -> Shares:
        """Which part of which queue every pool answers for."""
        return Shares.of(
            {pool.name: (pool.cloud, pool.executor) for pool in self.pools},
            self.settings.elsewhere,
        )
