"""Each example goes up, stays as it is, and goes down to nothing."""

import json
import urllib.request
from typing import Any

import pytest
import yaml

from components.deployer import policy, read, role
from local_clouds import calls, inventory
from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.gcp.api import Api
from local_clouds.stack import OperationError
from tests.engine.conftest import stack
from tests.engine.deployer import Deployer, without
from tests.recorder import PROJECT, ROOT

pytestmark = pytest.mark.engine
REGIONS = {"us-east-1", "us-west-2"}
LARGEST = "private-network"
ALONE = ["single-pool", "several-queues", "spot", "both-clouds", "keyless", "small-vms"]


def example(name: str) -> dict[str, Any]:
    return yaml.safe_load((ROOT / "examples" / f"{name}.yaml").read_text())["config"]


def test_no_example_is_left_out() -> None:
    tested = {*ALONE, LARGEST, "existing-network"}
    assert {path.stem for path in (ROOT / "examples").iterdir()} == tested


@pytest.mark.parametrize("name", ALONE)
def test_an_example_lives(clouds: Clouds, name: str) -> None:
    lives(clouds, name, example(name))


def lives(clouds: Clouds, name: str, config: dict[str, Any]) -> None:
    before = inventory.list_all(clouds, REGIONS)
    own = stack(clouds, config, name=name)
    result = own.up()
    assert set(result.changes) == {"create"}
    assert not [d for d in result.diagnostics if d.severity in {"error", "warning"}]
    assert own.up().is_unchanged
    own.destroy()
    assert inventory.list_all(clouds, REGIONS) == before


def test_existing_networks_are_used_and_left_as_they_were(clouds: Clouds) -> None:
    ec2 = Clients(clouds.aws_endpoint)("ec2", "us-east-1")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.7.{i}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for i, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(VpcId=vpc, GroupName="ours", Description="ours")["GroupId"]
    api = Api(clouds.gcp_endpoint)
    network = {"name": "shared", "autoCreateSubnetworks": False}
    api.run(api.collection("networks").insert(project="acme-network", body=network))
    subnetwork = {
        "name": "executors",
        "network": "projects/acme-network/global/networks/shared",
        "ipCidrRange": "10.8.0.0/20",
    }
    place = {"project": "acme-network", "region": "us-central1"}
    api.run(api.collection("subnetworks").insert(**place, body=subnetwork))
    config = example("existing-network")
    config[f"{PROJECT}:pools"]["codeintel"]["aws"]["network"] = {
        "vpcId": vpc,
        "subnetIds": subnets,
        "securityGroupIds": [group],
    }
    lives(clouds, "existing-network", config)


def public_addresses(clouds: Clouds) -> list[str]:
    """Of all VMs of both clouds."""
    ec2 = Clients(clouds.aws_endpoint)("ec2", "us-east-1")
    reservations = ec2.describe_instances()["Reservations"]
    found = [i.get("PublicIpAddress") for r in reservations for i in r["Instances"]]
    url = f"{clouds.gcp_endpoint}/compute/v1/projects/acme-executors/aggregated/instances"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - on this machine
        zones = json.load(answer)["items"].values()
    interfaces = [
        n for z in zones for vm in z.get("instances", []) for n in vm["networkInterfaces"]
    ]
    found += [c.get("natIP") for n in interfaces for c in n.get("accessConfigs", [])]
    assert interfaces
    assert reservations
    return [address for address in found if address]


def test_two_of_the_largest_live_side_by_side(clouds: Clouds) -> None:
    first = stack(clouds, example(LARGEST), name="first")
    second = stack(clouds, example(LARGEST), name="second")
    before = inventory.list_all(clouds, REGIONS)
    first.up()
    assert public_addresses(clouds) == []
    with_first = inventory.list_all(clouds, REGIONS)
    assert set(second.up().changes) == {"create"}
    assert second.up().is_unchanged
    both = inventory.list_all(clouds, REGIONS)
    second.destroy()
    assert both > inventory.list_all(clouds, REGIONS)
    assert inventory.list_all(clouds, REGIONS) == with_first
    assert first.preview().is_unchanged
    first.destroy()
    assert inventory.list_all(clouds, REGIONS) == before


def test_the_deployers_policy_is_enough_for_the_private_one(
    clouds: Clouds,
) -> None:
    owner = stack(clouds, example(LARGEST), name="deployed")
    owner.up()
    used = read(owner.export())
    owner.destroy()
    deployer = Deployer(clouds, "deployed")
    deployer.allow(policy(used), role(used))
    own = deployer.stack(example(LARGEST))
    assert set(own.up().changes) == {"create"}
    assert own.refresh().is_unchanged
    own.destroy()
    denied = [one for one in calls.read(clouds.directory / calls.AWS) if not one.allowed]
    assert denied == []
    deployer.allow(without(policy(used), "ec2:CreateNatGateway"), role(used))
    with pytest.raises(OperationError, match="ec2:CreateNatGateway"):
        own.up()
    deployer.allow(policy(used), role(used))
    own.destroy()
