"""What an AWS account finds there on its first day: Sourcegraph's public images."""

import hashlib
from typing import Any

from moto.ec2.models import amis, ec2_backends

from local_clouds.aws import attachments, launches, termination_hooks
from local_clouds.aws.clients import Clients

SOURCEGRAPH_ACCOUNT_ID = "185007729374"
"""Publishes the images of Sourcegraph's executors and docker mirrors."""

_IMAGES = {
    "sourcegraph-executors-6-9-1157316": "2025-10-01T12:00:00.000Z",
    "sourcegraph-executors-6-10-1234567": "2025-11-01T12:00:00.000Z",
    "sourcegraph-executors-docker-mirror-6-9-1157316": "2025-10-01T12:00:00.000Z",
    "sourcegraph-executors-docker-mirror-6-10-1234567": "2025-11-01T12:00:00.000Z",
}


def seed(endpoint: str) -> None:
    """Make the moto server at `endpoint` fit for executors: images, and complete group launches.

    The server must run in this process, else RuntimeError. What EC2 has there is forgotten, as moto
    lists the images of a region when the region is first used.
    """
    launches.install()
    attachments.install()
    termination_hooks.install()
    amis.AMIS[:] = [_image(name, created) for name, created in _IMAGES.items()]
    for regions in ec2_backends.values():
        for backend in regions.values():
            backend.reset()
    client = Clients(endpoint)("ec2", "us-east-1")
    if not client.describe_images(Owners=[SOURCEGRAPH_ACCOUNT_ID])["Images"]:
        message = f"The moto server at {endpoint} does not run in this process."
        raise RuntimeError(message)


def _image(name: str, created: str) -> dict[str, Any]:
    return {
        "ami_id": f"ami-{hashlib.sha256(name.encode()).hexdigest()[:17]}",
        "name": name,
        "description": "Sourcegraph executor",
        "owner_id": SOURCEGRAPH_ACCOUNT_ID,
        "public": True,
        "virtualization_type": "hvm",
        "architecture": "x86_64",
        "creation_date": created,
        "hypervisor": "xen",
        "root_device_type": "ebs",
        "root_device_name": "/dev/sda1",
    }
