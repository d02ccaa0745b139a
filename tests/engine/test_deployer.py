"""The deployer's policy and role are enough for a stack's whole life, and nothing in them is
missing from it."""

import copy
from typing import Any

import pytest

from components.config.secrets import SECRET_KEYS
from components.deployer import Used, policy, read, role
from local_clouds import calls
from local_clouds.aws.authorization import Need
from local_clouds.aws.evaluation import allows
from local_clouds.clouds import Clouds
from local_clouds.stack import OperationError
from local_clouds.stack_file import Secret
from tests import stacks
from tests.engine.deployer import Deployer, without
from tests.engine.test_own_keys import make_key
from tests.recorder import PROJECT, plain, run

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def largest(clouds: Clouds) -> dict[str, Any]:
    """Every option in use, on both clouds."""
    config = stacks.everything()
    key = make_key(clouds, "logs.us-east-1.amazonaws.com")
    config[f"{PROJECT}:encryptionKeys"] = [key, stacks.GCP_KEY]
    # Whom alarms call does not exist here.
    del config[f"{PROJECT}:alerts"]
    return config


def secret(config: dict[str, Any]) -> dict[str, Any]:
    """The same with its secrets encrypted."""
    keys = [f"{PROJECT}:{key}" for key in SECRET_KEYS]
    return config | {key: Secret(config[key]) for key in keys if key in config}


@pytest.fixture(scope="module")
def used(largest: dict[str, Any]) -> Used:
    """What the largest stack is made of, before it is."""
    made = run(largest, stack="deployer").all
    resources = [{"type": one.type, "inputs": plain(one.inputs)} for one in made if one.custom]
    return read({"resources": resources})


@pytest.fixture(scope="module")
def deployer(clouds: Clouds) -> Deployer:
    return Deployer(clouds, "deployer")


def test_the_policy_alone_is_enough(
    clouds: Clouds, largest: dict[str, Any], used: Used, deployer: Deployer
) -> None:
    deployer.allow(policy(used), role(used))
    own = deployer.stack(secret(largest))
    assert set(own.up().changes) == {"create"}
    assert read(own.export()) == used
    assert own.up().is_unchanged
    assert own.refresh().is_unchanged
    changed = secret(copy.deepcopy(largest))
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
