"""A local GCP for tests: its server, a clock that tests move, and Google's own client."""

import json
import threading
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from googleapiclient.errors import HttpError

from local_clouds.gcp.api import Api
from local_clouds.gcp.server import create_server
from local_clouds.gcp.server.state import Cloud

PROJECT = "acme-executors"
REGION = "us-central1"
PLACE = {"project": PROJECT, "region": REGION}
ZONE = f"{REGION}-a"
SUBNETWORK = f"regions/{REGION}/subnetworks/subnet"
METRIC = "custom.googleapis.com/executors/queue/size"
SPOT = {
    "provisioningModel": "SPOT",
    "automaticRestart": False,
    "onHostMaintenance": "TERMINATE",
    "instanceTerminationAction": "DELETE",
}


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 1, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment

    def pass_time(self, **amount: float) -> None:
        self.moment += timedelta(**amount)


class LocalGcp:
    """The server, its state, and clients for it."""

    def __init__(self, server: Any, clock: Clock) -> None:
        self.server = server
        self.clock = clock
        self.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        self.api = Api(self.endpoint)
        self.compute = self.api.compute

    def empty(self) -> None:
        """Start over with nothing."""
        self.server.cloud = Cloud(now=self.clock)

    def names(self) -> list[str]:
        """What exists, as the server's own listing tells."""
        with urllib.request.urlopen(f"{self.endpoint}/local/resources") as answer:  # noqa: S310
            return json.load(answer)["names"]

    def network(self, name: str = "net", **body: Any) -> str:
        body = {"name": name, "autoCreateSubnetworks": False} | body
        self.api.collection("networks").insert(project=PROJECT, body=body).execute()
        return f"projects/{PROJECT}/global/networks/{name}"

    def subnetwork(self, name: str = "subnet", **body: Any) -> str:
        body = {"name": name, "network": "global/networks/net", "ipCidrRange": "10.0.0.0/24"} | body
        self.api.collection("subnetworks").insert(**PLACE, body=body).execute()
        return f"projects/{PROJECT}/regions/{REGION}/subnetworks/{name}"

    def address(self, name: str = "address", **body: Any) -> dict[str, Any]:
        addresses = self.api.collection("addresses")
        addresses.insert(**PLACE, body={"name": name} | body).execute()
        return addresses.get(**PLACE, address=name).execute()

    def router(self, name: str = "router", **body: Any) -> None:
        body = {"name": name, "network": "global/networks/net"} | body
        self.api.collection("routers").insert(**PLACE, body=body).execute()

    def disk(self, name: str = "cache", **body: Any) -> str:
        disks, place = self.api.collection("disks"), {"project": PROJECT, "zone": ZONE}
        disks.insert(**place, body={"name": name, "sizeGb": "100"} | body).execute()
        return f"projects/{PROJECT}/zones/{ZONE}/disks/{name}"

    def zonal_group(self, name: str = "zonal", **body: Any) -> None:
        groups = self.api.collection("instanceGroupManagers")
        body = zonal_group_body(name=name, **body)
        groups.insert(project=PROJECT, zone=ZONE, body=body).execute()

    def mirror(self) -> None:
        """A disk, an address and a group that is to keep them for a VM; needs a template."""
        self.disk()
        self.address("fixed", addressType="INTERNAL", subnetwork=SUBNETWORK, address="10.0.0.30")
        self.zonal_group()

    def account(self, account_id: str = "executor-vm") -> dict[str, Any]:
        body = {"accountId": account_id}
        parent = f"projects/{PROJECT}"
        return self.api.service_accounts.create(name=parent, body=body).execute()

    def template(self, name: str = "template", **properties: Any) -> str:
        body = {"name": name, "properties": template_properties(**properties)}
        self.api.collection("instanceTemplates").insert(project=PROJECT, body=body).execute()
        return f"projects/{PROJECT}/global/instanceTemplates/{name}"

    def group(self, name: str = "group", **body: Any) -> dict[str, Any]:
        groups = self.api.collection("regionInstanceGroupManagers")
        groups.insert(**PLACE, body=group_body(name=name, **body)).execute()
        return groups.get(**PLACE, instanceGroupManager=name).execute()

    def autoscaler(self, name: str = "scaler", target: str = "group", **policy: Any) -> None:
        body = {
            "name": name,
            "target": f"regions/{REGION}/instanceGroupManagers/{target}",
            "autoscalingPolicy": policy_body(**policy),
        }
        self.api.collection("regionAutoscalers").insert(**PLACE, body=body).execute()

    def change_autoscaler(self, name: str = "scaler", **policy: Any) -> None:
        scalers = self.api.collection("regionAutoscalers")
        body = {"autoscalingPolicy": policy}
        scalers.patch(**PLACE, autoscaler=name, body=body).execute()

    def seen_autoscaler(self, name: str = "scaler") -> dict[str, Any]:
        return self.api.collection("regionAutoscalers").get(**PLACE, autoscaler=name).execute()

    def instances(self) -> list[dict[str, Any]]:
        listed = self.api.collection("instances").aggregatedList(project=PROJECT).execute()["items"]
        return [vm for scope in listed.values() for vm in scope.get("instances", [])]

    def write_queue_size(self, value: int, queue: str = "batches") -> None:
        self.clock.pass_time(seconds=10)
        series = {
            "metric": {"type": METRIC, "labels": {"queueName": queue}},
            "resource": {"type": "global", "labels": {"project_id": PROJECT}},
            "points": [
                {
                    "interval": {"endTime": self.clock().isoformat()},
                    "value": {"int64Value": str(value)},
                }
            ],
        }
        self.api.time_series.create(
            name=f"projects/{PROJECT}", body={"timeSeries": [series]}
        ).execute()


