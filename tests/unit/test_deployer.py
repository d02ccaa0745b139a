"""The deployer's policy and role: exact names, narrow scopes, refusals."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from components.deployer import Used, UsedError, policy, read, role
from components.deployer.aws_actions import ACTIONS
from components.deployer.aws_policy import MANAGED_POLICY_CHARACTERS
from components.deployer.gcp_permissions import PERMISSIONS
from tests import stacks
from tests.recorder import run

NOT_CALLS = {"iam:PassRole"}
"""Checked on the caller's behalf; no operation of the API."""

ALL = Used(
    types=frozenset([*ACTIONS, *PERMISSIONS]),
    regions=frozenset({"us-east-1"}),
    instance_tags=frozenset({"executors-dev"}),
)


def statements(used: Used = ALL) -> dict[str, dict[str, Any]]:
    return {one["Sid"]: one for one in policy(used)["Statement"]}


def test_every_action_is_an_operation_of_its_service() -> None:
    session = botocore.session.Session()
    for action in sorted({action for actions in ACTIONS.values() for action in actions}):
        service, _, operation = action.partition(":")
        names = session.get_service_model(service).operation_names
        assert operation in names or action in NOT_CALLS, action


def test_every_action_is_granted_once_or_with_a_condition() -> None:
    wanted = {action for actions in ACTIONS.values() for action in actions}
    granted = [(a, "Condition" in s) for s in statements().values() for a in s["Action"]]
    assert {action for action, _ in granted} == wanted
    twice = {a for a, _ in granted if [name for name, _ in granted].count(a) > 1}
    assert twice == {
        "ec2:CreateTags",
        "ec2:AuthorizeSecurityGroupEgress",
        "ec2:AuthorizeSecurityGroupIngress",
    }


def test_only_reads_and_births_are_unlimited() -> None:
    free = {
        action
        for statement in statements().values()
        for action in statement["Action"]
        if statement["Resource"] == ["*"] and "Condition" not in statement
    }
    verbs = ("Describe", "Create", "List", "RunInstances")
    assert [a for a in free if not a.partition(":")[2].startswith(verbs)] == []
    assert "ec2:CreateTags" not in free


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:ListInstanceProfilesForRole", "role/executors-*"),
        ("iam:AddRoleToInstanceProfile", "instance-profile/executors-*"),
        ("iam:PutUserPolicy", "user/executors-*"),
        ("iam:ListAccessKeys", "user/executors-*"),
        ("iam:CreatePolicyVersion", "policy/executors-*"),
        ("iam:PutRolePolicy", "role/executors-*"),
        ("secretsmanager:GetSecretValue", "secret:executors-*"),
        ("logs:DeleteLogGroup", "log-group:executors-*"),
        ("cloudwatch:PutMetricAlarm", "alarm:executors-*"),
        ("autoscaling:DeleteAutoScalingGroup", "autoScalingGroupName/executors-*"),
    ],
)
def test_what_has_a_name_is_limited_to_the_programs_names(action: str, resource: str) -> None:
    (found,) = [s["Resource"] for s in statements().values() if action in s["Action"]]
    assert [one.partition(":*:")[2] or one for one in found]
    assert all(one.endswith(resource) for one in found)


def test_every_name_of_the_program_fits_that_pattern() -> None:
    made = [one for one in run(stacks.everything()).all if one.custom]
    fixed = {"LifecycleHook"}  # part of its group
    names = [one.name for one in made if one.type.rpartition(":")[2] not in fixed]
    assert [name for name in names if not name.startswith("executors-")] == []


def test_a_small_stack_gets_a_small_policy() -> None:
    used = Used(
        types=frozenset({"aws:ec2/route:Route"}),
        regions=frozenset(),
        instance_tags=frozenset({"executors-x"}),
    )
    actions = {action for one in policy(used)["Statement"] for action in one["Action"]}
    assert actions == set(ACTIONS["aws:ec2/route:Route"])
    assert statements(used)["OwnInEc2"]["Condition"] == {
        "StringEquals": {"aws:ResourceTag/executor_tag": ["executors-x"]}
    }


