"""One stack of executors: reads its configuration, wires the components, states the outputs."""

import importlib
from typing import Any

import pulumi

from components import wiring
from components.args import (
    EXECUTOR_SECRETS,
    MIRROR_SECRETS,
    AlarmsArgs,
    CredentialsArgs,
    DockerMirrorArgs,
    ExecutorPoolArgs,
    KeyAccessArgs,
    NetworkArgs,
    SecretStoreArgs,
    existing_network,
)
from components.discovery import discoveries, mirror_discoveries
from components.naming import short_name
from components.stack_config import configured_deployment
from prometheus import mirror_jobs, render, scrape_job

deployment = configured_deployment()
credentials, pools, egress, addresses = {}, {}, {}, {}

for cloud in deployment.metric_location:
    # The twins take the same arguments; an unused cloud's SDK is never imported.
    twin = importlib.import_module(f"components.{cloud}")
    credentials[cloud] = twin.Credentials("executors", CredentialsArgs(deployment=deployment))
    keys = {
        region: twin.KeyAccess(
            short_name(f"executors-{region}"),
            KeyAccessArgs(region=region, key=key, pools=deployment.pools_on(cloud)),
        ).key
        for region, key in deployment.encryption_keys(cloud).items()
    }
    stores = {
        place.key: twin.SecretStore(
            place.name, SecretStoreArgs(deployment=deployment, pools=place.pools, keys=keys)
        )
        for place in deployment.secret_places(cloud)
    }
    networks: dict[str | None, Any] = {
        place.key: twin.Network(place.name, NetworkArgs(deployment=deployment, pools=place.pools))
        for place in deployment.network_places(cloud)
    }
    egress |= {place: network.egress_addresses for place, network in networks.items()}
    mirrors: dict[str | None, Any] = {}
    for place in deployment.network_places(cloud):
        if (plan := deployment.mirror(place)) is not None:
            mirrors[place.key] = twin.DockerMirror(
                short_name(f"{place.name}-mirror"),
                DockerMirrorArgs(
                    deployment=deployment,
                    pools=place.pools,
                    plan=plan,
                    network=networks[place.key].beside(plan),
                    secrets=stores[place.pools[0].secret_place()].stored.only(*MIRROR_SECRETS),
                    keys=keys,
                ),
            )
    addresses |= {place: mirror.address for place, mirror in mirrors.items()}
    for pool in deployment.pools_on(cloud):
        mirror = mirrors.get(pool.network_place())
        args = ExecutorPoolArgs(
            deployment=deployment,
            pool=pool,
            network=existing_network(pool) or networks[pool.network_place()].placed(pool),
            secrets=stores[pool.secret_place()].stored.only(*EXECUTOR_SECRETS),
            mirror=mirror and mirror.access,
            keys=keys,
        )
        pools[pool.name] = twin.ExecutorPool(f"executors-{pool.name}", args)
    if deployment.alert_targets(cloud):
        groups = {pool.name: pools[pool.name].group for pool in deployment.pools_on(cloud)}
        twin.Alarms("executors", AlarmsArgs(deployment=deployment, groups=groups))

key_ids = {cloud: made.key_id for cloud, made in credentials.items()}
pulumi.export(
    "pools", {p.name: wiring.pool(deployment, p, pools[p.name].group) for p in deployment.pools}
)
pulumi.export("sourcegraph", wiring.sourcegraph(deployment, key_ids))
jobs = [scrape_job(discoveries(deployment)), *mirror_jobs(mirror_discoveries(deployment))]
pulumi.export("prometheus", render(*jobs))
pulumi.export("egressAddresses", egress)
pulumi.export("dockerMirrors", addresses)
pulumi.export("discovery", {cloud: made.discovery for cloud, made in credentials.items()})
for cloud, made in credentials.items():
    if made.key is not None:
        pulumi.export(f"{cloud}MetricWriterKey", made.key)
