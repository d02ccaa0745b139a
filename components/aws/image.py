"""Which image a pool's VMs boot on AWS."""

import pulumi
from pulumi_aws import ec2

from components.config import Pool

OWNER = "185007729374"
"""The account that publishes Sourcegraph's images (terraform-aws-executors)."""


def image_id(pool: Pool, parent: pulumi.Resource) -> pulumi.Input[str]:
    """The pool's own image, else the newest of its Sourcegraph version, with a warning."""
    placement, sourcegraph = pool.aws, pool.executor.sourcegraph
    if placement.image is not None:
        return placement.image
    found = ec2.get_ami_output(
        region=placement.region,
        owners=[OWNER],
        most_recent=True,
        filters=[
            {"name": "name", "values": [f"sourcegraph-executors-{sourcegraph.image_infix}-*"]},
            {"name": "root-device-type", "values": ["ebs"]},
            {"name": "virtualization-type", "values": ["hvm"]},
        ],
        opts=pulumi.InvokeOutputOptions(parent=parent),
    )
    pulumi.log.warn(
        f"pools.{pool.name}.aws.image is unset: the image floats with the newest of "
        f"{sourcegraph.version}. Name one to change it only by a pull request.",
        parent,
    )
    return found.id
