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

_NAMED = {
    "autoscaling": ("autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/",),
    "cloudwatch": ("cloudwatch:*:*:alarm:",),
    "iam": ("iam::*:instance-profile/", "iam::*:policy/", "iam::*:role/", "iam::*:user/"),
    "logs": ("logs:*:*:log-group:",),
    "secretsmanager": ("secretsmanager:*:*:secret:",),
}
"""ARNs up to the name of what a service names."""

_UNSCOPED = (
    "autoscaling:Describe",
    "cloudwatch:Describe",
    "ec2:Describe",
    "ec2:GetSubnetCidrReservations",
    "iam:ListVirtualMFADevices",
    "logs:Describe",
)

_NEW_IN_EC2 = ("ec2:Create", "ec2:RunInstances", "ec2:AllocateAddress")
_WITHOUT_TAGS = ("ec2:DeleteSubnetCidrReservation",)
"""Actions on what cannot carry a tag here."""
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
    services = {action.partition(":")[0] for action in actions}
    named = [
        f"arn:{partition}:{arn}{name_pattern}"
        for s in sorted(services & _NAMED.keys())
        for arn in _NAMED[s]
    ]
    statements = {
        "ReadsAndBirths": _statement(filter(_is_unlimited, actions)),
        "OwnByName": _statement(filter(_is_named, actions), named),
        "OwnByTag": _statement(
            filter(_is_tagged, actions),
            condition={"StringEquals": {f"aws:ResourceTag/{TAG}": sorted(used.instance_tags)}},
        ),
        "OwnKeys": _statement(
            (a for a in actions if a.startswith("kms:")),
            sorted(used.keys) or [f"arn:{partition}:kms:*:*:key/*"],
        ),
        "TagsOfWhatIsMade": _statement(
            (a for a in actions if a == "ec2:CreateTags"),
            condition={"StringLike": {"ec2:CreateAction": "*"}},
        ),
        "NewRules": _statement(
            (a for a in actions if a.startswith("ec2:AuthorizeSecurityGroup")),
            [f"arn:{partition}:ec2:*:*:security-group-rule/*"],
        ),
        "RolesOfVms": _statement(
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
    return {"Effect": "Allow", "Action": list(actions), "Resource": resources or "*", **limits}


def _is_unlimited(action: str) -> bool:
    born = action.startswith(_NEW_IN_EC2) and action not in _ON_EXISTING
    return born or action.startswith(_UNSCOPED) or action in _WITHOUT_TAGS


def _is_named(action: str) -> bool:
    service = action.partition(":")[0]
    return service in _NAMED and not _is_unlimited(action) and action not in (_TO_VMS, _LINKED)


def _is_tagged(action: str) -> bool:
    return action.startswith("ec2:") and not _is_unlimited(action)


def _partition(regions: frozenset[str]) -> str:
    for start, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if any(region.startswith(start) for region in regions):
            return partition
    return "aws"


def _ec2_service(partition: str) -> str:
    return "ec2.amazonaws.com.cn" if partition == "aws-cn" else "ec2.amazonaws.com"
