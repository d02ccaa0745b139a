"""Volumes, held addresses and what VMs take for themselves, of the local AWS."""

from typing import Any

import pytest

from local_clouds.aws.clients import ApiError, Clients
from local_clouds.resource import CloudError
from tests.local_clouds.aws.inputs import (
    GROUP,
    LOGS,
    SECRET,
    SUBNET,
    TEMPLATE,
    VPC,
    group_inputs,
    template_inputs,
)
from tests.local_clouds.driver import Engine, Made

VOLUME = "aws:ebs/volume:Volume"
GRANT = "aws:kms/grant:Grant"
RESERVATION = "aws:ec2/subnetCidrReservation:SubnetCidrReservation"
DISK = {"availabilityZone": "us-east-1a", "size": 100, "type": "gp3", "encrypted": True}


def subnet(engine: Engine) -> Made:
    vpc = engine.create(VPC, {"cidrBlock": "10.0.0.0/16"})
    inputs = {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24", "availabilityZone": "us-east-1a"}
    return engine.create(SUBNET, inputs)


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"type": "gp9"}, "type"),
        ({"size": 0}, "size"),
        ({"iops": 100}, "iops"),
        ({"size": 4, "iops": 3000}, "iops"),
        ({"throughput": 800}, "throughput"),
        ({"type": "gp2", "throughput": 125}, "throughput"),
        ({"encrypted": False, "kmsKeyId": "arn:aws:kms:us-east-1:1:key/a"}, "kmsKeyId"),
        ({"kmsKeyId": "alias/mine"}, "kmsKeyId"),
    ],
)
def test_a_volume_that_ebs_refuses(engine: Engine, changes: dict[str, Any], at: str) -> None:
    assert at in engine.failures(VOLUME, DISK | changes)


def test_a_volume_grows_in_place_and_never_shrinks(engine: Engine) -> None:
    volume = engine.create(VOLUME, DISK)
    assert (volume["size"], volume["encrypted"]) == (100, True)
    assert engine.diff(volume, DISK | {"availabilityZone": "us-east-1b"}).replaces
    engine.update(volume, DISK | {"size": 200, "iops": 4000})
    assert (volume["size"], volume["iops"]) == (200, 4000)
    with pytest.raises(CloudError, match="smaller than existing"):
        engine.update(volume, DISK | {"size": 100})


def test_a_key_must_exist_in_the_region(engine: Engine, clients: Clients) -> None:
    missing = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    with pytest.raises(CloudError, match="does not exist"):
        engine.create(VOLUME, DISK | {"kmsKeyId": missing})
    kms = clients("kms", "us-east-1")
    key = kms.create_key()["KeyMetadata"]
    assert engine.create(VOLUME, DISK | {"kmsKeyId": key["Arn"]})["kmsKeyId"] == key["Arn"]
    kms.disable_key(KeyId=key["KeyId"])
    with pytest.raises(CloudError, match="is Disabled"):
        engine.create(VOLUME, DISK | {"kmsKeyId": key["Arn"]})


