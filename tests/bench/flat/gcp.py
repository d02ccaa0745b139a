"""What the flat program has once on GCP: credentials, secret, network."""

import base64

import pulumi
from pulumi_gcp import compute, projects, secretmanager, serviceaccount

from components.naming import role_id
from tests.bench.flat import gcp_pool
from tests.bench.flat.literals import GCP_PROJECT, GCP_REGION, TAGS


def declare(token: pulumi.Output[str]) -> dict[str, pulumi.Output[str]]:
    """Everything on GCP; returns what the program exports of it."""
    account = serviceaccount.Account(
        "executors-metric-writer",
        project=GCP_PROJECT,
        account_id="sg-dev-metric-writer-27f0d8be",
        display_name="Publishes the executors' queue size (dev)",
    )
    writer = projects.IAMCustomRole(
        "executors-metric-writer",
        project=GCP_PROJECT,
        role_id=account.unique_id.apply(lambda salt: role_id("dev", "metric-writer", salt=salt)),
        title="Metric writer (dev)",
        permissions=["monitoring.timeSeries.create"],
    )
    projects.IAMMember(
        "executors-metric-writer", project=GCP_PROJECT, role=writer.name, member=account.member
    )
    discovery = projects.IAMCustomRole(
        "executors-discovery",
        project=GCP_PROJECT,
        role_id=account.unique_id.apply(lambda salt: role_id("dev", "discovery", salt=salt)),
        title="Executor discovery (dev)",
        permissions=["compute.instances.list", "compute.zones.list"],
    )
    key = serviceaccount.Key("executors-metric-writer-1", service_account_id=account.name)
    secret = secretmanager.Secret(
        "executors-acme-executors-dev-accessToken",
        project=GCP_PROJECT,
        secret_id="sg-dev-accesstoken-ff2f62cd",
        replication={"auto": {}},
        labels=TAGS,
    )
    version = secretmanager.SecretVersion(
        "executors-acme-executors-dev-accessToken", secret=secret.id, secret_data=token
    )
    network = compute.Network(
        "executors-acme-executors-dev-us-central1",
        project=GCP_PROJECT,
        auto_create_subnetworks=False,
        routing_mode="REGIONAL",
    )
    subnetwork = compute.Subnetwork(
        "executors-acme-executors-dev-us-central1",
        project=GCP_PROJECT,
        region=GCP_REGION,
        network=network.id,
        ip_cidr_range="10.0.0.0/20",
        private_ip_google_access=True,
    )
    group = gcp_pool.declare(version.secret, network, subnetwork)
    return {
        "batchesGroup": group.name,
        "gcpDiscovery": discovery.name,
        "gcpMetricWriterKeyId": key.name,
        "gcpMetricWriterKey": pulumi.Output.secret(key.private_key).apply(_decoded),
    }


def _decoded(key: str) -> str:
    return base64.b64decode(key).decode()
