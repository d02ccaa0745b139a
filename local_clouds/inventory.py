"""What exists in the local clouds, asked of their APIs and not of the engine."""

from collections.abc import Iterable
from typing import Any

import jmespath

from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds

# Service, paginated call, its arguments, what makes an item one that a user made. A default VPC and
# what belongs to it, main route tables and terminated instances are not.
_REGIONAL = (
    ("ec2", "describe_vpcs", {}, "Vpcs[?!IsDefault].VpcId"),
    ("ec2", "describe_subnets", {}, "Subnets[?!DefaultForAz].SubnetId"),
    ("ec2", "describe_internet_gateways", {}, "InternetGateways[].InternetGatewayId"),
    ("ec2", "describe_addresses", {}, "Addresses[].AllocationId"),
    ("ec2", "describe_nat_gateways", {}, "NatGateways[?State!='deleted'].NatGatewayId"),
    ("ec2", "describe_route_tables", {}, "RouteTables[?!Associations[?Main]].RouteTableId"),
    ("ec2", "describe_security_groups", {}, "SecurityGroups[?GroupName!='default'].GroupId"),
    ("ec2", "describe_launch_templates", {}, "LaunchTemplates[].LaunchTemplateId"),
    (
        "ec2",
        "describe_instances",
        {},
        "Reservations[].Instances[] | [?State.Name!='terminated'].InstanceId",
    ),
    ("ec2", "describe_volumes", {}, "Volumes[].VolumeId"),
    ("ec2", "describe_network_interfaces", {}, "NetworkInterfaces[].NetworkInterfaceId"),
    (
        "autoscaling",
        "describe_auto_scaling_groups",
        {},
        "AutoScalingGroups[].AutoScalingGroupName",
    ),
    ("autoscaling", "describe_policies", {}, "ScalingPolicies[].PolicyARN"),
    ("cloudwatch", "describe_alarms", {}, "MetricAlarms[].AlarmName"),
    ("logs", "describe_log_groups", {}, "logGroups[].logGroupName"),
    # A tombstone blocks the name, so it counts.
    ("secretsmanager", "list_secrets", {"IncludePlannedDeletion": True}, "SecretList[].ARN"),
)
_GLOBAL = (
    ("iam", "list_roles", {}, "Roles[?!starts_with(Path, '/aws-service-role/')].RoleName"),
    ("iam", "list_instance_profiles", {}, "InstanceProfiles[].InstanceProfileName"),
    ("iam", "list_policies", {"Scope": "Local"}, "Policies[].Arn"),
    ("iam", "list_users", {}, "Users[].UserName"),
)
_GLOBAL_REGION = "us-east-1"


def list_all(clouds: Clouds, aws_regions: Iterable[str]) -> set[str]:
    """Everything that a user made: AWS ids, names or ARNs in these regions, and GCP names."""
    clients = Clients(clouds.aws_endpoint)
    places = [(_GLOBAL_REGION, _GLOBAL), *((region, _REGIONAL) for region in sorted(aws_regions))]
    return set(clouds.gcp_resources()).union(
        *(
            _found(clients(service, region), call, arguments, items)
            for region, kinds in places
            for service, call, arguments, items in kinds
        )
    )


def _found(client: Any, call: str, arguments: dict[str, Any], items: str) -> Iterable[str]:
    if client.can_paginate(call):
        return client.get_paginator(call).paginate(**arguments).search(items)
    return jmespath.search(items, getattr(client, call)(**arguments))
