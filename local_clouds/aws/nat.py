"""Elastic IP address and NAT gateway.

Force-new properties: the provider documents aws_eip and aws_nat_gateway. Rules between the two: EC2
API, CreateNatGateway and ReleaseAddress.
"""

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.arns import arn
from local_clouds.aws.clients import ApiError, Clients
from local_clouds.aws.lifecycle import is_missing
from local_clouds.resource import CloudError, Failure, Properties, ResourceType
from local_clouds.rules import all_of, each, matches, one_of

from .ec2 import Ec2Lifecycle, first, only


class Eip(Ec2Lifecycle):
    """aws_eip in a VPC, associated with nothing by the resource itself."""

    def make(self, inputs: Properties) -> str:
        """Allocate the address."""
        return self.ec2(inputs).allocate_address(
            Domain="vpc", TagSpecifications=tags.specification("elastic-ip", inputs)
        )["AllocationId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the address."""
        address = first(self.ec2(state).describe_addresses, AllocationIds=[resource_id])
        if address is None:
            return None
        return {
            "arn": arn("ec2", state["region"], f"elastic-ip/{resource_id}"),
            "allocationId": resource_id,
            "domain": address["Domain"],
            "publicIp": address["PublicIp"],
            "networkBorderGroup": state["region"],
            **tags.outputs(address.get("Tags"), state),
        }

    def remove(self, resource_id: str, state: Properties) -> None:
        """Release the address, which nothing may use."""
        user = gateway_of(self, resource_id, state)
        if user is not None:
            message = f"InvalidIPAddress.InUse: {user} uses the address {resource_id}."
            raise CloudError(message)
        self.ec2(state).release_address(AllocationId=resource_id)


def gateway_of(lifecycle: Ec2Lifecycle, allocation: str, properties: Properties) -> str | None:
    """Return the NAT gateway that has an address, or None."""
    gateways = lifecycle.ec2(properties).describe_nat_gateways()["NatGateways"]
    for gateway in gateways:
        used = {address.get("AllocationId") for address in gateway["NatGatewayAddresses"]}
        if allocation in used and gateway["State"] != "deleted":
            return gateway["NatGatewayId"]
    return None


class NatGateway(Ec2Lifecycle):
    """aws_nat_gateway in one zone."""

    def make(self, inputs: Properties) -> str:
        """Create a gateway with a free address; its VPC must have an internet gateway."""
        client, allocation = self.ec2(inputs), inputs["allocationId"]
        try:
            first(client.describe_addresses, AllocationIds=[allocation])
            subnet = first(client.describe_subnets, SubnetIds=[inputs["subnetId"]]) or {}
        except ApiError as error:
            if not is_missing(error):
                raise
            raise CloudError(str(error)) from error
        user = gateway_of(self, allocation, inputs)
        if user is not None:
            message = f"Resource.AlreadyAssociated: {user} uses the address {allocation}."
            raise CloudError(message)
        here = only(("attachment.vpc-id", subnet["VpcId"]))
        if first(client.describe_internet_gateways, Filters=here) is None:
            message = f"Network {subnet['VpcId']} has no internet gateway attached."
            raise CloudError(message)
        return client.create_nat_gateway(
            AllocationId=allocation,
            SubnetId=inputs["subnetId"],
            TagSpecifications=tags.specification("natgateway", inputs),
        )["NatGateway"]["NatGatewayId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the gateway; one that is deleted is still listed for an hour."""
        gateway = first(self.ec2(state).describe_nat_gateways, NatGatewayIds=[resource_id])
        if gateway is None or gateway["State"] == "deleted":
            return None
        (address,) = gateway["NatGatewayAddresses"]
        return {
            "allocationId": address["AllocationId"],
            "subnetId": gateway["SubnetId"],
            "connectivityType": gateway.get("ConnectivityType", "public"),
            "publicIp": address["PublicIp"],
            "privateIp": address.get("PrivateIp"),
            **tags.outputs(gateway.get("Tags"), state),
        }

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the gateway; its address is free then."""
        client = self.ec2(state)
        gateway = first(client.describe_nat_gateways, NatGatewayIds=[resource_id]) or {}
        client.delete_nat_gateway(NatGatewayId=resource_id)
        aws = self.clients.aws("ec2", state["region"])
        for address in gateway.get("NatGatewayAddresses", []):  # moto keeps these
            aws.disassociate_address(PublicIp=address["PublicIp"])
            aws.delete_network_interface(NetworkInterfaceId=address["NetworkInterfaceId"])


def _check_public(inputs: Properties) -> list[Failure]:
    return [
        Failure(name, "is required for a public NAT gateway in one zone.")
        for name in ("allocationId", "subnetId")
        if name not in inputs
    ]


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:ec2/eip:Eip",  # noqa: S106
            args=aws.ec2.EipArgs,
            lifecycle=Eip(clients),
            force_new=frozenset({"region", "domain"}),
            in_place=frozenset({"tags"}),
            check=all_of(
                each("", lambda eip: "domain" in eip, "domain must be vpc."),
                one_of("domain", "vpc"),
                tags.check,
            ),
        ),
        ResourceType(
            token="aws:ec2/natGateway:NatGateway",  # noqa: S106
            args=aws.ec2.NatGatewayArgs,
            lifecycle=NatGateway(clients),
            force_new=frozenset({"region", "allocationId", "subnetId", "connectivityType"}),
            in_place=frozenset({"tags"}),
            check=all_of(
                _check_public,
                one_of("connectivityType", "public"),
                matches("allocationId", r"eipalloc-[0-9a-f]+", "an allocation id"),
                matches("subnetId", r"subnet-[0-9a-f]+", "a subnet id"),
                tags.check,
            ),
        ),
    ]
