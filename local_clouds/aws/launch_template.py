"""Launch template.

Every change but that of the name makes a new version: the provider document aws_launch_template.
Limits: EC2 API (RequestLaunchTemplateData), as of 2025-12.
"""

import base64
import binascii
from typing import Any

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.arns import arn
from local_clouds.aws.clients import Clients
from local_clouds.aws.shapes import from_api, to_api
from local_clouds.aws.volume_rules import VOLUME_TYPES, performance_failures
from local_clouds.resource import Autoname, Failure, Properties, ResourceType
from local_clouds.rules import all_of, between, conflicts, each, matches, one_of, values_at
from local_clouds.values import Unknown

from .ec2 import Ec2Lifecycle, first

MAX_USER_DATA_BYTES = 16384
"""Before base64."""

_NAME = r"[a-zA-Z0-9().\-/_]{3,128}"
IMAGE_ID = r"ami-([0-9a-f]{8}|[0-9a-f]{17})|resolve:ssm:.+"

_DATA = {
    "blockDeviceMappings": "BlockDeviceMappings",
    "cpuOptions": "CpuOptions",
    "creditSpecification": "CreditSpecification",
    "disableApiStop": "DisableApiStop",
    "disableApiTermination": "DisableApiTermination",
    "iamInstanceProfile": "IamInstanceProfile",
    "imageId": "ImageId",
    "instanceInitiatedShutdownBehavior": "InstanceInitiatedShutdownBehavior",
    "instanceMarketOptions": "InstanceMarketOptions",
    "instanceType": "InstanceType",
    "keyName": "KeyName",
    "maintenanceOptions": "MaintenanceOptions",
    "metadataOptions": "MetadataOptions",
    "monitoring": "Monitoring",
    "networkInterfaces": "NetworkInterfaces",
    "privateDnsNameOptions": "PrivateDnsNameOptions",
    "userData": "UserData",
    "vpcSecurityGroupIds": "SecurityGroupIds",
}
"""Properties that go into a version as they are, once renamed."""

_RENAMED = {
    "securityGroups": "Groups",
    "networkCardIndex": "NetworkCardIndex",
    "ipv4AddressCount": "SecondaryPrivateIpAddressCount",
}
_BOOLEANS = {"encrypted", "deleteOnTermination", "associatePublicIpAddress", "ebsOptimized"}
"""Texts "true" and "false" in the provider (there an unset value differs from false)."""

_VERSIONED = frozenset(_DATA) | {"ebsOptimized", "tagSpecifications", "description"}


