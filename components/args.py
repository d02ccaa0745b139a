"""What the twin components take: the same arguments on both clouds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.config import Deployment, Pool, Secrets
from components.config.mirror import MirrorPlan
from components.config.placement import AwsNetwork


@dataclass(frozen=True, kw_only=True)
class NetworkIds:
    """A network and the subnets in it, made here or existing."""

    network_id: pulumi.Input[str]
    """AWS: VPC id. GCP: name or path of the network."""
    subnet_ids: pulumi.Input[Sequence[pulumi.Input[str]]]
    """AWS: a subnet per zone. GCP: the one regional subnetwork."""


@dataclass(frozen=True, kw_only=True)
class StoredSecrets:
    """Secrets in a cloud's store."""

    references: Mapping[str, pulumi.Output[str]]
    """AWS: ARN, GCP: path of every secret, by config key."""
    versions: Sequence[pulumi.Resource]
    """What holds their values; whoever starts a VM waits for these."""

    def only(self, *keys: str) -> "StoredSecrets":
        """Those of them that one kind of VM may read; it waits for all."""
        found = {key: value for key, value in self.references.items() if key in keys}
        return StoredSecrets(references=found, versions=self.versions)


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """A new network for the pools of one place."""

    deployment: Deployment
    pools: Sequence[Pool]
    """Pools of one region (and project) that name no network of their own; at least one."""


@dataclass(frozen=True, kw_only=True)
class KeyAccessArgs:
    """A key of the customer's own, for one region."""

    region: str
    key: str
    """AWS: ARN, GCP: path."""
    pools: Sequence[Pool]
    """The cloud's pools; some of them in the region."""


Keys = Mapping[str, pulumi.Input[str]]
"""Keys of the customer's own by region; empty without any."""


@dataclass(frozen=True, kw_only=True)
class SecretStoreArgs:
    """The stack's secrets in the store that the VMs of one place can reach."""

    deployment: Deployment
    pools: Sequence[Pool]
    """Pools that read from this store; at least one."""
    keys: Keys
    """Keys of the customer's own on the cloud."""


@dataclass(frozen=True, kw_only=True)
class CredentialsArgs:
    """What the worker and Prometheus need to work with one cloud."""

    deployment: Deployment


@dataclass(frozen=True, kw_only=True)
class IdentityArgs:
    """The identity of one pool's VMs."""

    deployment: Deployment
    pool: Pool
    secrets: StoredSecrets
    """What the VMs may read."""
    log_group_arn: pulumi.Input[str] | None = None
    """AWS: where the VMs ship their logs. GCP ships into the project."""
    key: pulumi.Input[str] | None = None
    """AWS: the key of the VMs' secrets."""


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """Who may reach one pool's VMs."""

    deployment: Deployment
    pool: Pool
    network: NetworkIds
    identity: pulumi.Input[str]
    """The VMs' principal: GCP's rules aim at it, AWS's at the group that they belong to."""
    mirror: pulumi.Input[str] | None = None
    """What the VMs may reach of their network's docker mirror: its `access`."""


@dataclass(frozen=True, kw_only=True)
class ScalerArgs:
    """What changes the size of one pool's group."""

    deployment: Deployment
    pool: Pool
    group: pulumi.Input[str]
    """AWS: the group's name. GCP: the group manager's id."""


@dataclass(frozen=True, kw_only=True)
class ExecutorPoolArgs:
    """One pool of executors."""

    deployment: Deployment
    pool: Pool
    network: NetworkIds
    secrets: StoredSecrets
    """What the VMs may read."""
    mirror: pulumi.Input[str] | None = None
    """`access` of the docker mirror of the pool's network, if it has one."""
    keys: Keys
    """Keys of the customer's own on the cloud."""


@dataclass(frozen=True, kw_only=True)
class DockerMirrorArgs:
    """The docker mirror of a new network."""

    deployment: Deployment
    pools: Sequence[Pool]
    """The network's pools; at least one."""
    plan: MirrorPlan
    network: NetworkIds
    """The network, and the one subnet that the mirror is in."""
    secrets: StoredSecrets
    """What its VM may read."""
    keys: Keys
    """Keys of the customer's own on the cloud."""


EXECUTOR_SECRETS = ("accessToken", "dockerAuthConfig", "privateCaCertificate")
MIRROR_SECRETS = ("dockerMirrorCredentials",)


@dataclass(frozen=True, kw_only=True)
class AlarmsArgs:
    """What is watched in one cloud, besides what Prometheus can see."""

    deployment: Deployment
    groups: Mapping[str, pulumi.Input[str]]
    """Names of the pools' groups, by pool; GCP's logs name VMs instead."""


def existing_network(pool: Pool) -> NetworkIds | None:
    """The network that a pool brings; None if it is placed into a new one."""
    network = pool.placement.network
    if network is None:
        return None
    if isinstance(network, AwsNetwork):
        return NetworkIds(network_id=network.vpc_id, subnet_ids=network.subnet_ids)
    place = pool.gcp
    # The provider would look a plain name up in its own project and region.
    names = {
        f"projects/{place.project}/global/networks": network.network,
        f"projects/{place.project}/regions/{place.region}/subnetworks": network.subnetwork,
    }
    full, subnetwork = (
        name if "/" in name else f"{folder}/{name}" for folder, name in names.items()
    )
    return NetworkIds(network_id=full, subnet_ids=[subnetwork])


def secret_values(secrets: Secrets) -> dict[str, pulumi.Output[str]]:
    """The secrets that the stack has, by config key, marked secret for the engine."""
    values = {
        "accessToken": secrets.access_token,
        "dockerAuthConfig": secrets.docker_auth_config,
        "privateCaCertificate": secrets.private_ca_certificate,
        "dockerMirrorCredentials": secrets.docker_mirror_credentials,
    }
    return {
        key: pulumi.Output.secret(value.get_secret_value())
        for key, value in values.items()
        if value is not None
    }
