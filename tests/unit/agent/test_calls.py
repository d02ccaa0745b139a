"""The agent's AWS calls are the ones that AWS knows: botocore writes the same, moto does them."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

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


@pytest.fixture(scope="module")
def moto_url() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
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


def test_moto_replaces_a_vm_that_retires(
    client: Callable[[str], Any], moto_url: str, serve: Callable[[Answer], str]
) -> None:
    autoscaling = make_group(client, size=3)
    before = members(autoscaling)
    own = next(iter(before))
    keys = {"AccessKeyId": "AKID", "SecretAccessKey": "key", "Token": "session"}
    metadata = {
        "instance-id": own,
        "placement/region": "eu-west-1",
        "services/domain": "amazonaws.com",
        "iam/security-credentials/": "role",
        "iam/security-credentials/role": json.dumps(keys),
    }

    def answer(method: str, path: str, _: dict[str, str], __: bytes) -> tuple[int, bytes]:
        if method == "PUT":
            return 200, b"token"
        return 200, metadata[path.removeprefix("/latest/meta-data/")].encode()

    group = AwsGroup(AwsApi(Imds(serve(answer))), moto_url)
    group.retire()
    after = members(autoscaling)
    described = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    assert described["DesiredCapacity"] == 3
    in_service = [name for name, state in after.items() if state == "InService"]
    assert own not in in_service
    assert len(in_service) == 3
    hooks = autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="pool-1a2b")
    assert hooks["LifecycleHooks"][0]["HeartbeatTimeout"] == HEARTBEAT_SECONDS
    # moto has no lifecycle actions; it must at least understand who asks.
    metadata["instance-id"] = in_service[0]
    with pytest.raises(UnavailableError):
        group.complete()