class LaunchTemplate(Ec2Lifecycle):
    """aws_launch_template."""

    unstored = frozenset({"updateDefaultVersion"})

    def make(self, inputs: Properties) -> str:
        """Create the template with version 1."""
        return self.ec2(inputs).create_launch_template(
            LaunchTemplateName=inputs["name"],
            TagSpecifications=tags.specification("launch-template", inputs),
            **_version(inputs),
        )["LaunchTemplate"]["LaunchTemplateId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the template and its latest version."""
        client = self.ec2(state)
        template = first(client.describe_launch_templates, LaunchTemplateIds=[resource_id])
        if template is None:
            return None
        version = first(
            client.describe_launch_template_versions,
            LaunchTemplateId=resource_id,
            Versions=["$Latest"],
        )
        return {
            "arn": arn("ec2", state["region"], f"launch-template/{resource_id}"),
            "name": template["LaunchTemplateName"],
            "latestVersion": template["LatestVersionNumber"],
            "defaultVersion": template["DefaultVersionNumber"],
            **_properties(version or {}),
            **tags.outputs(template.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Make a new version when the data changed, and move the default version as asked."""
        client = self.ec2(inputs)
        default = inputs.get("defaultVersion")
        if any(state.get(key) != inputs.get(key) for key in _VERSIONED):
            answer = client.create_launch_template_version(
                LaunchTemplateId=resource_id, **_version(inputs)
            )
            if inputs.get("updateDefaultVersion"):
                default = answer["LaunchTemplateVersion"]["VersionNumber"]
        elif inputs.get("updateDefaultVersion"):
            default = state["latestVersion"]
        if default is not None and default != state["defaultVersion"]:
            client.modify_launch_template(LaunchTemplateId=resource_id, DefaultVersion=str(default))
        super().change(resource_id, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the template with all its versions."""
        self.ec2(state).delete_launch_template(LaunchTemplateId=resource_id)


def _version(inputs: Properties) -> dict[str, Any]:
    data = {api: to_api(inputs[key], _RENAMED) for key, api in _DATA.items() if key in inputs}
    if "ebsOptimized" in inputs:
        data["EbsOptimized"] = inputs["ebsOptimized"]
    if "tagSpecifications" in inputs:
        data["TagSpecifications"] = [
            {"ResourceType": one["resourceType"], "Tags": tags.to_pairs(one.get("tags"))}
            for one in inputs["tagSpecifications"]
        ]
    description = {"VersionDescription": inputs["description"]} if "description" in inputs else {}
    return {"LaunchTemplateData": _parse_booleans(data), **description}


def _parse_booleans(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _parse_booleans(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_parse_booleans(item, name) for item in value]
    return value == "true" if name[:1].lower() + name[1:] in _BOOLEANS else value


def _format_booleans(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _format_booleans(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_format_booleans(item, name) for item in value]
    return str(value).lower() if name in _BOOLEANS and isinstance(value, bool) else value


def _properties(version: dict[str, Any]) -> Properties:
    data = version.get("LaunchTemplateData", {})
    found = {key: from_api(data[api], _RENAMED) for key, api in _DATA.items() if api in data}
    if "EbsOptimized" in data:
        found["ebsOptimized"] = data["EbsOptimized"]
    # moto adds the template's own tags to its data; the API has no such type there.
    specifications = [
        {"resourceType": one["ResourceType"], "tags": tags.from_pairs(one.get("Tags"))}
        for one in data.get("TagSpecifications", [])
        if one["ResourceType"] != "launch-template"
    ]
    if specifications:
        found["tagSpecifications"] = specifications
    if version.get("VersionDescription"):
        found["description"] = version["VersionDescription"]
    return _format_booleans(found)


def _check_user_data(inputs: Properties) -> list[Failure]:
    for path, value in values_at(inputs, "userData"):
        try:
            size = len(base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            return [Failure(path, "is not base64.")]
        if size > MAX_USER_DATA_BYTES:
            reason = f"has {size} bytes before base64; EC2 allows {MAX_USER_DATA_BYTES}."
            return [Failure(path, reason)]
    return []


def _check_volumes(inputs: Properties) -> list[Failure]:
    return [
        failure
        for path, ebs in values_at(inputs, "blockDeviceMappings[].ebs")
        if not any(isinstance(value, Unknown) for value in ebs.values())
        for failure in performance_failures(path, ebs, "volumeSize")
    ]


def _check_interfaces(inputs: Properties) -> list[Failure]:
    if inputs.get("networkInterfaces") and inputs.get("vpcSecurityGroupIds"):
        reason = "belongs into networkInterfaces[].securityGroups when there are networkInterfaces."
        return [Failure("vpcSecurityGroupIds", reason)]
    return []


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    boolean = "the text true or false"
    return [
        ResourceType(
            token="aws:ec2/launchTemplate:LaunchTemplate",  # noqa: S106
            args=aws.ec2.LaunchTemplateArgs,
            lifecycle=LaunchTemplate(clients),
            force_new=frozenset({"region", "name"}),
            in_place=_VERSIONED | {"defaultVersion", "updateDefaultVersion", "tags"},
            autoname=Autoname(max_length=128, pattern=_NAME),
            volatile_outputs=frozenset({"latestVersion", "defaultVersion"}),
            check=all_of(
                matches("name", _NAME, "3 to 128 letters, digits or ().-/_"),
                matches("imageId", IMAGE_ID, "an image id such as ami-0123456789abcdef0"),
                matches("ebsOptimized", "true|false", boolean),
                matches("blockDeviceMappings[].ebs.encrypted", "true|false", boolean),
                matches("blockDeviceMappings[].ebs.deleteOnTermination", "true|false", boolean),
                matches("networkInterfaces[].associatePublicIpAddress", "true|false", boolean),
                matches("networkInterfaces[].deleteOnTermination", "true|false", boolean),
                matches("networkInterfaces[].securityGroups[]", r"sg-[0-9a-f]+", "a group id"),
                matches("vpcSecurityGroupIds[]", r"sg-[0-9a-f]+", "a security group id"),
                one_of("instanceInitiatedShutdownBehavior", "stop", "terminate"),
                one_of("metadataOptions.httpTokens", "optional", "required"),
                one_of("metadataOptions.httpEndpoint", "enabled", "disabled"),
                one_of("metadataOptions.instanceMetadataTags", "enabled", "disabled"),
                between("metadataOptions.httpPutResponseHopLimit", 1, 64),
                one_of("cpuOptions.nestedVirtualization", "enabled", "disabled"),
                one_of("tagSpecifications[].resourceType", *_TAGGABLE),
                one_of("blockDeviceMappings[].ebs.volumeType", *VOLUME_TYPES),
                between("blockDeviceMappings[].ebs.volumeSize", 1, 65536),
                each(
                    "iamInstanceProfile",
                    lambda profile: len(profile.keys() & {"arn", "name"}) == 1,
                    "needs either arn or name.",
                ),
                matches(
                    "iamInstanceProfile.arn",
                    r"arn:aws[a-z-]*:iam::\d{12}:instance-profile/.+",
                    "the ARN of an instance profile",
                ),
                conflicts("defaultVersion", "updateDefaultVersion"),
                _check_user_data,
                _check_volumes,
                _check_interfaces,
                tags.check,
            ),
        )
    ]


_TAGGABLE = ("instance", "volume", "network-interface", "spot-instances-request")
