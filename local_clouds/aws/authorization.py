"""Which actions a request needs on which resources, as IAM sees it.

Source: the Service Authorization Reference, for the services that executors use.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local_clouds.aws.arns import ACCOUNT_ID, PARTITIONS, arn

_EC2_KINDS = {
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
}
_EC2_ID = re.compile(rf"({'|'.join(_EC2_KINDS)})-[0-9a-f]+")
_CHANGES = ("CreateTags", "CreateRoute", "CreateLaunchTemplateVersion")
"""EC2 operations called Create that make no resource of their own."""

Call = Callable[..., dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Need:
    """An action on a resource, and what conditions of a policy may ask about it."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def needs(
    service: str, operation: str, parameters: Mapping[str, Any], region: str, ask: Call
) -> list[Need]:
    """What a request needs, all of it. `ask(service, operation, **parameters)` asks the cloud."""
    action = f"{service}:{operation}"
    if service == "ec2":
        return list(_of_ec2(action, operation, parameters, region, ask))
    arns = [_completed(one, service, region) for one in _named(service, operation, parameters)]
    found = [Need(action=action, resource=one) for one in arns or ["*"]]
    if operation == "AddRoleToInstanceProfile":
        found.append(_pass_role(parameters["RoleName"], region))
    if operation in ("CreateAutoScalingGroup", "UpdateAutoScalingGroup"):
        found += _of_launches(operation, parameters, region, ask)
    return found


def _of_ec2(
    action: str, operation: str, parameters: Mapping[str, Any], region: str, ask: Call
) -> Iterator[Need]:
    if operation.startswith("Describe"):
        yield Need(action=action)
        return
    for one in sorted(set(_ids(parameters))):
        tags = ask("ec2", "describe_tags", Filters=[{"Name": "resource-id", "Values": [one]}])
        kind = _EC2_KINDS[one.partition("-")[0]]
        yield Need(
            action=action,
            resource=arn("ec2", region, f"{kind}/{one}"),
            context={f"aws:ResourceTag/{tag['Key']}": tag["Value"] for tag in tags["Tags"]},
        )
    if operation.startswith("AuthorizeSecurityGroup"):
        yield Need(action=action, resource=arn("ec2", region, "security-group-rule/*"))
    if operation.startswith(("Create", "Allocate")) and operation not in _CHANGES:
        yield Need(action=action, resource=arn("ec2", region, "*"))
    if parameters.get("TagSpecifications"):
        context = {"ec2:CreateAction": operation}
        yield Need(action="ec2:CreateTags", resource=arn("ec2", region, "*"), context=context)


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, str) and _EC2_ID.fullmatch(value):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, (Mapping, list)):
        for item in inner:
            yield from _ids(item)


def _named(service: str, operation: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    """What the parameters name: ARNs, or their last part."""
    match service:
        case "autoscaling":
            names = [parameters.get("AutoScalingGroupName")]
            names += parameters.get("AutoScalingGroupNames", [])
            names += [tag.get("ResourceId") for tag in parameters.get("Tags", [])]
            yield from (
                f"autoScalingGroup:*:autoScalingGroupName/{name}"
                for name in dict.fromkeys(names)
                if name
            )
        case "cloudwatch":
            names = [parameters.get("AlarmName"), *parameters.get("AlarmNames", [])]
            yield from (f"alarm:{name}" for name in names if name)
            if "ResourceARN" in parameters:
                yield parameters["ResourceARN"]
        case "logs":
            for key in ("logGroupName", "logGroupNamePrefix"):
                if key in parameters:
                    yield f"log-group:{parameters[key]}"
            if "resourceArn" in parameters:
                yield parameters["resourceArn"]
        case "secretsmanager":
            if "Name" in parameters:
                yield f"secret:{parameters['Name']}-AbCdEf"
            if "SecretId" in parameters:
                given = parameters["SecretId"]
                yield given if given.startswith("arn:") else f"secret:{given}-AbCdEf"
        case "iam":
            yield from _of_iam(operation, parameters)


def _of_iam(operation: str, parameters: Mapping[str, Any]) -> Iterator[str]:
    kinds = {
        "InstanceProfileName": "instance-profile",
        "RoleName": "role",
        "UserName": "user",
        "PolicyArn": "",
        "PolicyName": "policy",
    }
    for key, kind in kinds.items():
        if key in parameters:
            yield f"{kind}/{parameters[key]}" if kind else parameters[key]
            return
    del operation


def _completed(name: str, service: str, region: str) -> str:
    if name.startswith("arn:"):
        return name
    if service == "iam":
        return f"arn:{PARTITIONS[region]}:iam::{ACCOUNT_ID}:{name}"
    return arn(service, region, name)


def _pass_role(role: str, region: str) -> Need:
    dns = "amazonaws.com.cn" if PARTITIONS[region] == "aws-cn" else "amazonaws.com"
    return Need(
        action="iam:PassRole",
        resource=_completed(f"role/{role}", "iam", region),
        context={"iam:PassedToService": f"ec2.{dns}"},
    )


def _of_launches(
    operation: str, parameters: Mapping[str, Any], region: str, ask: Call
) -> Iterator[Need]:
    """Auto Scaling checks that its caller could start the instances itself."""
    template = (
        parameters.get("MixedInstancesPolicy", {})
        .get("LaunchTemplate", {})
        .get("LaunchTemplateSpecification")
    )
    if template:
        yield Need(action="ec2:RunInstances", resource=arn("ec2", region, "*"))
        context = {"ec2:CreateAction": "RunInstances"}
        yield Need(action="ec2:CreateTags", resource=arn("ec2", region, "*"), context=context)
        (version,) = ask(
            "ec2",
            "describe_launch_template_versions",
            LaunchTemplateId=template["LaunchTemplateId"],
            Versions=[template["Version"]],
        )["LaunchTemplateVersions"]
        profile = version["LaunchTemplateData"].get("IamInstanceProfile", {}).get("Arn", "")
        if profile:
            name = profile.rpartition("/")[2]
            answer = ask("iam", "get_instance_profile", InstanceProfileName=name)
            for role in answer["InstanceProfile"]["Roles"]:
                yield _pass_role(role["RoleName"], region)
    if operation == "CreateAutoScalingGroup":
        path = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
        yield Need(
            action="iam:CreateServiceLinkedRole",
            resource=_completed(path, "iam", region),
            context={"iam:AWSServiceName": "autoscaling.amazonaws.com"},
        )
