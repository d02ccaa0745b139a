"""Permissions that grow."""

import json
from typing import Any

import pytest

from preview.values import UNKNOWN
from tests.review.steps import rules, step

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"


def _policy(*statements: dict[str, Any]) -> dict[str, str]:
    return {"policy": json.dumps({"Version": "2012-10-17", "Statement": list(statements)})}


def _allow(action: Any, resource: Any = "arn:aws:s3:::b", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


IF = {"StringEquals": {"aws:ResourceTag/a": "b"}}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([_allow("s3:GetObject")], [_allow(["s3:GetObject", "s3:PutObject"])]),
        ([_allow("s3:GetObject")], [_allow("s3:Get*")]),
        ([_allow("s3:GetObject")], [_allow("s3:GetObject", "*")]),
        ([_allow("s3:GetObject", Condition=IF)], [_allow("s3:GetObject")]),
        ([_allow("s3:*"), {**_allow("s3:Put*"), "Effect": "Deny"}], [_allow("s3:*")]),
        ([_allow("s3:GetObject")], [{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
    ],
)
def test_a_policy_that_allows_more_is_told(old: list[Any], new: list[Any]) -> None:
    change = step("update", ROLE_POLICY, old=_policy(*old), new=_policy(*new))
    assert rules(change) == {"Widened permissions"}
    back = step("update", ROLE_POLICY, old=_policy(*new), new=_policy(*old))
    assert rules(back) == set()


def test_a_policy_that_nobody_can_read_yet_is_told() -> None:
    change = step("update", ROLE_POLICY, old=_policy(_allow("s3:Get")), new={"policy": UNKNOWN})
    assert rules(change) == {"Widened permissions"}


def test_a_new_pool_has_permissions_of_its_own_unless_they_are_broad() -> None:
    modest = step("create", ROLE_POLICY, new=_policy(_allow("s3:GetObject")))
    broad = step("create", ROLE_POLICY, new=_policy(_allow("s3:*")))
    assert rules(modest, pool="create") == set()
    assert rules(modest) == {"Widened permissions"}
    assert rules(broad, pool="create") == {"Widened permissions"}


def test_whoever_may_become_a_role_is_judged_too() -> None:
    def trust(principal: Any) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
        return {"assumeRolePolicy": json.dumps({"Statement": [statement]})}

    old = trust({"Service": "ec2.amazonaws.com"})
    new = trust({"Service": "ec2.amazonaws.com", "AWS": "*"})
    assert rules(step("update", "aws:iam/role:Role", old=old, new=new)) == {"Widened permissions"}
    assert rules(step("update", "aws:iam/role:Role", old=new, new=old)) == set()
    assert rules(step("create", "aws:iam/role:Role", new=old), pool="create") == set()


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["arn:aws:iam::1:root", "*"]}])
def test_a_new_role_that_anybody_may_become_is_told(principal: Any) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    trust = {"assumeRolePolicy": json.dumps({"Statement": [statement]})}
    role = step("create", "aws:iam/role:Role", new=trust)
    assert rules(role, pool="create") == {"Widened permissions"}
    denied = json.dumps({"Statement": [{**statement, "Effect": "Deny"}]})
    closed = step("create", "aws:iam/role:Role", new={"assumeRolePolicy": denied})
    assert rules(closed, pool="create") == set()


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("gcp:projects/iAMMember:IAMMember", {"role": "roles/editor", "member": "x"}),
        ("gcp:projects/iAMCustomRole:IAMCustomRole", {"permissions": ["compute.instances.delete"]}),
        (
            "gcp:secretmanager/secretIamMember:SecretIamMember",
            {"role": "roles/secretmanager.secretAccessor", "member": "x", "secretId": "s"},
        ),
        ("aws:kms/grant:Grant", {"operations": ["Decrypt"], "keyId": "k"}),
        (
            "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",
            {"role": "roles/cloudkms.cryptoKeyDecrypter", "member": "x", "cryptoKeyId": "k"},
        ),
        ("aws:iam/rolePolicyAttachment:RolePolicyAttachment", {"policyArn": "arn:aws:iam::x"}),
    ],
)
def test_a_new_grant_to_somebody_who_exists_is_told(kind: str, inputs: dict[str, Any]) -> None:
    assert rules(step("create", kind, new=inputs)) == {"Widened permissions"}
    assert rules(step("same", kind, old=inputs, new=inputs)) == set()


def test_a_grant_to_everybody_is_told_even_of_a_new_pool() -> None:
    inputs = {"role": "roles/run.invoker", "member": "allUsers"}
    grant = step("create", "gcp:projects/iAMMember:IAMMember", new=inputs)
    assert rules(grant, pool="create") == {"Widened permissions"}
