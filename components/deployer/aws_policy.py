"""The deployer's policy on AWS."""

from collections.abc import Iterable, Mapping
from typing import Any

from components.deployer.aws_actions import ACTIONS
from components.deployer.used import Used, UsedError
from components.tags import TAG

NAME_PATTERN = "executors-*"
"""Every name that the engine makes for this program's resources begins so."""

MANAGED_POLICY_CHARACTERS = 6144
"""IAM's limit for a managed policy, without white space; inline, a role may have 10240."""

_BY_NAME = {
    "autoscaling": "autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/{name}",
    "cloudwatch": "cloudwatch:*:*:alarm:{name}",
    "logs": "logs:*:*:log-group:{name}",
    "secretsmanager": "secretsmanager:*:*:secret:{name}",
}
"""ARN of what a service names, by the service's prefix."""

_IAM_KINDS = {
    "InstanceProfile": "instance-profile",
    "Role": "role",
    "User": "user",
    "Policy": "policy",
}
_IAM_ON_USERS = (
    "AccessKey",
    "LoginProfile",
    "MFADevice",
    "SSHPublicKey",
    "ServiceSpecificCredential",
    "SigningCertificate",
    "User",
)
_UNSCOPED = (
    "autoscaling:Describe",
    "cloudwatch:Describe",
    "ec2:Describe",
    "iam:ListVirtualMFADevices",
    "logs:Describe",
)

_NEW_IN_EC2 = ("ec2:Create", "ec2:RunInstances", "ec2:AllocateAddress")
_ON_EXISTING = ("ec2:CreateTags", "ec2:CreateRoute", "ec2:CreateLaunchTemplateVersion")
"""Actions called Create that change what is there already."""

_TO_VMS = "iam:PassRole"
_LINKED = "iam:CreateServiceLinkedRole"


def policy(used: Used, name_pattern: str = NAME_PATTERN) -> dict[str, Any]:
    """The policy document for `preview`, `up`, `refresh` and `destroy` of a stack.

    Services that know names are limited to `name_pattern`; EC2, which has none, to what carries the
    stack's `executor_tag`, except for what is about to be made. Raises UsedError for a resource
    type that this program does not use, and for a stack without AWS.
    """
    kinds = sorted(kind for kind in used.types if kind.startswith("aws:"))
    unknown = [kind for kind in kinds if kind not in ACTIONS]
    if unknown:
        raise UsedError(
            f"{', '.join(unknown)}: no type of this program, so its actions are unknown"
        )
    if not kinds:
        raise UsedError("the stack uses nothing on AWS; ask for `gcp`")
    actions = sorted({action for kind in kinds for action in ACTIONS[kind]})
    partition = _partition(used.regions)
    statements = {
        "Read": _statement(filter(_is_unscoped, actions)),
        "NewInEc2": _statement(filter(_makes, actions)),
        "TagWhatIsMade": _statement(
            (a for a in actions if a == "ec2:CreateTags"),
            condition={"StringLike": {"ec2:CreateAction": "*"}},
        ),
        "OwnInEc2": _statement(
            filter(_changes, actions),
            condition={"StringEquals": {f"aws:ResourceTag/{TAG}": sorted(used.instance_tags)}},
        ),
        "SecurityGroupRules": _statement(
            (a for a in actions if a.startswith("ec2:AuthorizeSecurityGroup")),
            [f"arn:{partition}:ec2:*:*:security-group-rule/*"],
        ),
        **{
            service.capitalize(): _statement(
                (a for a in actions if a.startswith(f"{service}:") and not _is_unscoped(a)),
                [f"arn:{partition}:{arn.format(name=name_pattern)}"],
            )
            for service, arn in _BY_NAME.items()
        },
        **{
            f"Iam{kind.title().replace('-', '')}": _statement(
                (a for a in actions if _iam_kind(a) == kind),
                [f"arn:{partition}:iam::*:{kind}/{name_pattern}"],
            )
            for kind in _IAM_KINDS.values()
        },
        "PassRole": _statement(
            (a for a in actions if a == _TO_VMS),
            [f"arn:{partition}:iam::*:role/{name_pattern}"],
            {"StringEquals": {"iam:PassedToService": _ec2_service(partition)}},
        ),
        "FirstGroupOfTheAccount": _statement(
            (a for a in actions if a == _LINKED),
            [f"arn:{partition}:iam::*:role/aws-service-role/autoscaling.amazonaws.com/*"],
            {"StringEquals": {"iam:AWSServiceName": "autoscaling.amazonaws.com"}},
        ),
    }
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": sid, **statement}
            for sid, statement in statements.items()
            if statement["Action"]
        ],
    }


def _statement(
    actions: Iterable[str],
    resources: list[str] | None = None,
    condition: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    limits = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources or ["*"], **limits}


def _is_unscoped(action: str) -> bool:
    return action.startswith(_UNSCOPED)


def _makes(action: str) -> bool:
    return action.startswith(_NEW_IN_EC2) and action not in _ON_EXISTING


def _changes(action: str) -> bool:
    return action.startswith("ec2:") and not _makes(action) and not _is_unscoped(action)


def _iam_kind(action: str) -> str | None:
    service, _, verb = action.partition(":")
    if service != "iam" or _is_unscoped(action) or action in (_TO_VMS, _LINKED):
        return None
    if any(owned in verb for owned in _IAM_ON_USERS):
        return "user"
    if verb == "ListInstanceProfilesForRole":
        return "role"
    return next(kind for word, kind in _IAM_KINDS.items() if word in verb)


def _partition(regions: frozenset[str]) -> str:
    for start, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if any(region.startswith(start) for region in regions):
            return partition
    return "aws"


def _ec2_service(partition: str) -> str:
    return "ec2.amazonaws.com.cn" if partition == "aws-cn" else "ec2.amazonaws.com"
