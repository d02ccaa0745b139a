"""What the twin components take: the same arguments on both clouds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.config import Deployment, Pool, Secrets
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


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """A new network for the pools of one place."""

    deployment: Deployment
    pools: Sequence[Pool]
    """Pools of one region (and project) that name no network of their own; at least one."""


@dataclass(frozen=True, kw_only=True)
class SecretStoreArgs:
    """The stack's secrets in the store that the VMs of one place can reach."""

    deployment: Deployment
    pools: Sequence[Pool]
    """Pools that read from this store; at least one."""


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


@dataclass(frozen=True, kw_only=True)
class FirewallArgs:
    """Who may reach one pool's VMs."""

    deployment: Deployment
    pool: Pool
    network: NetworkIds
    identity: pulumi.Input[str]
    """The VMs' principal: GCP's rules aim at it, AWS's at the group that they belong to."""


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
    return NetworkIds(network_id=network.network, subnet_ids=[network.subnetwork])


def secret_values(secrets: Secrets) -> dict[str, pulumi.Output[str]]:
    """The secrets that the stack has, by config key, marked secret for the engine."""
    values = {
        "accessToken": secrets.access_token,
        "dockerAuthConfig": secrets.docker_auth_config,
        "privateCaCertificate": secrets.private_ca_certificate,
    }
    return {
        key: pulumi.Output.secret(value.get_secret_value())
        for key, value in values.items()
        if value is not None
    }
