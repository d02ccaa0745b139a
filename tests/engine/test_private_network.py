"""A stack whose VMs have no public address: up, unchanged, down to nothing."""

from typing import Any

import pytest

from local_clouds import inventory
from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from tests import stacks
from tests.engine.conftest import stack, vms

pytestmark = pytest.mark.engine
REGIONS = {"us-east-1"}


def config() -> dict[str, Any]:
    return stacks.private()


def test_up_makes_it_once(clouds: Clouds) -> None:
    result = stack(clouds, config()).up()
    assert set(result.changes) == {"create"}
    assert stack(clouds, config()).up().is_unchanged
    assert stack(clouds, config()).refresh().is_unchanged


def test_no_vm_has_a_public_address(clouds: Clouds) -> None:
    ec2 = Clients(clouds.aws_endpoint)("ec2", "us-east-1")
    reservations = ec2.describe_instances()["Reservations"]
    instances = [instance for entry in reservations for instance in entry["Instances"]]
    assert instances
    assert not [vm for vm in instances if vm.get("PublicIpAddress")]
    machines = vms(clouds)
    assert machines
    nics = [nic for vm in machines for nic in vm["networkInterfaces"]]
    assert not [nic for nic in nics if nic.get("accessConfigs")]


def test_the_ways_out_are_the_static_addresses_of_the_outputs(clouds: Clouds) -> None:
    outputs = stack(clouds, config()).up().outputs["egressAddresses"].value
    ec2 = Clients(clouds.aws_endpoint)("ec2", "us-east-1")
    addresses = ec2.describe_addresses()["Addresses"]
    assert sorted(a["PublicIp"] for a in addresses) == sorted(outputs["us-east-1"])
    (gateway,) = ec2.describe_nat_gateways()["NatGateways"]
    tables = ec2.describe_route_tables()["RouteTables"]
    targets = {
        association["SubnetId"]: route.get("NatGatewayId")
        for table in tables
        for association in table["Associations"]
        if "SubnetId" in association
        for route in table["Routes"]
        if route["DestinationCidrBlock"] == "0.0.0.0/0"
    }
    for entry in ec2.describe_instances()["Reservations"]:
        for instance in entry["Instances"]:
            assert targets[instance["SubnetId"]] == gateway["NatGatewayId"]
    assert len(outputs["acme-executors-dev-us-central1"]) == 1


def test_another_first_zone_moves_the_gateway_and_keeps_the_address(clouds: Clouds) -> None:
    before = stack(clouds, config()).up().outputs["egressAddresses"].value
    moved = config()
    stacks.pool(moved, "codeintel")["aws"]["zones"] = ["us-east-1b", "us-east-1c"]
    result = stack(clouds, moved).up()
    assert result.outputs["egressAddresses"].value == before
    assert stack(clouds, moved).up().is_unchanged


def test_destroy_leaves_nothing(clouds: Clouds) -> None:
    stack(clouds, config()).destroy()
    assert inventory.list_all(clouds, REGIONS) == set()
