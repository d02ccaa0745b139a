"""The identity of the flat program's pool on AWS."""

import pulumi
from pulumi_aws import cloudwatch, iam

from tests.bench.flat.literals import AWS_POOL_TAGS

_POLICY = (
    '{{"Version": "2012-10-17", "Statement": ['
    '{{"Effect": "Allow", "Action": ["ssm:UpdateInstanceInformation", '
    '"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", '
    '"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel", '
    '"autoscaling:DescribeAutoScalingInstances"], "Resource": "*"}}, '
    '{{"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", '
    '"logs:PutLogEvents"], "Resource": "{0}:*"}}, '
    '{{"Effect": "Allow", "Action": ["autoscaling:CompleteLifecycleAction", '
    '"autoscaling:RecordLifecycleActionHeartbeat", '
    '"autoscaling:TerminateInstanceInAutoScalingGroup"], "Resource": "*", '
    '"Condition": {{"StringEquals": {{"autoscaling:ResourceTag/executor_tag": "executors-dev", '
    '"autoscaling:ResourceTag/executor_pool": "codeintel"}}}}}}, '
    '{{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": ["{1}"]}}]}}'
)


def declare(
    logs: cloudwatch.LogGroup, token: pulumi.Output[str]
) -> tuple[iam.InstanceProfile, iam.RolePolicy]:
    """A profile, and the policy without which its VMs could do nothing."""
    role = iam.Role(
        "executors-codeintel",
        assume_role_policy=(
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
            '"Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]}'
        ),
        tags=AWS_POOL_TAGS,
    )
    policy = iam.RolePolicy(
        "executors-codeintel",
        role=role.name,
        policy=pulumi.Output.format(_POLICY, logs.arn, token),
    )
    profile = iam.InstanceProfile("executors-codeintel", role=role.name, tags=AWS_POOL_TAGS)
    return profile, policy
