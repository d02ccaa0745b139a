"""Data sources: image, availability zones, partition, caller identity, region."""

import re
from collections.abc import Callable
from typing import Any

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.arns import ACCOUNT_ID, PARTITIONS
from local_clouds.aws.clients import Clients
from local_clouds.aws.shapes import from_api
from local_clouds.resource import CloudError, Function, Properties

_IMAGE_OUTPUTS = (
    *("imageId", "name", "description", "architecture", "creationDate", "ownerId", "state"),
    *("rootDeviceName", "rootDeviceType", "virtualizationType", "public"),
)
_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


def functions(clients: Clients, region: Callable[[], str]) -> list[Function]:
    """Return the functions of the AWS provider; `region` tells the configured region."""

    def get_ami(arguments: Properties) -> Properties:
        """Return the one image that matches; it is an error to match none, or several."""
        images = clients("ec2", arguments["region"]).describe_images(
            Owners=arguments.get("owners", []),
            Filters=[
                {"Name": one["name"], "Values": one["values"]}
                for one in arguments.get("filters", [])
            ],
        )["Images"]
        name = re.compile(arguments.get("nameRegex", ""))
        images = [image for image in images if name.search(image.get("Name", ""))]
        if not images:
            message = "Your query returned no results. Change the owners or filters of the image."
            raise CloudError(message)
        if len(images) > 1 and not arguments.get("mostRecent"):
            message = (
                f"Your query returned {len(images)} images; be more specific, or set mostRecent."
            )
            raise CloudError(message)
        return arguments | _image(max(images, key=lambda image: image["CreationDate"]), arguments)

    def get_availability_zones(arguments: Properties) -> Properties:
        """Return the zones of the region that are available."""
        zones = clients("ec2", arguments["region"]).describe_availability_zones()
        found = [zone for zone in zones["AvailabilityZones"] if zone["State"] == "available"]
        return arguments | {
            "id": arguments["region"],
            "names": [zone["ZoneName"] for zone in found],
            "zoneIds": [zone["ZoneId"] for zone in found],
            "groupNames": [arguments["region"]],
        }

    return [
        Function(token="aws:ec2/getAmi:getAmi", function=aws.ec2.get_ami, call=get_ami),  # noqa: S106
        Function(
            token="aws:index/getAvailabilityZones:getAvailabilityZones",  # noqa: S106
            function=aws.get_availability_zones,
            call=get_availability_zones,
        ),
        Function(
            token="aws:index/getPartition:getPartition",  # noqa: S106
            function=aws.get_partition,
            call=lambda _: _partition(region()),
        ),
        Function(
            token="aws:index/getCallerIdentity:getCallerIdentity",  # noqa: S106
            function=aws.get_caller_identity,
            call=lambda _: _caller_identity(region()),
        ),
        Function(
            token="aws:index/getRegion:getRegion",  # noqa: S106
            function=aws.get_region,
            call=_region,
        ),
    ]


def _image(image: dict[str, Any], arguments: Properties) -> Properties:
    shown = from_api(image)
    return {
        "id": image["ImageId"],
        "region": arguments["region"],
        "tags": tags.from_pairs(image.get("Tags")),
        **{name: shown[name] for name in _IMAGE_OUTPUTS if name in shown},
    }


def _partition(region: str) -> Properties:
    partition = PARTITIONS[region]
    suffix = _SUFFIXES.get(partition, "amazonaws.com")
    reverse = ".".join(reversed(suffix.split(".")))
    return {
        "id": partition,
        "partition": partition,
        "dnsSuffix": suffix,
        "reverseDnsPrefix": reverse,
    }


def _caller_identity(region: str) -> Properties:
    partition = PARTITIONS[region]
    return {
        "id": ACCOUNT_ID,
        "accountId": ACCOUNT_ID,
        "arn": f"arn:{partition}:sts::{ACCOUNT_ID}:user/moto",
        "userId": "AKIAIOSFODNN7EXAMPLE",
    }


def _region(arguments: Properties) -> Properties:
    name = arguments["region"]
    return {
        "id": name,
        "name": name,
        "region": name,
        "endpoint": f"ec2.{name}.amazonaws.com",
        "description": name,
    }
