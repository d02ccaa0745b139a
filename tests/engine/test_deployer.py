"""The deployer's policy and role are enough for a stack's whole life, and nothing in them is
missing from it."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest

from components.deployer import Used, policy, read, role
from local_clouds import calls
from local_clouds.aws.authorization import Need
from local_clouds.aws.clients import Clients
from local_clouds.aws.evaluation import allows
from local_clouds.clouds import Clouds
from local_clouds.stack import LocalStack, OperationError
from local_clouds.stack_file import Secret
from tests import stacks
from tests.engine.conftest import stack
from tests.recorder import PROJECT, run

pytestmark = pytest.mark.engine


class Deployer:
    """An identity of its own in each cloud."""

    def __init__(self, clouds: Clouds, name: str) -> None:
        self.clouds, self.name = clouds, name
        self.iam = Clients(clouds.aws_endpoint)("iam", "us-east-1")
        self.iam.create_user(UserName=name)
        self.token = f"token-of-{name}"
        self.key = self.iam.create_access_key(UserName=name)["AccessKey"]

    def allow(self, aws: Mapping[str, Any], gcp: Mapping[str, Any]) -> None:
        """Give it these, and nothing else."""
        document = json.dumps(aws)
        self.iam.put_user_policy(UserName=self.name, PolicyName="all", PolicyDocument=document)
        tokens = json.dumps({self.token: gcp["includedPermissions"]}).encode()
        url = f"{self.clouds.gcp_endpoint}/local/tokens"
        urllib.request.urlopen(url, tokens, timeout=10).close()  # noqa: S310 - on this machine

    def stack(self, config: Mapping[str, Any]) -> LocalStack:
        """A stack that this identity deploys."""
        credentials = {
            "aws:accessKey": self.key["AccessKeyId"],
            "aws:secretKey": Secret(self.key["SecretAccessKey"]),
            "gcp:accessToken": Secret(self.token),
        }
        return stack(self.clouds, {**config, **credentials}, name=self.name)


def largest() -> dict[str, Any]:
    """Every option in use, on both clouds."""
    config = stacks.everything()
    key = f"{PROJECT}:dockerAuthConfig"
    return config | {key: Secret(config[key])}


def without(document: Mapping[str, Any], action: str) -> dict[str, Any]:
    """A policy with one action less."""
    statements = [
        {**statement, "Action": [a for a in statement["Action"] if a != action]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": [s for s in statements if s["Action"]]}


@pytest.fixture(scope="module")
def used() -> Used:
    """What the largest stack is made of, before it is."""
    made = run(stacks.everything())
    return Used(
        types=frozenset(one.type for one in made.all if one.custom),
        regions=frozenset({"us-east-1"}),
        instance_tags=frozenset({"executors-deployer"}),
    )


@pytest.fixture(scope="module")
def deployer(clouds: Clouds) -> Deployer:
    return Deployer(clouds, "deployer")


def test_the_policy_alone_is_enough(clouds: Clouds, used: Used, deployer: Deployer) -> None:
    deployer.allow(policy(used), role(used))
    own = deployer.stack(largest())
    assert set(own.up().changes) == {"create"}
    assert read(own.export()) == used
    assert own.up().is_unchanged
    assert own.refresh().is_unchanged
    changed = largest()
    changed[f"{PROJECT}:pools"]["all-aws"]["aws"]["bootDiskSize"] = 501
    changed[f"{PROJECT}:pools"]["all-gcp"]["gcp"]["bootDiskSize"] = 501
    changed[f"{PROJECT}:executors"]["metricsAccessCidrs"] = ["10.3.0.0/16"]
    assert not deployer.stack(changed).up().is_unchanged
    own.destroy()
    denied = [one for one in calls.read(clouds.directory / calls.AWS) if not one.allowed]
    assert denied == []


def test_it_covers_all_that_the_clouds_saw_and_each_part_of_that_is_needed(
    clouds: Clouds, used: Used
) -> None:
    """Actions, not conditions: what a condition asks about is not in the record."""
    actions = {action for one in policy(used)["Statement"] for action in one["Action"]}
    seen = {one.permission for one in calls.read(clouds.directory / calls.AWS)}
    assert len(seen) > 60
    assert seen <= actions
    wide = {"Statement": [{"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}]}
    for action in seen:
        assert allows([wide], Need(action=action))
        assert not allows([without(wide, action)], Need(action=action))
    permissions = {one.permission for one in calls.read(clouds.directory / calls.GCP)}
    assert len(permissions) > 30
    assert permissions <= set(role(used)["includedPermissions"])


@pytest.mark.parametrize(
    "missing",
    [
        "iam:PassRole",
        "ec2:RunInstances",
        "cloudwatch:PutMetricAlarm",
        "compute.networks.updatePolicy",
        "iam.serviceAccounts.actAs",
    ],
)
def test_one_action_less_is_not(used: Used, deployer: Deployer, missing: str) -> None:
    gcp = role(used)
    permissions = [one for one in gcp["includedPermissions"] if one != missing]
    deployer.allow(without(policy(used), missing), {"includedPermissions": permissions})
    own = deployer.stack(stacks.dev())
    try:
        with pytest.raises(OperationError, match=f"{missing}"):
            own.up()
    finally:
        deployer.allow(policy(used), gcp)
        own.destroy()


def test_what_is_not_the_stacks_own_is_out_of_reach(used: Used) -> None:
    """Another stack's network and names, with the same actions."""
    statements = [policy(used)]
    tagged = {"aws:ResourceTag/executor_tag": "executors-other"}
    vpc = "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-01234567"
    assert not allows(statements, Need(action="ec2:DeleteVpc", resource=vpc, context=tagged))
    assert not allows(statements, Need(action="ec2:DeleteVpc", resource=vpc))
    for name, allowed in (("executors-codeintel-1a2b3c4", True), ("admin", False)):
        role_arn = f"arn:aws:iam::123456789012:role/{name}"
        to_ec2 = {"iam:PassedToService": "ec2.amazonaws.com"}
        need = Need(action="iam:PassRole", resource=role_arn, context=to_ec2)
        assert allows(statements, need) is allowed
        need = Need(action="iam:PutRolePolicy", resource=role_arn)
        assert allows(statements, need) is allowed