def template_properties(**changes: Any) -> dict[str, Any]:
    return {
        "machineType": "n2-standard-4",
        "labels": {"executor_tag": "codeintel-prod"},
        "disks": [
            {
                "boot": True,
                "initializeParams": {
                    "sourceImage": "projects/sourcegraph-ci/global/images/family/"
                    "sourcegraph-executors-6-10"
                },
            }
        ],
        "networkInterfaces": [
            {
                "subnetwork": f"projects/{PROJECT}/regions/{REGION}/subnetworks/subnet",
                "accessConfigs": [{}],
            }
        ],
    } | changes


def group_body(**changes: Any) -> dict[str, Any]:
    return {
        "baseInstanceName": "executor",
        "targetSize": 0,
        "versions": [{"instanceTemplate": "global/instanceTemplates/template"}],
        "distributionPolicy": {"targetShape": "BALANCED"},
        "updatePolicy": {"instanceRedistributionType": "NONE"},
    } | changes


def zonal_group_body(**changes: Any) -> dict[str, Any]:
    return {
        "baseInstanceName": "mirror",
        "targetSize": 0,
        "versions": [{"instanceTemplate": "global/instanceTemplates/template"}],
        "updatePolicy": {
            "type": "PROACTIVE",
            "replacementMethod": "RECREATE",
            "maxSurge": {"fixed": 0},
            "maxUnavailable": {"fixed": 1},
        },
    } | changes


def policy_body(**changes: Any) -> dict[str, Any]:
    return {
        "minNumReplicas": 0,
        "maxNumReplicas": 10,
        "mode": "ONLY_SCALE_OUT",
        "customMetricUtilizations": [metric_body()],
    } | changes


def metric_body(**changes: Any) -> dict[str, Any]:
    return {
        "metric": METRIC,
        "filter": 'resource.type = "global" AND metric.labels.queueName = "batches"',
        "singleInstanceAssignment": 4,
    } | changes


@contextmanager
def running() -> Generator[LocalGcp, None, None]:
    clock = Clock()
    server = create_server(Cloud(now=clock))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield LocalGcp(server, clock)
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def refused(code: int, message: str) -> Generator[None, None, None]:
    with pytest.raises(HttpError) as found:
        yield
    assert found.value.resp.status == code
    assert message in found.value.reason
