"""VPC, internet gateway and subnet.

Force-new properties: the provider documents aws_vpc, aws_internet_gateway and aws_subnet.
"""

import ipaddress

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.arns import ACCOUNT_ID, arn
from local_clouds.aws.clients import Clients
from local_clouds.resource import CloudError, Failure, Properties, ResourceType, Rule
from local_clouds.rules import all_of, each, one_of, values_at

from .ec2 import Ec2Lifecycle, first, only


def ipv4_network(path: str, *, low: int, high: int) -> Rule:
    """An IPv4 network without host bits, with a prefix length of `low` to `high`."""

    def judge(inputs: Properties) -> list[Failure]:
        failures = []
        for at, value in values_at(inputs, path):
            try:
                prefix = ipaddress.IPv4Network(value).prefixlen
            except ValueError as error:
                failures.append(Failure(at, f"is no IPv4 network: {error}."))
                continue
            if not low <= prefix <= high:
                failures.append(Failure(at, f"{value} must be a /{low} to /{high}."))
        return failures

    return judge


class Vpc(Ec2Lifecycle):
    """aws_vpc."""

    def make(self, inputs: Properties) -> str:
        """Create the VPC and set its DNS attributes."""
        vpc = self.ec2(inputs).create_vpc(
            CidrBlock=inputs["cidrBlock"],
            InstanceTenancy=inputs.get("instanceTenancy", "default"),
            TagSpecifications=tags.specification("vpc", inputs),
        )["Vpc"]
        self._set_dns(vpc["VpcId"], inputs)
        return vpc["VpcId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the VPC with its default parts and DNS attributes."""
        client = self.ec2(state)
        vpc = first(client.describe_vpcs, VpcIds=[resource_id])
        if vpc is None:
            return None
        here = ("vpc-id", resource_id)
        group = first(
            client.describe_security_groups, Filters=only(here, ("group-name", "default"))
        )
        table = first(
            client.describe_route_tables, Filters=only(here, ("association.main", "true"))
        )
        acl = first(client.describe_network_acls, Filters=only(here, ("default", "true")))
        support, hostnames = (
            client.describe_vpc_attribute(VpcId=resource_id, Attribute=name)
            for name in ("enableDnsSupport", "enableDnsHostnames")
        )
        return {
            "arn": arn("ec2", state["region"], f"vpc/{resource_id}"),
            "cidrBlock": vpc["CidrBlock"],
            "instanceTenancy": vpc["InstanceTenancy"],
            "enableDnsSupport": support["EnableDnsSupport"]["Value"],
            "enableDnsHostnames": hostnames["EnableDnsHostnames"]["Value"],
            "dhcpOptionsId": vpc["DhcpOptionsId"],
            "defaultSecurityGroupId": (group or {}).get("GroupId"),
            "defaultRouteTableId": (table or {}).get("RouteTableId"),
            "mainRouteTableId": (table or {}).get("RouteTableId"),
            "defaultNetworkAclId": (acl or {}).get("NetworkAclId"),
            "ownerId": ACCOUNT_ID,
            **tags.outputs(vpc.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Set the DNS attributes and the tags."""
        self._set_dns(resource_id, inputs)
        super().change(resource_id, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the VPC; AWS refuses while anything is in it."""
        self.ec2(state).delete_vpc(VpcId=resource_id)

    def _set_dns(self, vpc_id: str, inputs: Properties) -> None:
        client = self.ec2(inputs)
        support = inputs.get("enableDnsSupport", True)
        hostnames = inputs.get("enableDnsHostnames", False)
        client.modify_vpc_attribute(VpcId=vpc_id, EnableDnsSupport={"Value": support})
        client.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": hostnames})


class InternetGateway(Ec2Lifecycle):
    """aws_internet_gateway, attached to its VPC."""

    def make(self, inputs: Properties) -> str:
        """Create the gateway and attach it."""
        gateway = self.ec2(inputs).create_internet_gateway(
            TagSpecifications=tags.specification("internet-gateway", inputs)
        )["InternetGateway"]["InternetGatewayId"]
        self._attach(gateway, {}, inputs)
        return gateway

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the gateway and its VPC."""
        gateway = first(
            self.ec2(state).describe_internet_gateways, InternetGatewayIds=[resource_id]
        )
        if gateway is None:
            return None
        attachments = gateway.get("Attachments")
        return {
            "arn": arn("ec2", state["region"], f"internet-gateway/{resource_id}"),
            "ownerId": ACCOUNT_ID,
            **({"vpcId": attachments[0]["VpcId"]} if attachments else {}),
            **tags.outputs(gateway.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Move the gateway to another VPC; set the tags."""
        self._attach(resource_id, state, inputs)
        super().change(resource_id, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Detach and delete the gateway."""
        self._attach(resource_id, state, {"region": state["region"]})
        self.ec2(state).delete_internet_gateway(InternetGatewayId=resource_id)

    def _attach(self, gateway: str, state: Properties, inputs: Properties) -> None:
        old, new = state.get("vpcId"), inputs.get("vpcId")
        client = self.ec2(inputs)
        if old and old != new:
            gateways = client.describe_nat_gateways(Filter=only(("vpc-id", old)))["NatGateways"]
            users = [one["NatGatewayId"] for one in gateways if one["State"] != "deleted"]
            if users:
                message = (
                    f"DependencyViolation: Network {old} has some mapped public addresses: "
                    f"{', '.join(users)}."
                )
                raise CloudError(message)
            client.detach_internet_gateway(InternetGatewayId=gateway, VpcId=old)
        if new and old != new:
            client.attach_internet_gateway(InternetGatewayId=gateway, VpcId=new)


class Subnet(Ec2Lifecycle):
    """aws_subnet."""

    def make(self, inputs: Properties) -> str:
        """Create the subnet."""
        zone = {"AvailabilityZone": inputs.get("availabilityZone")}
        zone_id = {"AvailabilityZoneId": inputs.get("availabilityZoneId")}
        subnet = self.ec2(inputs).create_subnet(
            VpcId=inputs["vpcId"],
            CidrBlock=inputs["cidrBlock"],
            TagSpecifications=tags.specification("subnet", inputs),
            **{key: value for key, value in (zone | zone_id).items() if value},
        )["Subnet"]["SubnetId"]
        self._set_public(subnet, inputs)
        return subnet

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the subnet."""
        subnet = first(self.ec2(state).describe_subnets, SubnetIds=[resource_id])
        if subnet is None:
            return None
        return {
            "arn": arn("ec2", state["region"], f"subnet/{resource_id}"),
            "vpcId": subnet["VpcId"],
            "cidrBlock": subnet["CidrBlock"],
            "availabilityZone": subnet["AvailabilityZone"],
            "availabilityZoneId": subnet["AvailabilityZoneId"],
            "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
            "ownerId": ACCOUNT_ID,
            **tags.outputs(subnet.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Set the public-address attribute and the tags."""
        self._set_public(resource_id, inputs)
        super().change(resource_id, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the subnet, and with it its association, which moto keeps."""
        self.ec2(state).delete_subnet(SubnetId=resource_id)
        ec2 = self.clients.aws("ec2", state["region"])
        own = only(("association.subnet-id", resource_id))
        for table in ec2.describe_route_tables(Filters=own)["RouteTables"]:
            for association in table["Associations"]:
                if association.get("SubnetId") == resource_id:
                    ec2.disassociate_route_table(
                        AssociationId=association["RouteTableAssociationId"]
                    )

    def _set_public(self, subnet: str, inputs: Properties) -> None:
        self.ec2(inputs).modify_subnet_attribute(
            SubnetId=subnet,
            MapPublicIpOnLaunch={"Value": inputs.get("mapPublicIpOnLaunch", False)},
        )


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:ec2/vpc:Vpc",  # noqa: S106
            args=aws.ec2.VpcArgs,
            lifecycle=Vpc(clients),
            force_new=frozenset({"region", "cidrBlock", "instanceTenancy"}),
            in_place=frozenset({"enableDnsHostnames", "enableDnsSupport", "tags"}),
            check=all_of(
                each("", lambda vpc: "cidrBlock" in vpc, "cidrBlock is required."),
                ipv4_network("cidrBlock", low=16, high=28),
                one_of("instanceTenancy", "default", "dedicated"),
                tags.check,
            ),
        ),
        ResourceType(
            token="aws:ec2/internetGateway:InternetGateway",  # noqa: S106
            args=aws.ec2.InternetGatewayArgs,
            lifecycle=InternetGateway(clients),
            force_new=frozenset({"region"}),
            in_place=frozenset({"vpcId", "tags"}),
            check=tags.check,
        ),
        ResourceType(
            token="aws:ec2/subnet:Subnet",  # noqa: S106
            args=aws.ec2.SubnetArgs,
            lifecycle=Subnet(clients),
            force_new=frozenset(
                {"region", "vpcId", "cidrBlock", "availabilityZone", "availabilityZoneId"}
            ),
            in_place=frozenset({"mapPublicIpOnLaunch", "tags"}),
            check=all_of(
                each("", lambda subnet: "cidrBlock" in subnet, "cidrBlock is required."),
                ipv4_network("cidrBlock", low=16, high=28),
                tags.check,
            ),
        ),
    ]
