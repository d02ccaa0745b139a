"""The agent's AWS calls are the ones that AWS knows: botocore writes the same, moto does them."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode
from urllib.request import Request, urlopen

import boto3
import botocore.serialize
import botocore.session
import pytest
from moto.server import ThreadedMotoServer

from components.boot.vm.agent.aws import HEARTBEAT_SECONDS, HOOK, AwsGroup
from components.boot.vm.aws_api import AwsApi
from components.boot.vm.imds import Imds
from components.boot.vm.sigv4 import Target
from components.boot.vm.web import UnavailableError
from local_clouds.aws import termination_hooks
from tests.unit.agent.conftest import Answer
from tests.unit.agent.fakes import Aws, Vm

EXPECTED = {
    "retire": (
        "TerminateInstanceInAutoScalingGroup",
        {"InstanceId": "i-0a", "ShouldDecrementDesiredCapacity": False},
    ),
    "beat": (
        "RecordLifecycleActionHeartbeat",
        {
            "AutoScalingGroupName": "pool-1a2b",
            "LifecycleHookName": HOOK,
            "InstanceId": "i-0a",
        },
    ),
    "complete": (
        "CompleteLifecycleAction",
        {
            "AutoScalingGroupName": "pool-1a2b",
            "LifecycleHookName": HOOK,
            "InstanceId": "i-0a",
            "LifecycleActionResult": "CONTINUE",
        },
    ),
}


def as_botocore_writes(action: str, parameters: dict[str, Any]) -> dict[str, list[str]]:
    model = botocore.session.get_session().get_service_model("autoscaling")
    operation = model.operation_model(action)
    serializer = botocore.serialize.create_serializer(model.metadata["protocol"])
    return parse_qs(urlencode(serializer.serialize_to_request(parameters, operation)["body"]))


@pytest.mark.parametrize("call", EXPECTED)
def test_a_call_is_what_botocore_would_send(
    call: str, aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []

    def post(_: AwsApi, url: str, target: Target, headers: dict[str, str], body: bytes) -> bytes:
        sent.append((url, target, headers, parse_qs(body.decode())))
        return b"<AutoScalingGroupName>pool-1a2b</AutoScalingGroupName>"

    monkeypatch.setattr(AwsApi, "post", post)
    getattr(AwsGroup(AwsApi(Imds(aws.url))), call)()
    url, target, headers, body = sent[-1]
    assert body == as_botocore_writes(*EXPECTED[call])
    assert url == "https://autoscaling.eu-west-1.amazonaws.com"
    assert target == Target("autoscaling.eu-west-1.amazonaws.com", "eu-west-1", "autoscaling")
    assert headers["Content-Type"].startswith("application/x-www-form-urlencoded")
    if call != "retire":
        asked = as_botocore_writes("DescribeAutoScalingInstances", {"InstanceIds": ["i-0a"]})
        assert sent[0][3] == asked


def test_the_group_is_asked_for_once(vm: Vm, aws: Aws) -> None:
    group = AwsGroup(AwsApi(Imds(aws.url)), aws.url)
    aws.terminate()
    for _ in range(3):
        group.beat()
    assert len(aws.named("DescribeAutoScalingInstances")) == 1
    assert vm.alive


class Own(NamedTuple):
    """A VM of a group of three, as its agent sees it, and the whole group."""

    group: AwsGroup
    instance: str
    autoscaling: Any


@pytest.fixture
def moto_url() -> Iterator[str]:
    termination_hooks.install()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    url = f"http://127.0.0.1:{port}"
    yield url
    urlopen(Request(f"{url}/moto-api/reset", method="POST"))  # noqa: S310 - this machine
    server.stop()


@pytest.fixture
def client(moto_url: str) -> Callable[[str], Any]:
    return lambda service: boto3.client(
        service,
        "eu-west-1",
        endpoint_url=moto_url,
        aws_access_key_id="AKID",
        aws_secret_access_key="key",
    )


def make_group(client: Callable[[str], Any], size: int) -> Any:
    ec2, autoscaling = client("ec2"), client("autoscaling")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    data = {"ImageId": image, "InstanceType": "m5.large"}
    ec2.create_launch_template(LaunchTemplateName="pool", LaunchTemplateData=data)
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="pool-1a2b",
        MinSize=0,
        MaxSize=5,
        DesiredCapacity=size,
        VPCZoneIdentifier=subnet,
        LaunchTemplate={"LaunchTemplateName": "pool"},
    )
    autoscaling.put_lifecycle_hook(
        AutoScalingGroupName="pool-1a2b",
        LifecycleHookName=HOOK,
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=HEARTBEAT_SECONDS,
        DefaultResult="CONTINUE",
    )
    return autoscaling


def members(autoscaling: Any) -> dict[str, str]:
    groups = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    return {vm["InstanceId"]: vm["LifecycleState"] for vm in groups[0]["Instances"]}


@pytest.fixture
def own(client: Callable[[str], Any], moto_url: str, serve: Callable[[Answer], str]) -> Own:
    autoscaling = make_group(client, size=3)
    instance = next(iter(members(autoscaling)))
    keys = {"AccessKeyId": "AKID", "SecretAccessKey": "key", "Token": "session"}
    metadata = {
        "instance-id": instance,
        "placement/region": "eu-west-1",
        "services/domain": "amazonaws.com",
        "iam/security-credentials/": "role",
        "iam/security-credentials/role": json.dumps(keys),
    }

    def answer(method: str, path: str, _: dict[str, str], __: bytes) -> tuple[int, bytes]:
        if method == "PUT":
            return 200, b"token"
        return 200, metadata[path.removeprefix("/latest/meta-data/")].encode()

    return Own(AwsGroup(AwsApi(Imds(serve(answer))), moto_url), instance, autoscaling)


def test_a_vm_that_retires_is_held_and_replaced(own: Own) -> None:
    own.group.retire()
    after = members(own.autoscaling)
    assert after.pop(own.instance) == "Terminating:Wait"
    assert list(after.values()) == ["InService"] * 3
    own.group.beat()
    own.group.complete()
    assert members(own.autoscaling) == after


def test_a_smaller_group_waits_for_the_hook_of_each(own: Own) -> None:
    own.autoscaling.set_desired_capacity(AutoScalingGroupName="pool-1a2b", DesiredCapacity=1)
    states = sorted(members(own.autoscaling).values())
    assert states == ["InService", "Terminating:Wait", "Terminating:Wait"]
    hooks = own.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="pool-1a2b")
    assert hooks["LifecycleHooks"][0]["HeartbeatTimeout"] == HEARTBEAT_SECONDS


def test_nothing_is_completed_that_no_hook_holds(own: Own) -> None:
    for call in (own.group.beat, own.group.complete):
        with pytest.raises(UnavailableError, match="No active Lifecycle Action"):
            call()


def test_a_hook_that_is_deleted_holds_nobody(own: Own) -> None:
    own.group.retire()
    names = {"AutoScalingGroupName": "pool-1a2b", "LifecycleHookName": HOOK}
    own.autoscaling.delete_lifecycle_hook(**names)
    assert own.instance not in members(own.autoscaling)
