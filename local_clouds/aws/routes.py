"""Route table, route and route table association.

Force-new properties: the provider documents aws_route_table, aws_route and
aws_route_table_association. Routes are resources of their own, never inline in the table.
"""

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.arns import ACCOUNT_ID, arn
from local_clouds.aws.clients import Clients
from local_clouds.aws.network import ipv4_network
from local_clouds.resource import Properties, ResourceType
from local_clouds.rules import all_of, exactly_one

from .ec2 import Ec2Lifecycle, first, only

_TARGETS = {"gatewayId": "GatewayId", "natGatewayId": "NatGatewayId"}


class RouteTable(Ec2Lifecycle):
    """aws_route_table."""

    def make(self, inputs: Properties) -> str:
        """Create the table."""
        return self.ec2(inputs).create_route_table(
            VpcId=inputs["vpcId"], TagSpecifications=tags.specification("route-table", inputs)
        )["RouteTable"]["RouteTableId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the table."""
        table = first(self.ec2(state).describe_route_tables, RouteTableIds=[resource_id])
        if table is None:
            return None
        return {
            "arn": arn("ec2", state["region"], f"route-table/{resource_id}"),
            "vpcId": table["VpcId"],
            "ownerId": ACCOUNT_ID,
            **tags.outputs(table.get("Tags"), state),
        }

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the table; AWS refuses while a subnet uses it."""
        self.ec2(state).delete_route_table(RouteTableId=resource_id)


class Route(Ec2Lifecycle):
    """aws_route over IPv4."""

    def make(self, inputs: Properties) -> str:
        """Create the route."""
        self.ec2(inputs).create_route(**self._request(inputs))
        return f"r-{inputs['routeTableId']}-{inputs['destinationCidrBlock']}"

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the route out of its table."""
        del resource_id
        table = first(self.ec2(state).describe_route_tables, RouteTableIds=[state["routeTableId"]])
        for route in (table or {}).get("Routes", []):
            if route.get("DestinationCidrBlock") == state["destinationCidrBlock"]:
                targets = {key: route[name] for key, name in _TARGETS.items() if route.get(name)}
                return {
                    "routeTableId": state["routeTableId"],
                    "destinationCidrBlock": route["DestinationCidrBlock"],
                    "origin": route.get("Origin", "CreateRoute"),
                    "state": route.get("State", "active"),
                    **targets,
                }
        return None

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Point the route at another target."""
        del resource_id, state
        self.ec2(inputs).replace_route(**self._request(inputs))

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the route."""
        del resource_id
        self.ec2(state).delete_route(
            RouteTableId=state["routeTableId"], DestinationCidrBlock=state["destinationCidrBlock"]
        )

    def _request(self, inputs: Properties) -> dict[str, str]:
        targets = {name: inputs[key] for key, name in _TARGETS.items() if key in inputs}
        return {
            "RouteTableId": inputs["routeTableId"],
            "DestinationCidrBlock": inputs["destinationCidrBlock"],
            **targets,
        }


class RouteTableAssociation(Ec2Lifecycle):
    """aws_route_table_association of a subnet."""

    def make(self, inputs: Properties) -> str:
        """Associate the subnet, which must have no table of its own yet."""
        return self.ec2(inputs).associate_route_table(
            RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"]
        )["AssociationId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the subnet's association."""
        del resource_id
        found = self._current(state)
        if found is None:
            return None
        return {"routeTableId": found["RouteTableId"], "subnetId": found["SubnetId"]}

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Associate the subnet with another table."""
        del resource_id
        found = self._current(state)
        if found is not None:
            self.ec2(inputs).replace_route_table_association(
                AssociationId=found["RouteTableAssociationId"], RouteTableId=inputs["routeTableId"]
            )

    def remove(self, resource_id: str, state: Properties) -> None:
        """Give the subnet back to the main table."""
        del resource_id
        found = self._current(state)
        if found is not None:
            association = found["RouteTableAssociationId"]
            self.ec2(state).disassociate_route_table(AssociationId=association)

    def _current(self, state: Properties) -> dict[str, str] | None:
        """Return the subnet's association: AWS gives it a new id when the table changes."""
        subnet = state["subnetId"]
        table = first(
            self.ec2(state).describe_route_tables,
            Filters=only(("association.subnet-id", subnet)),
        )
        found = (table or {}).get("Associations", [])
        return next((one for one in found if one.get("SubnetId") == subnet), None)


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:ec2/routeTable:RouteTable",  # noqa: S106
            args=aws.ec2.RouteTableArgs,
            lifecycle=RouteTable(clients),
            force_new=frozenset({"region", "vpcId"}),
            in_place=frozenset({"tags"}),
            check=tags.check,
        ),
        ResourceType(
            token="aws:ec2/route:Route",  # noqa: S106
            args=aws.ec2.RouteArgs,
            lifecycle=Route(clients),
            force_new=frozenset({"region", "routeTableId", "destinationCidrBlock"}),
            in_place=frozenset(_TARGETS),
            check=all_of(
                exactly_one("destinationCidrBlock"),
                exactly_one(*_TARGETS),
                ipv4_network("destinationCidrBlock", low=0, high=32),
            ),
        ),
        ResourceType(
            token="aws:ec2/routeTableAssociation:RouteTableAssociation",  # noqa: S106
            args=aws.ec2.RouteTableAssociationArgs,
            lifecycle=RouteTableAssociation(clients),
            force_new=frozenset({"region", "subnetId"}),
            in_place=frozenset({"routeTableId"}),
            check=exactly_one("subnetId"),
            delete_before_replace=True,  # a subnet has one association at most
        ),
    ]
