"""Elastic IP address and NAT gateway of the local AWS."""

import pytest

from local_clouds.resource import CloudError
from tests.local_clouds.aws.inputs import SUBNET, VPC
from tests.local_clouds.driver import Engine, Made

EIP = "aws:ec2/eip:Eip"
NAT = "aws:ec2/natGateway:NatGateway"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"


def network(engine: Engine) -> tuple[Made, Made]:
    vpc = engine.create(VPC, {"cidrBlock": "10.0.0.0/16"})
    subnet = {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24", "availabilityZone": "us-east-1a"}
    return vpc, engine.create(SUBNET, subnet)


def test_a_gateway_needs_a_free_address_and_an_internet_gateway(engine: Engine) -> None:
    vpc, subnet = network(engine)
    address = engine.create(EIP, {"domain": "vpc"})
    inputs = {"allocationId": address.id, "subnetId": subnet.id}
    with pytest.raises(CloudError, match="no internet gateway"):
        engine.create(NAT, inputs)
    internet = engine.create(GATEWAY, {"vpcId": vpc.id})
    gateway = engine.create(NAT, inputs)
    assert gateway["publicIp"] == address["publicIp"]
    assert engine.read(gateway) is not None
    with pytest.raises(CloudError, match="AlreadyAssociated"):
        engine.create(NAT, inputs)
    with pytest.raises(CloudError, match="InUse"):
        engine.delete(address)
    with pytest.raises(CloudError, match="mapped public addresses"):
        engine.delete(internet)
    engine.delete(gateway)
    assert engine.read(gateway) is None
    again = engine.create(NAT, inputs)
    assert again["publicIp"] == address["publicIp"]


def test_missing_parts_are_refused(engine: Engine) -> None:
    assert "allocationId" in engine.failures(NAT, {"subnetId": "subnet-1"})
    assert "subnetId" in engine.failures(NAT, {"allocationId": "eipalloc-1"})
    assert engine.failures(EIP, {}) == {"": "domain must be vpc."}
    _, subnet = network(engine)
    with pytest.raises(CloudError, match="AllocationID"):
        engine.create(NAT, {"allocationId": "eipalloc-0123", "subnetId": subnet.id})
