"""Whether what an Auto Scaling group names exists and fits.

AWS tries the launch template when a group is created or changed ("You must use a valid fully-formed
launch template"); moto does not. Source: Auto Scaling API CreateAutoScalingGroup, and the user
guide on launch templates and mixed instances groups.
"""

import re
from collections.abc import Iterator
from typing import Any

from local_clouds.aws.clients import ApiError, Clients
from local_clouds.aws.grants import may_start_vms
from local_clouds.aws.launch_template import IMAGE_ID
from local_clouds.aws.lifecycle import is_missing
from local_clouds.resource import CloudError, Properties

from .ec2 import first


def verify(clients: Clients, inputs: Properties) -> None:
    """Raise `CloudError` with everything that is wrong with the group's references."""
    problems = list(_problems(clients, inputs))
    if problems:
        message = f"Auto Scaling group {inputs['name']}: {' '.join(problems)}"
        raise CloudError(message)


def _problems(clients: Clients, inputs: Properties) -> Iterator[str]:
    client = clients("ec2", inputs["region"])
    vpcs = set()
    for subnet_id in inputs.get("vpcZoneIdentifiers", []):
        subnet = _find(client.describe_subnets, SubnetIds=[subnet_id])
        if subnet is None:
            yield f"The subnet {subnet_id} does not exist."
        else:
            vpcs.add(subnet["VpcId"])
    if len(vpcs) > 1:
        yield "All subnets must belong to one VPC."
    policy = inputs.get("mixedInstancesPolicy", {}).get("launchTemplate", {})
    templates = [
        inputs.get("launchTemplate"),
        policy.get("launchTemplateSpecification"),
        *(one.get("launchTemplateSpecification") for one in policy.get("overrides", [])),
    ]
    for template in filter(None, templates):
        data = _template_data(client, template)
        if data is None:
            name = template.get("launchTemplateId") or template.get("launchTemplateName")
            name = name or template.get("id") or template.get("name")
            wanted = template.get("version", "$Default")
            yield f"Version {wanted} of launch template {name} does not exist."
            continue
        if policy and "InstanceMarketOptions" in data:
            yield "A mixed instances policy excludes market options in the launch template."
        if not policy.get("overrides") and "InstanceType" not in data:
            yield "The launch template names no instance type, and there are no overrides."
        yield from _template_problems(clients, inputs["region"], data, vpcs)
    known = client.meta.service_model.shape_for("InstanceType").enum
    for override in policy.get("overrides", []):
        if "instanceType" in override and override["instanceType"] not in known:
            yield f"There is no instance type {override['instanceType']}."


def _template_data(client: Any, template: dict[str, Any]) -> dict[str, Any] | None:
    names = {
        "LaunchTemplateId": template.get("launchTemplateId") or template.get("id"),
        "LaunchTemplateName": template.get("launchTemplateName") or template.get("name"),
    }
    version = _find(
        client.describe_launch_template_versions,
        Versions=[template.get("version") or "$Default"],
        **{key: value for key, value in names.items() if value},
    )
    return version and version["LaunchTemplateData"]


def _template_problems(
    clients: Clients, region: str, data: dict[str, Any], vpcs: set[str]
) -> Iterator[str]:
    client = clients("ec2", region)
    if not re.fullmatch(IMAGE_ID, data.get("ImageId", "")):
        yield f"The launch template names no valid image ({data.get('ImageId')})."
    groups = list(data.get("SecurityGroupIds", []))
    for interface in data.get("NetworkInterfaces", []):
        groups += interface.get("Groups", [])
    for group_id in groups:
        group = _find(client.describe_security_groups, GroupIds=[group_id])
        if group is None:
            yield f"The security group {group_id} does not exist."
        elif vpcs and group["VpcId"] not in vpcs:
            yield f"The security group {group_id} is in another VPC than the subnets."
    for mapping in data.get("BlockDeviceMappings", []):
        key = mapping.get("Ebs", {}).get("KmsKeyId")
        if key and not may_start_vms(clients, key, region):
            yield f"Auto Scaling's service-linked role may not use the key {key}."
    profile = data.get("IamInstanceProfile", {})
    name = profile.get("Name") or profile.get("Arn", "").rpartition("/")[2]
    if name:
        try:
            found = clients("iam", region).get_instance_profile(InstanceProfileName=name)
        except ApiError as error:
            if not is_missing(error):
                raise
            yield f"The instance profile {name} does not exist."
        else:
            if "Arn" in profile and found["InstanceProfile"]["Arn"] != profile["Arn"]:
                yield f"The instance profile {profile['Arn']} does not exist."


def _find(call: Any, **query: Any) -> dict[str, Any] | None:
    try:
        return first(call, **query)
    except ApiError as error:
        if is_missing(error) or error.code.startswith("InvalidLaunchTemplate"):
            return None
        raise
