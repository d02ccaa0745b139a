"""Which images VMs boot on AWS."""

import pulumi
from pulumi_aws import ec2

from components.config import Deployment, Pool
from components.config.sourcegraph import Sourcegraph

OWNER = "185007729374"
"""The account that publishes Sourcegraph's images (terraform-aws-executors)."""


def image_id(pool: Pool, parent: pulumi.Resource) -> pulumi.Input[str]:
    """The pool's own image, else the newest of its Sourcegraph version, with a warning."""
    if pool.aws.image is not None:
        return pool.aws.image
    key, sourcegraph = f"pools.{pool.name}.aws.image", pool.executor.sourcegraph
    return _newest("sourcegraph-executors", sourcegraph, pool.aws.region, key, parent)


def mirror_image_id(
    deployment: Deployment, region: str, parent: pulumi.Resource
) -> pulumi.Input[str]:
    """The mirrors' own image, else the newest of the stack's Sourcegraph version."""
    image = deployment.docker_mirror.aws.image
    if image is not None:
        return image
    family, key = "sourcegraph-executors-docker-mirror", "dockerMirror.aws.image"
    return _newest(family, deployment.settings.sourcegraph, region, key, parent)


def _newest(
    family: str, sourcegraph: Sourcegraph, region: str, key: str, parent: pulumi.Resource
) -> pulumi.Output[str]:
    found = ec2.get_ami_output(
        region=region,
        owners=[OWNER],
        most_recent=True,
        filters=[
            {"name": "name", "values": [f"{family}-{sourcegraph.image_infix}-*"]},
            {"name": "root-device-type", "values": ["ebs"]},
            {"name": "virtualization-type", "values": ["hvm"]},
        ],
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    pulumi.log.warn(
        f"{key} is unset: the image floats with the newest of {sourcegraph.version}. "
        "Name one to change it only by a pull request.",
        parent,
    )
    return found.id
