"""Each rule where it must speak and where it must not."""

import json
from typing import Any

import pytest

from preview import read
from preview.values import SECRET, UNKNOWN
from review import comment, red_lines
from review.secrets import is_secret_name
from tests.review.steps import POOL, preview, step

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
FIREWALL = "gcp:compute/firewall:Firewall"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ASG = "aws:autoscaling/group:Group"
MIG = "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager"


def rules(*steps: dict[str, Any], **kwargs: Any) -> set[str]:
    return {line.rule for line in red_lines(preview(*steps, **kwargs))}


def _aws(cidr: str, low: int = 22, high: int = 22) -> dict[str, Any]:
    return {"cidrIpv4": cidr, "ipProtocol": "tcp", "fromPort": low, "toPort": high}


def _gcp(*ranges: str, **more: Any) -> dict[str, Any]:
    allows = [{"protocol": "tcp", "ports": ["22"]}]
    return {"sourceRanges": list(ranges), "allows": allows, **more}


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (INGRESS, _aws("0.0.0.0/0")),
        (INGRESS, _aws("203.0.114.7/32")),
        (INGRESS, _aws(UNKNOWN)),
        (INGRESS, {"cidrIpv6": "::/0", "ipProtocol": "-1"}),
        (GROUP, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"], "protocol": "-1"}]}),
        (FIREWALL, _gcp("10.0.0.0/8", "0.0.0.0/0")),
        (FIREWALL, {"allows": [{"protocol": "all"}]}),
    ],
)
def test_a_port_that_opens_to_the_world_is_exposure(kind: str, inputs: dict[str, Any]) -> None:
    assert rules(step("create", kind, new=inputs)) == {"Public exposure"}


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (INGRESS, _aws("10.1.0.0/16")),
        (GROUP, {"egress": [{"cidrBlocks": ["0.0.0.0/0"], "protocol": "-1"}]}),
        (FIREWALL, _gcp("35.235.240.0/20")),
        (FIREWALL, _gcp("0.0.0.0/0", direction="EGRESS")),
        (FIREWALL, _gcp("0.0.0.0/0", disabled=True)),
        (FIREWALL, {"sourceTags": ["bastion"], "allows": [{"protocol": "all"}]}),
    ],
)
def test_a_private_source_is_none(kind: str, inputs: dict[str, Any]) -> None:
    assert rules(step("create", kind, new=inputs)) == set()


def test_what_was_open_already_is_not_told_again() -> None:
    old = _aws("0.0.0.0/0", 0, 65535)
    assert rules(step("update", INGRESS, old=old, new=_aws("203.0.114.0/24"))) == set()
    assert rules(step("update", INGRESS, old=_aws("203.0.114.0/24"), new=old)) == {
        "Public exposure"
    }


def test_another_port_of_the_same_range_is_told() -> None:
    old, new = _aws("203.0.114.0/24", 22, 22), _aws("203.0.114.0/24", 22, 443)
    assert rules(step("update", INGRESS, old=old, new=new)) == {"Public exposure"}


def test_a_vm_that_gets_a_public_address_is_exposure() -> None:
    def template(public: str) -> dict[str, Any]:
        return {"networkInterfaces": [{"associatePublicIpAddress": public}]}

    group = step("same", ASG, old={"minSize": 0, "maxSize": 1}, new={"minSize": 0, "maxSize": 1})
    kind = "aws:ec2/launchTemplate:LaunchTemplate"
    opened = step("update", kind, old=template("false"), new=template("true"))
    closed = step("update", kind, old=template("true"), new=template("false"))
    assert rules(group, opened) == {"Public exposure"}
    kept = step("update", kind, old=template("true"), new={**template("true"), "imageId": "b"})
    assert rules(group, closed) == set()
    assert rules(group, kept) == set()


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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"secretString": SECRET}, {"secretString": "hunter2"}),
        ({}, {"password": "hunter2"}),
        ({"note": SECRET}, {"note": "hunter2"}),
        ({}, {"value": f"ghp_{'a' * 36}"}),
        ({}, {"value": "https://user:hunter2@registry.example.com"}),
        ({}, {"value": "-----BEGIN RSA PRIVATE KEY-----"}),
    ],
)
def test_a_secret_in_a_property_is_told_but_not_shown(
    old: dict[str, str], new: dict[str, str]
) -> None:
    lines = red_lines(preview(step("update", "aws:x/y:Y", old=old, new=new)))
    assert {line.rule for line in lines} == {"Secret in clear"}
    assert not any("hunter2" in line.text or "aaaa" in line.text for line in lines)


