"""VMs in a local AWS and a local GCP, for Prometheus to find."""

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from local_clouds.gcp.server import CloudServer, create_server

AMI = "ami-12c6146b"
TAG = "executors-dev"
PROJECT = "acme-ci"


@pytest.fixture(scope="session")
def aws() -> Iterator[str]:
    """The endpoint of an empty AWS."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def gcp() -> Iterator[CloudServer]:
    """An empty GCP."""
    server = create_server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def ec2_vms(aws: str) -> dict[str, dict[str, Any]]:
    """EC2's own description of each instance, by what makes it special."""
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    ec2 = boto3.client("ec2", region_name="us-east-1", endpoint_url=aws, **keys)
    subnets = ec2.describe_subnets(
        Filters=[{"Name": "availability-zone", "Values": ["us-east-1b"]}]
    )

    def launch(tag: str = TAG, *, public: bool = True) -> str:
        interface = {
            "DeviceIndex": 0,
            "SubnetId": subnets["Subnets"][0]["SubnetId"],
            "AssociatePublicIpAddress": public,
        }
        tags = {"executor_tag": tag, "executor_pool": "codeintel"}
        launched = ec2.run_instances(
            ImageId=AMI,
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[interface],
            TagSpecifications=[
                {
                    "ResourceType": "instance",
                    "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
                }
            ],
        )
        return launched["Instances"][0]["InstanceId"]

    ids = {
        "public": launch(),
        "private": launch(public=False),
        "other tag": launch("executors-prod"),
        "stopped": launch(),
    }
    ec2.stop_instances(InstanceIds=[ids["stopped"]])
    reservations = ec2.describe_instances()["Reservations"]
    described = {vm["InstanceId"]: vm for entry in reservations for vm in entry["Instances"]}
    return {what: described[vm_id] for what, vm_id in ids.items()}


@pytest.fixture(scope="session")
def gce_vms(gcp: CloudServer) -> dict[str, dict[str, Any]]:
    """Compute Engine's own description of each instance, by what makes it special."""

    def post(path: str, body: dict[str, Any]) -> None:
        client = http.client.HTTPConnection("127.0.0.1", gcp.server_port, timeout=10)
        client.request("POST", f"/compute/v1/projects/{PROJECT}/{path}", json.dumps(body))
        answer = client.getresponse()
        assert answer.status == 200, answer.read()
        client.close()

    def launch(name: str, zone: str, tag: str = TAG, *, public: bool = True) -> dict[str, Any]:
        subnetwork = f"projects/{PROJECT}/regions/us-central1/subnetworks/executors"
        interface: dict[str, Any] = {"subnetwork": subnetwork}
        image = "projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-0"
        if public:
            interface["accessConfigs"] = [{"type": "ONE_TO_ONE_NAT"}]
        template = {
            "machineType": "n1-standard-4",
            "labels": {"executor_tag": tag, "executor_pool": "batches"},
            "metadata": {"items": [{"key": "image_name", "value": "executors-6-10-0"}]},
            "disks": [{"boot": True, "initializeParams": {"sourceImage": image}}],
            "networkInterfaces": [interface],
        }
        post("global/instanceTemplates", {"name": name, "properties": template})
        group = {
            "name": name,
            "baseInstanceName": name,
            "targetSize": 1,
            "instanceTemplate": f"projects/{PROJECT}/global/instanceTemplates/{name}",
            "distributionPolicy": {"zones": [{"zone": f"projects/{PROJECT}/zones/{zone}"}]},
        }
        post("regions/us-central1/instanceGroupManagers", group)
        with gcp.cloud.lock:
            instances = dict(gcp.cloud.of_collection("instances"))
        return next(vm for vm in instances.values() if vm["name"].startswith(f"{name}-"))

    post("global/networks", {"name": "executors", "autoCreateSubnetworks": False})
    subnetwork = {
        "name": "executors",
        "network": f"projects/{PROJECT}/global/networks/executors",
        "ipCidrRange": "10.0.0.0/24",
    }
    post("regions/us-central1/subnetworks", subnetwork)
    vms = {
        "public": launch("public", "us-central1-a"),
        "private": launch("private", "us-central1-b", public=False),
        "other tag": launch("other", "us-central1-a", "executors-prod"),
        "stopped": launch("stopped", "us-central1-a"),
        "other zone": launch("elsewhere", "us-central1-f"),
    }
    with gcp.cloud.lock:
        vms["stopped"]["status"] = "TERMINATED"
    return vms
