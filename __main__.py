"""One stack of executors: reads its configuration, wires the components, states the outputs."""

import importlib

import pulumi

from components import wiring
from components.args import (
    AlarmsArgs,
    CredentialsArgs,
    ExecutorPoolArgs,
    NetworkArgs,
    NetworkIds,
    SecretStoreArgs,
    existing_network,
)
from components.discovery import discoveries
from components.stack_config import configured_deployment
from prometheus import render, scrape_job

deployment = configured_deployment()
credentials, pools = {}, {}

for cloud in deployment.metric_location:
    # The twins take the same arguments; an unused cloud's SDK is never imported.
    twin = importlib.import_module(f"components.{cloud}")
    credentials[cloud] = twin.Credentials("executors", CredentialsArgs(deployment=deployment))
    stores = {
        place.key: twin.SecretStore(
            place.name, SecretStoreArgs(deployment=deployment, pools=place.pools)
        )
        for place in deployment.secret_places(cloud)
    }
    networks: dict[str | None, NetworkIds] = {
        place.key: twin.Network(
            place.name, NetworkArgs(deployment=deployment, pools=place.pools)
        ).ids
        for place in deployment.network_places(cloud)
    }
    for pool in deployment.pools_on(cloud):
        args = ExecutorPoolArgs(
            deployment=deployment,
            pool=pool,
            network=existing_network(pool) or networks[pool.network_place()],
            secrets=stores[pool.secret_place()].stored,
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
pulumi.export("prometheus", render(scrape_job(discoveries(deployment))))
pulumi.export("discovery", {cloud: made.discovery for cloud, made in credentials.items()})
for cloud, made in credentials.items():
    if made.key is not None:
        pulumi.export(f"{cloud}MetricWriterKey", made.key)
