"""The local clouds refuse what a caller's policy or role does not allow."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from components.deployer.aws_actions import ACTIONS
from components.deployer.gcp_permissions import PERMISSIONS
from local_clouds import aws, calls, gcp
from local_clouds.aws.authorization import Need
from local_clouds.aws.clients import ApiError, Clients
from local_clouds.aws.evaluation import allows
from local_clouds.aws.guard import Guard
from local_clouds.calls import CallLog, CallRecord
from local_clouds.gcp.server.errors import ApiError as GoogleError
from local_clouds.gcp.server.http import CloudServer
from local_clouds.gcp.server.permissions import needed
from local_clouds.gcp.server.registry import HANDLERS
from local_clouds.gcp.server.state import Cloud

VPC = "arn:aws:ec2:us-east-1:123456789012:vpc/vpc-1"


def statement(**changes: Any) -> dict[str, Any]:
    base = {"Effect": "Allow", "Action": "ec2:DeleteVpc", "Resource": "*"}
    return {"Statement": [base | changes]}


def need(**context: str) -> Need:
    return Need(action="ec2:DeleteVpc", resource=VPC, context=context)


@pytest.mark.parametrize(
    ("policies", "allowed"),
    [
        ([], False),
        ([statement()], True),
        ([statement(Action=["ec2:Delete*"])], True),
        ([statement(Action="EC2:deletevpc")], True),
        ([statement(Action="ec2:DeleteVpcs")], False),
        ([statement(Resource="arn:aws:ec2:*:*:vpc/*")], True),
        ([statement(Resource="arn:aws:ec2:*:*:subnet/*")], False),
        ([statement(), statement(Effect="Deny")], False),
        ([statement(Condition={"StringEquals": {"tag": ["a", "b"]}})], True),
        ([statement(Condition={"StringEquals": {"tag": "c"}})], False),
        ([statement(Condition={"StringEquals": {"other": "a"}})], False),
        ([statement(Condition={"StringLike": {"tag": "*"}})], True),
        ([statement(Condition={"ArnLike": {"tag": "*"}})], False),
    ],
)
def test_policies_are_read_as_iam_reads_them(policies: list[dict[str, Any]], allowed: bool) -> None:
    assert allows(policies, need(tag="a")) is allowed


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def guarded(endpoint: str, key: str | None, log: CallLog | None = None) -> Any:
    return Clients(endpoint, Guard(endpoint, lambda: key, log))("ec2", "us-east-1")


def user(endpoint: str, name: str, document: dict[str, Any]) -> str:
    """Access key id of a user with one policy, attached."""
    iam = Clients(endpoint)("iam", "us-east-1")
    iam.create_user(UserName=name)
    made = iam.create_policy(
        PolicyName=name, PolicyDocument=json.dumps({"Version": "2012-10-17", **document})
    )
    iam.attach_user_policy(UserName=name, PolicyArn=made["Policy"]["Arn"])
    return iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]


def test_a_user_may_do_what_the_attached_policy_says(endpoint: str, tmp_path: Path) -> None:
    key = user(endpoint, "reader", statement(Action="ec2:Describe*"))
    log = CallLog(tmp_path / "calls")
    ec2 = guarded(endpoint, key, log)
    assert ec2.describe_vpcs()["Vpcs"]
    with pytest.raises(ApiError, match=r"AccessDenied: User: reader .* ec2:CreateVpc on resource"):
        ec2.create_vpc(CidrBlock="10.0.0.0/16")
    assert [(r.permission, r.allowed) for r in calls.read(tmp_path / "calls")] == [
        ("ec2:DescribeVpcs", True),
        ("ec2:CreateVpc", False),
    ]


def test_a_tag_decides_whose_network_it_is(endpoint: str) -> None:
    owner = guarded(endpoint, None)
    condition = {"StringEquals": {"aws:ResourceTag/executor_tag": "executors-mine"}}
    key = user(endpoint, "mine", statement(Condition=condition))
    for tag, allowed in (("executors-mine", True), ("executors-yours", False)):
        tags = [{"ResourceType": "vpc", "Tags": [{"Key": "executor_tag", "Value": tag}]}]
        vpc = owner.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
        if allowed:
            guarded(endpoint, key).delete_vpc(VpcId=vpc)
        else:
            with pytest.raises(ApiError, match="AccessDenied"):
                guarded(endpoint, key).delete_vpc(VpcId=vpc)
            owner.delete_vpc(VpcId=vpc)


def test_tags_of_something_new_are_an_action_of_their_own(endpoint: str) -> None:
    key = user(endpoint, "untagged", statement(Action="ec2:CreateVpc"))
    ec2 = guarded(endpoint, key)
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    with pytest.raises(ApiError, match="ec2:CreateTags"):
        ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=tags)
    ec2.create_vpc(CidrBlock="10.9.0.0/16")


def test_an_unknown_key_is_no_caller(endpoint: str) -> None:
    with pytest.raises(ApiError, match="InvalidClientTokenId"):
        guarded(endpoint, "AKIAIOSFODNN7EXAMPLE").describe_vpcs()


def test_a_google_token_may_do_what_was_given_to_it(tmp_path: Path) -> None:
    server = CloudServer(Cloud(), log=CallLog(tmp_path / "calls"))
    networks = "/compute/v1/projects/acme-executors/global/networks"
    given = json.dumps({"deployer": ["compute.networks.list"]}).encode()
    server.answer("POST", "/local/tokens", given)
    server.answer("GET", networks, b"", "deployer")
    with pytest.raises(GoogleError, match=r"Required 'compute\.networks\.create'") as denied:
        server.answer("POST", networks, b'{"name": "n"}', "deployer")
    assert denied.value.body()["error"]["status"] == "PERMISSION_DENIED"
    with pytest.raises(GoogleError, match="invalid authentication") as unknown:
        server.answer("GET", networks, b"", "somebody")
    assert unknown.value.code == 401
    server.answer("POST", networks, b'{"name": "n"}', "local")
    server.server_close()
    assert CallRecord(
        permission="compute.networks.create",
        resource="projects/acme-executors/global/networks",
        allowed=True,
    ) in calls.read(tmp_path / "calls")


@pytest.mark.parametrize(
    ("method", "permissions"),
    [
        ("compute.firewalls.insert", ["compute.firewalls.create", "compute.networks.updatePolicy"]),
        ("compute.regionOperations.wait", ["compute.regionOperations.get"]),
        ("iam.projects.serviceAccounts.keys.create", ["iam.serviceAccountKeys.create"]),
        ("iam.projects.roles.patch", ["iam.roles.update"]),
        ("secretmanager.projects.secrets.addVersion", ["secretmanager.versions.add"]),
        ("secretmanager.projects.secrets.versions.access", ["secretmanager.versions.access"]),
        (
            "cloudresourcemanager.projects.setIamPolicy",
            ["resourcemanager.projects.setIamPolicy"],
        ),
    ],
)
def test_a_method_needs_googles_permissions(method: str, permissions: list[str]) -> None:
    assert list(needed(method)) == permissions


def test_every_method_has_a_permission_of_googles_form() -> None:
    for method in HANDLERS:
        for permission in needed(method):
            assert permission.count(".") == 2, permission


def test_the_deployer_knows_every_type_that_a_stack_may_use() -> None:
    nowhere = "http://127.0.0.1:1"
    assert set(ACTIONS) == set(aws.provider(nowhere).resources)
    assert set(PERMISSIONS) == set(gcp.provider(nowhere).resources)