def test_the_largest_policy_is_a_managed_policy() -> None:
    size = len("".join(json.dumps(policy(ALL)).split()))
    assert size <= MANAGED_POLICY_CHARACTERS


@pytest.mark.parametrize(
    ("region", "partition", "service"),
    [
        ("cn-north-1", "aws-cn", "ec2.amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "ec2.amazonaws.com"),
        ("eu-west-1", "aws", "ec2.amazonaws.com"),
    ],
)
def test_arns_are_of_the_partition(region: str, partition: str, service: str) -> None:
    used = Used(types=ALL.types, regions=frozenset({region}), instance_tags=ALL.instance_tags)
    found = statements(used)["PassRole"]
    assert found["Resource"] == [f"arn:{partition}:iam::*:role/executors-*"]
    assert found["Condition"] == {"StringEquals": {"iam:PassedToService": service}}


EXPORT = {
    "version": 3,
    "deployment": {
        "resources": [
            {"type": "pulumi:pulumi:Stack"},
            {"type": "executors:aws:Network"},
            {
                "type": "aws:ec2/vpc:Vpc",
                "inputs": {"region": "us-east-1", "tags": {"executor_tag": "executors-prod"}},
            },
        ]
    },
}
PREVIEW = {
    "steps": [
        {"op": "create", "newState": {"type": "gcp:compute/network:Network", "inputs": {}}},
        {
            "op": "update",
            "oldState": {
                "type": "aws:ec2/vpc:Vpc",
                "inputs": {"region": "us-east-1", "tags": {"executor_tag": "old"}},
            },
            "newState": {
                "type": "aws:ec2/vpc:Vpc",
                "inputs": {"region": "us-east-1", "tags": {"executor_tag": "new"}},
            },
        },
    ]
}


def test_a_state_and_a_preview_are_read() -> None:
    assert read(EXPORT) == Used(
        types=frozenset({"aws:ec2/vpc:Vpc"}),
        regions=frozenset({"us-east-1"}),
        instance_tags=frozenset({"executors-prod"}),
    )
    used = read(PREVIEW)
    assert used.types == {"aws:ec2/vpc:Vpc", "gcp:compute/network:Network"}
    assert used.instance_tags == {"old", "new"}


@pytest.mark.parametrize("document", [{}, [], None, {"deployment": {"resources": []}}])
def test_another_document_is_refused(document: Any) -> None:
    with pytest.raises(UsedError, match="pulumi stack export"):
        read(document)


def test_a_type_that_is_not_the_programs_is_refused() -> None:
    used = Used(
        types=frozenset({"aws:s3/bucket:Bucket", "gcp:storage/bucket:Bucket"}),
        regions=frozenset(),
        instance_tags=frozenset(),
    )
    with pytest.raises(UsedError, match="aws:s3/bucket:Bucket"):
        policy(used)
    with pytest.raises(UsedError, match="gcp:storage/bucket:Bucket"):
        role(used)


def test_a_cloud_that_the_stack_does_not_use_is_refused() -> None:
    with pytest.raises(UsedError, match="nothing on GCP; ask for `aws`"):
        role(read(EXPORT))
    with pytest.raises(UsedError, match="nothing on AWS; ask for `gcp`"):
        policy(Used(types=frozenset(PERMISSIONS), regions=frozenset(), instance_tags=frozenset()))


def command(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "components.deployer", *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_what_the_functions_return(tmp_path: Path) -> None:
    done = command("aws", given=json.dumps(EXPORT))
    assert json.loads(done.stdout) == policy(read(EXPORT))
    file = tmp_path / "preview.json"
    file.write_text(json.dumps(PREVIEW))
    assert json.loads(command("gcp", str(file)).stdout) == role(read(PREVIEW))


@pytest.mark.parametrize("given", ["", "{}", "no JSON"])
def test_the_command_says_what_it_cannot_read(given: str) -> None:
    done = command("aws", given=given)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