@pytest.mark.parametrize(
    "new",
    [
        {"secretString": SECRET},
        {"secretString": UNKNOWN},
        {"secretId": "projects/p/secrets/s"},
        {"metadataOptions": {"httpTokens": "required"}},
        {"token": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"},
    ],
)
def test_a_reference_to_a_secret_is_none(new: dict[str, Any]) -> None:
    assert rules(step("update", "aws:x/y:Y", old={"secretString": SECRET}, new=new)) == set()


@pytest.mark.parametrize(
    "name",
    [
        "secretKey",
        "SECRET_KEY",
        "AWS_SECRET_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "SSH_KEY",
        "ENCRYPTION_KEY",
        "SIGNING_KEY",
        "GITHUB_PAT",
        "githubPat",
        "DB_PASS",
        "dbPass",
        "passphrase",
        "GPG_PASSPHRASE",
        "SRC_ACCESS_TOKEN",
    ],
)
def test_a_name_of_a_secret_is_known(name: str) -> None:
    assert is_secret_name(name)
    assert is_secret_name(f"pools.codeintel.environment.{name}")


@pytest.mark.parametrize(
    "name",
    [
        "NPM_TOKEN_FILE",
        "secretId",
        "encryptionKeys[0]",
        "kmsKeyId",
        "sshPublicKey",
        "PATH",
        "compat",
        "bypass",
        "COMPAT",
    ],
)
def test_a_name_of_something_else_is_none(name: str) -> None:
    assert not is_secret_name(name)


def test_a_providers_secret_in_the_stack_file_is_told_and_an_id_is_not() -> None:
    component = {"op": "same", "urn": POOL, "newState": {"parent": ""}, "oldState": {"parent": ""}}
    config = {"aws:accessKey": "AKIAIOSFODNN7EXAMPLE", "aws:secretKey": "hunter2"}
    (line,) = red_lines(read(json.dumps({"config": config, "steps": [component]})))
    assert (line.rule, line.place) == ("Secret in clear", "stack file")
    assert "`secretKey`" in line.text
    assert "hunter2" not in line.text


def test_a_secret_in_the_stack_file_is_told_by_its_path() -> None:
    pools = {"codeintel": {"environment": {"NPM_TOKEN": "hunter2", "NPM_TOKEN_FILE": "/run/t"}}}
    (line,) = red_lines(preview(pools=pools))
    assert "pools.codeintel.environment.NPM_TOKEN" in line.text
    assert "hunter2" not in line.text


@pytest.mark.parametrize(
    ("kind", "sizes"), [(ASG, {"minSize": 0, "maxSize": 3}), (MIG, {"targetSize": 2})]
)
@pytest.mark.parametrize("op", ["replace", "delete", "create-replacement"])
def test_a_group_that_goes_while_it_may_run_jobs_is_told(
    kind: str, sizes: dict[str, int], op: str
) -> None:
    new = None if op == "delete" else sizes
    assert rules(step(op, kind, old=sizes, new=new)) == {"Jobs are interrupted"}
    paused = dict.fromkeys(sizes, 0)
    assert rules(step(op, kind, old=paused, new=new)) == set()


@pytest.mark.parametrize(
    ("kind", "new"),
    [
        (ASG, {"minSize": 0, "maxSize": 3, "instanceRefresh": {"strategy": "Rolling"}}),
        (MIG, {"targetSize": 2, "updatePolicy": {"type": "PROACTIVE"}}),
    ],
)
def test_a_rollout_that_ends_running_vms_is_told(kind: str, new: dict[str, Any]) -> None:
    old = {key: value for key, value in new.items() if key.endswith("Size")}
    assert rules(step("update", kind, old=old, new=new)) == {"Jobs are interrupted"}


def test_a_refresh_that_only_reads_changes_nothing() -> None:
    read_only = step("refresh", ASG, old={"maxSize": 3}, new={"maxSize": 9})
    same = step("same", ASG, old={"maxSize": 3}, new={"maxSize": 3})
    found = preview(read_only, same)
    assert {change.operation for change in found.changes} == {"same"}


def _gcp_pool(
    before: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A group with its autoscaler, or without one where a side has a fixed size."""
    kind = "gcp:compute/regionAutoscaler:RegionAutoscaler"
    sides = [
        None if "targetSize" in side else {"autoscalingPolicy": side} for side in (before, after)
    ]
    fixed = [side if "targetSize" in side else {} for side in (before, after)]
    op = "update" if all(sides) else "delete" if sides[0] else "create" if sides[1] else "same"
    scaler = step(op, kind, old=sides[0], new=sides[1])
    return step("update", MIG, old=fixed[0], new=fixed[1]), scaler


def _scaled(largest: int, mode: str = "ONLY_SCALE_OUT") -> dict[str, Any]:
    return {"minReplicas": 0, "maxReplicas": largest, "mode": mode}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"targetSize": 3}, {"targetSize": 2}),
        (_scaled(6), {"targetSize": 3}),
        (_scaled(6, "ON"), _scaled(4, "ON")),
        (_scaled(6, "ON"), _scaled(0, "ON")),
        ({"targetSize": 3}, _scaled(0, "ON")),
    ],
)
def test_a_gcp_pool_that_becomes_smaller_at_once_is_told(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    found = preview(*_gcp_pool(old, new))
    assert "Jobs are interrupted" in {line.rule for line in red_lines(found)}
    assert "end with their jobs, which start again" in comment(found)
    assert "finish their jobs and leave" not in comment(found)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"targetSize": 3}, {"targetSize": 4}),
        ({"targetSize": 3}, _scaled(0)),
        (_scaled(6), _scaled(4)),
        (_scaled(6), _scaled(0)),
        (_scaled(6, "ON"), _scaled(4)),
        (_scaled(6), {"targetSize": 6}),
        (_scaled(0), {"targetSize": 3}),
    ],
)
def test_a_gcp_pool_that_drains_or_grows_is_not_told(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    found = preview(*_gcp_pool(old, new))
    assert red_lines(found) == []
    assert "start again" not in comment(found)


def test_an_autoscaler_that_may_end_vms_is_told() -> None:
    def autoscaler(mode: str) -> dict[str, Any]:
        return {"autoscalingPolicy": {"minReplicas": 0, "maxReplicas": 2, "mode": mode}}

    group = step("same", MIG, old={}, new={})
    kind = "gcp:compute/regionAutoscaler:RegionAutoscaler"
    drains, ends = autoscaler("ONLY_SCALE_OUT"), autoscaler("ON")
    assert rules(group, step("update", kind, old=drains, new=ends)) == {"Jobs are interrupted"}
    assert rules(group, step("update", kind, old=ends, new=drains)) == set()
    assert rules(group, step("update", kind, old=drains, new=drains)) == set()
    assert rules(group, step("update", kind, old=ends, new=ends)) == set()
