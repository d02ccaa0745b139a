"""EBS volume, and the part of a subnet that is kept from automatic assignment.

Force-new properties: the provider documents aws_ebs_volume and aws_ec2_subnet_cidr_reservation.
Limits: EBS volume types, as of 2025-12; EC2 API, ModifyVolume and CreateSubnetCidrReservation.
"""

from typing import Any

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.arns import arn
from local_clouds.aws.clients import Clients
from local_clouds.aws.keys import require_key
from local_clouds.aws.lifecycle import Immutable
from local_clouds.aws.network import ipv4_network
from local_clouds.aws.volume_rules import VOLUME_TYPES, performance_failures
from local_clouds.resource import CloudError, Failure, Properties, ResourceType
from local_clouds.rules import all_of, between, each, matches, one_of
from local_clouds.values import Unknown

from .ec2 import Ec2Lifecycle, first

_CHANGEABLE = {"size": "Size", "type": "VolumeType", "iops": "Iops", "throughput": "Throughput"}


class Volume(Ec2Lifecycle):
    """aws_ebs_volume."""

    unstored = frozenset({"finalSnapshot"})

    def make(self, inputs: Properties) -> str:
        """Create the volume in its zone."""
        key = {}
        if "kmsKeyId" in inputs:
            require_key(self.clients, inputs["kmsKeyId"], inputs["region"])
            key["KmsKeyId"] = inputs["kmsKeyId"]
        return self.ec2(inputs).create_volume(
            AvailabilityZone=inputs["availabilityZone"],
            Encrypted=inputs.get("encrypted", False),
            TagSpecifications=tags.specification("volume", inputs),
            **key,
            **_settings(inputs),
        )["VolumeId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the volume."""
        volume = first(self.ec2(state).describe_volumes, VolumeIds=[resource_id])
        if volume is None:
            return None
        found = {key: volume[api] for key, api in _CHANGEABLE.items() if volume.get(api)}
        return {
            "arn": arn("ec2", state["region"], f"volume/{resource_id}"),
            "availabilityZone": volume["AvailabilityZone"],
            "encrypted": volume["Encrypted"],
            **({"kmsKeyId": volume["KmsKeyId"]} if volume.get("KmsKeyId") else {}),
            **found,
            **tags.outputs(volume.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Modify the volume, which never shrinks, and set the tags."""
        if inputs["size"] < state["size"]:
            message = (
                f"InvalidParameterValue: New size cannot be smaller than existing size: "
                f"{resource_id} has {state['size']} GiB."
            )
            raise CloudError(message)
        if any(inputs.get(key) not in (None, state.get(key)) for key in _CHANGEABLE):
            self.ec2(inputs).modify_volume(VolumeId=resource_id, **_settings(inputs))
        super().change(resource_id, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the volume; AWS refuses while an instance has it."""
        self.ec2(state).delete_volume(VolumeId=resource_id)


def _settings(inputs: Properties) -> dict[str, Any]:
    return {api: inputs[key] for key, api in _CHANGEABLE.items() if key in inputs}


def _check_volume(inputs: Properties) -> list[Failure]:
    if any(isinstance(value, Unknown) for value in inputs.values()):
        return []
    failures = performance_failures("", inputs | {"volumeType": inputs.get("type")}, "size")
    if "kmsKeyId" in inputs and not inputs.get("encrypted"):
        failures.append(Failure("kmsKeyId", "needs encrypted: true."))
    return failures


class CidrReservation(Immutable, Ec2Lifecycle):
    """aws_ec2_subnet_cidr_reservation."""

    def make(self, inputs: Properties) -> str:
        """Reserve the block."""
        return self.ec2(inputs).create_subnet_cidr_reservation(
            SubnetId=inputs["subnetId"],
            Cidr=inputs["cidrBlock"],
            ReservationType=inputs["reservationType"],
        )["SubnetCidrReservation"]["SubnetCidrReservationId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the reservation out of its subnet."""
        found = self.ec2(state).get_subnet_cidr_reservations(SubnetId=state["subnetId"])
        for one in found["SubnetIpv4CidrReservations"]:
            if one["SubnetCidrReservationId"] == resource_id:
                return {
                    "cidrBlock": one["Cidr"],
                    "reservationType": one["ReservationType"],
                    "subnetId": one["SubnetId"],
                    "ownerId": one["OwnerId"],
                }
        return None

    def remove(self, resource_id: str, state: Properties) -> None:
        """Give the block back."""
        self.ec2(state).delete_subnet_cidr_reservation(SubnetCidrReservationId=resource_id)

    unstored = frozenset({"description"})


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:ebs/volume:Volume",  # noqa: S106
            args=aws.ebs.VolumeArgs,
            lifecycle=Volume(clients),
            force_new=frozenset({"region", "availabilityZone", "encrypted", "kmsKeyId"}),
            in_place=frozenset({*_CHANGEABLE, "tags", "finalSnapshot"}),
            check=all_of(
                each("", lambda volume: "size" in volume, "size is required without a snapshot."),
                one_of("type", *VOLUME_TYPES),
                between("size", 1, 65536),
                matches("kmsKeyId", r"arn:aws[a-z-]*:kms:.+", "the ARN of a key"),
                _check_volume,
                tags.check,
            ),
        ),
        ResourceType(
            token="aws:ec2/subnetCidrReservation:SubnetCidrReservation",  # noqa: S106
            args=aws.ec2.SubnetCidrReservationArgs,
            lifecycle=CidrReservation(clients),
            force_new=frozenset(
                {"region", "cidrBlock", "reservationType", "subnetId", "description"}
            ),
            check=all_of(
                one_of("reservationType", "prefix", "explicit"),
                # What the VPC user guide shows; smaller blocks are not documented.
                ipv4_network("cidrBlock", low=16, high=28),
            ),
        ),
    ]
