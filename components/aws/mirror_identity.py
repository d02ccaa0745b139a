"""The identity of a docker mirror's VM on AWS."""

from typing import Any

import pulumi
from pulumi_aws import cloudwatch, ebs, iam

from components.args import DockerMirrorArgs
from components.aws.identity import SESSION, SHIPPING, decrypting_secrets, ec2_role
from components.tags import TAG, mirror_tags

NAMESPACE = "sourcegraph-docker-mirror"
"""CloudWatch namespace in which mirrors tell how full their disk is."""


def mirror_profile(
    name: str,
    args: DockerMirrorArgs,
    volume: ebs.Volume,
    logs: cloudwatch.LogGroup,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """ARN of an instance profile, as a child of `parent`.

    Its role may ship logs into one group, open an SSM session, attach the one volume, claim
    addresses for mirrors of the stack, tell how full the disk is, and read the upstream's account.
    """
    child, labels = pulumi.ResourceOptions(parent=parent), mirror_tags(args.deployment)
    role = ec2_role(name, args.deployment, labels, parent)
    own = {"StringEquals": {f"aws:ResourceTag/{TAG}": args.deployment.mirror_tag}}
    partition = logs.arn.apply(lambda arn: arn.split(":")[1])
    statements: list[Any] = [
        _allow(SESSION, "*"),
        _allow(SHIPPING, pulumi.Output.format("{0}:*", logs.arn)),
        _allow(["ec2:AttachVolume"], volume.arn),
        _allow(
            ["ec2:AttachVolume"], pulumi.Output.format("arn:{0}:ec2:*:*:instance/*", partition), own
        ),
        _allow(
            ["ec2:AssignPrivateIpAddresses"],
            pulumi.Output.format("arn:{0}:ec2:*:*:network-interface/*", partition),
            own,
        ),
        # PutMetricData has no resource; its namespace is a condition key.
        _allow(
            ["cloudwatch:PutMetricData"],
            "*",
            {"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        ),
    ]
    secrets = list(args.secrets.references.values())
    if secrets:
        statements.append(_allow(["secretsmanager:GetSecretValue"], secrets))
    key = args.keys.get(args.pools[0].aws.region)
    if key is not None:
        statements += [decrypting_secrets(key), *_attaching(key)]
    policy = iam.RolePolicy(
        name,
        role=role.name,
        policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": statements}),
        opts=child,
    )
    profile = iam.InstanceProfile(name, role=role.name, tags=labels, opts=child)
    # Resolves once the policy exists: a VM that boots earlier could not take its disk.
    return pulumi.Output.all(profile.arn, policy.id).apply(lambda both: both[0])


def _attaching(key: pulumi.Input[str]) -> list[dict[str, Any]]:
    """Whoever attaches a disk under a key hands the key on to EC2 (EBS guide, "Permissions")."""
    through_ec2 = {"StringLike": {"kms:ViaService": "ec2.*"}}
    for_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        _allow(["kms:Decrypt", "kms:DescribeKey"], key, through_ec2),
        _allow(["kms:CreateGrant"], key, {**through_ec2, **for_aws}),
    ]


def _allow(
    actions: list[str], resource: Any, condition: dict[str, Any] | None = None
) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    return statement if condition is None else {**statement, "Condition": condition}
