"""The identity of a pool's VMs on AWS."""

from typing import Any

import pulumi
import pulumi_aws as aws
from pulumi_aws import iam

from components.args import IdentityArgs
from components.config import Deployment
from components.tags import own_tags, tags

SESSION = [
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
]
"""What an SSM session needs (Systems Manager guide, "Setting up Session Manager permissions")."""

_OWN_GROUP = "autoscaling:DescribeAutoScalingInstances"
"""How a VM learns its group's name; the action knows no resources."""

_DRAINING = [
    "autoscaling:CompleteLifecycleAction",
    "autoscaling:RecordLifecycleActionHeartbeat",
    "autoscaling:TerminateInstanceInAutoScalingGroup",
]

SHIPPING = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]


class Identity(pulumi.ComponentResource):
    """A role that may ship logs into one group, open an SSM session, read the pool's secrets, and
    drain and end VMs of the pool's group.

    Makes: `iam.Role`, `iam.RolePolicy`, `iam.InstanceProfile`.
    """

    principal: pulumi.Output[str]
    """ARN of the role."""
    profile: pulumi.Output[str]
    """ARN of the instance profile."""

    def __init__(
        self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:Identity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        labels = tags(args.deployment, args.pool)
        role = ec2_role(name, args.deployment, labels, self)
        policy = iam.RolePolicy(
            name,
            role=role.name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Action": [*SESSION, _OWN_GROUP], "Resource": "*"},
                        {
                            "Effect": "Allow",
                            "Action": SHIPPING,
                            "Resource": pulumi.Output.format("{0}:*", args.log_group_arn),
                        },
                        {
                            "Effect": "Allow",
                            "Action": _DRAINING,
                            # The group is made after the role: its tags tell it apart.
                            "Resource": "*",
                            "Condition": {
                                "StringEquals": {
                                    f"autoscaling:ResourceTag/{key}": value
                                    for key, value in own_tags(args.deployment, args.pool).items()
                                }
                            },
                        },
                        {
                            "Effect": "Allow",
                            "Action": "secretsmanager:GetSecretValue",
                            "Resource": list(args.secrets.references.values()),
                        },
                        *([] if args.key is None else [decrypting_secrets(args.key)]),
                    ],
                }
            ),
            opts=child,
        )
        profile = iam.InstanceProfile(name, role=role.name, tags=labels, opts=child)
        self.principal = role.arn
        # Resolves once the policy exists: a VM that boots earlier could not read its secrets.
        self.profile = pulumi.Output.all(profile.arn, policy.id).apply(lambda both: both[0])
        self.register_outputs({"principal": self.principal, "profile": self.profile})


def decrypting_secrets(key: pulumi.Input[str]) -> dict[str, Any]:
    """The statement that lets VMs read secrets under a key of the customer's own."""
    return {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": key,
        "Condition": {"StringLike": {"kms:ViaService": "secretsmanager.*"}},
    }


def ec2_role(
    name: str, deployment: Deployment, labels: dict[str, str], parent: pulumi.Resource
) -> iam.Role:
    """A role that VMs may take, inside the stack's boundary, as a child of `parent`."""
    partition = aws.get_partition_output(opts=pulumi.InvokeOutputOptions(parent=parent))
    service = pulumi.Output.concat("ec2.", partition.dns_suffix)
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    return iam.Role(
        name,
        assume_role_policy=pulumi.Output.json_dumps(
            {"Version": "2012-10-17", "Statement": [trust]}
        ),
        permissions_boundary=deployment.settings.permissions_boundary,
        tags=labels,
        opts=pulumi.ResourceOptions(parent=parent),
    )