def test_a_group_needs_a_grant_for_disks_under_a_key(
    engine: Engine, clients: Clients, network: dict[str, Made]
) -> None:
    key = clients("kms", "us-east-1").create_key()["KeyMetadata"]["Arn"]
    ebs = {"volumeSize": 100, "encrypted": "true", "kmsKeyId": key}
    disks = [{"deviceName": "/dev/sda1", "ebs": ebs}]
    template = engine.create(TEMPLATE, template_inputs(network, blockDeviceMappings=disks))
    role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    grant = {"keyId": key, "granteePrincipal": f"arn:aws:iam::123456789012:{role}"}
    engine.create(GRANT, grant | {"operations": ["Decrypt"]})
    with pytest.raises(CloudError, match="service-linked role may not use the key"):
        engine.create(GROUP, group_inputs(network, template))
    enough = ["CreateGrant", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"]
    made = engine.create(GRANT, grant | {"operations": enough})
    assert engine.read(made) is not None
    engine.create(GROUP, group_inputs(network, template))
    assert "operations[0]" in engine.failures(GRANT, grant | {"operations": ["Everything"]})


def test_logs_and_secrets_need_a_key_that_they_may_use(engine: Engine, clients: Clients) -> None:
    key = clients("kms", "us-east-1").create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(CloudError, match=r"does not allow logs\.us-east-1\.amazonaws\.com"):
        engine.create(LOGS, {"name": "mirror", "kmsKeyId": key})
    missing = key[:-12] + "0" * 12
    with pytest.raises(CloudError, match="does not exist in us-east-1"):
        engine.create(SECRET, {"name": "token", "kmsKeyId": missing})


def test_a_held_block_is_inside_its_subnet_and_held_once(engine: Engine) -> None:
    inputs = {"subnetId": subnet(engine).id, "reservationType": "explicit"}
    held = engine.create(RESERVATION, inputs | {"cidrBlock": "10.0.0.16/28"})
    assert engine.read(held) is not None
    for block in ("10.0.1.16/28", "10.0.0.16/28"):
        with pytest.raises(ApiError):
            engine.create(RESERVATION, inputs | {"cidrBlock": block})
    assert "cidrBlock" in engine.failures(RESERVATION, inputs | {"cidrBlock": "10.0.0.20/32"})


def test_a_volume_has_one_instance_and_stays_in_its_zone(engine: Engine, clients: Clients) -> None:
    ec2 = clients("ec2", "us-east-1")
    place = subnet(engine)
    run = {"ImageId": "ami-0123456789abcdef0", "MinCount": 2, "MaxCount": 2, "SubnetId": place.id}
    first, second = (i["InstanceId"] for i in ec2.run_instances(**run)["Instances"])
    volume = engine.create(VOLUME, DISK)
    ec2.attach_volume(VolumeId=volume.id, InstanceId=first, Device="/dev/sdh")
    with pytest.raises(ApiError, match="currently attached"):
        ec2.attach_volume(VolumeId=volume.id, InstanceId=second, Device="/dev/sdh")
    ec2.terminate_instances(InstanceIds=[first])
    ec2.attach_volume(VolumeId=volume.id, InstanceId=second, Device="/dev/sdh")
    elsewhere = engine.create(VOLUME, DISK | {"availabilityZone": "us-east-1b"})
    with pytest.raises(ApiError, match="same availability zone"):
        ec2.attach_volume(VolumeId=elsewhere.id, InstanceId=second, Device="/dev/sdi")
    ec2.terminate_instances(InstanceIds=[second])
    here = [{"Name": "subnet-id", "Values": [place.id]}]
    for left in ec2.describe_network_interfaces(Filters=here)["NetworkInterfaces"]:
        ec2.delete_network_interface(NetworkInterfaceId=left["NetworkInterfaceId"])


def test_an_address_moves_only_when_asked_and_only_a_secondary_one(
    engine: Engine, clients: Clients
) -> None:
    ec2 = clients("ec2", "us-east-1")
    place = subnet(engine)
    make = ec2.create_network_interface
    one, two = (
        make(SubnetId=place.id, PrivateIpAddress=address)["NetworkInterface"]
        for address in ("10.0.0.10", "10.0.0.11")
    )
    wanted = {"PrivateIpAddresses": ["10.0.0.20"]}
    ids = [interface["NetworkInterfaceId"] for interface in (one, two)]
    ec2.assign_private_ip_addresses(NetworkInterfaceId=ids[0], **wanted)
    with pytest.raises(ApiError, match="already in use"):
        ec2.assign_private_ip_addresses(NetworkInterfaceId=ids[1], **wanted)
    ec2.assign_private_ip_addresses(NetworkInterfaceId=ids[1], AllowReassignment=True, **wanted)
    found = ec2.describe_network_interfaces(NetworkInterfaceIds=ids)["NetworkInterfaces"]
    addresses = {
        interface["NetworkInterfaceId"]: [
            entry["PrivateIpAddress"] for entry in interface["PrivateIpAddresses"]
        ]
        for interface in found
    }
    assert "10.0.0.20" in addresses[ids[1]]
    assert "10.0.0.20" not in addresses[ids[0]]
    for address, reason in ((one["PrivateIpAddress"], "in use"), ("10.0.9.9", "does not fall")):
        with pytest.raises(ApiError, match=reason):
            ec2.assign_private_ip_addresses(
                NetworkInterfaceId=ids[1], PrivateIpAddresses=[address], AllowReassignment=True
            )
    for interface in ids:
        ec2.delete_network_interface(NetworkInterfaceId=interface)
