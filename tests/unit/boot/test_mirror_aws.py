"""How a mirror's VM takes its disk and its address on AWS."""

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from components.boot.vm.aws_api import AwsApi
from components.boot.vm.failures import BootError
from components.boot.vm.imds import Imds
from components.boot.vm.mirror.aws import AwsSite
from components.boot.vm.mirror.document import Document
from components.boot.vm.mirror.paths import MirrorPaths
from components.boot.vm.web import Patience
from tests.unit.boot.fakes import AWS, Clock, CloudServer, Machine

VOLUME = "vol-0123456789abcdef0"
METRIC = {"namespace": "mirror", "name": "DiskUsedPercent", "mirror": VOLUME}
PLAN = Document(VOLUME, "10.0.0.20", None, METRIC, None)
MAC = "02:00:00:00:00:01"
IN_USE = b"<Response><Errors><Error><Code>VolumeInUse</Code></Error></Errors></Response>"


@pytest.fixture
def vm(machine: Machine, cloud: CloudServer) -> Machine:
    """A VM on AWS that has its first address only."""
    AWS(cloud)
    data = "/latest/meta-data/"
    interface = f"{data}network/interfaces/macs/{MAC}"
    known = {
        f"{data}mac": MAC,
        f"{data}placement/region": "eu-west-1",
        f"{interface}/interface-id": "eni-1",
        f"{interface}/local-ipv4s": "10.0.0.7",
    }
    for path, text in known.items():
        cloud.answers[path] = [(200, text.encode())]
    cloud.answers["/"] = [(200, b"<ok/>")]
    machine.install("ip")
    paths = MirrorPaths(machine.paths.root)
    (paths.interfaces / "ens5").mkdir(parents=True)
    (paths.interfaces / "ens5" / "address").write_text(MAC + "\n")
    paths.disks.mkdir(parents=True)
    machine.paths = paths
    return machine


def device(vm: Machine) -> Path:
    assert isinstance(vm.paths, MirrorPaths)
    return vm.paths.disks / "nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"


def site(vm: Machine, cloud: CloudServer, patience: Patience) -> AwsSite:
    assert isinstance(vm.paths, MirrorPaths)
    endpoints = (cloud.url, cloud.url)
    return AwsSite(PLAN, vm.paths, patience, AwsApi(Imds(cloud.url)), endpoints)


def sent(cloud: CloudServer) -> list[dict[str, str]]:
    """The calls of AWS services, in order."""
    posts = [request.body.decode() for request in cloud.requests if request.path == "/"]
    return [{key: value for key, (value,) in parse_qs(body).items()} for body in posts]


def test_it_claims_the_address_and_waits_until_the_disk_is_free(
    vm: Machine, cloud: CloudServer, clock: Clock
) -> None:
    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if len(clock.pauses) == 3:
            device(vm).touch()

    cloud.answers["/"] = [(200, b"<ok/>"), (400, IN_USE), (200, b"<ok/>"), (400, IN_USE)]
    patience = Patience(sleep=sleep, clock=lambda: clock.now)
    assert site(vm, cloud, patience).prepare() == device(vm)
    address, *attachments = sent(cloud)
    assert address == {
        "Action": "AssignPrivateIpAddresses",
        "Version": "2016-11-15",
        "NetworkInterfaceId": "eni-1",
        "PrivateIpAddress.1": "10.0.0.20",
        "AllowReassignment": "true",
    }
    attach = {"Action": "AttachVolume", "Version": "2016-11-15", "VolumeId": VOLUME}
    attach |= {"InstanceId": "i-0123456789abcdef0", "Device": "/dev/sdh"}
    assert attachments == [attach] * 3
    assert vm.calls("ip") == ["ip address replace 10.0.0.20/32 dev ens5"]


def test_a_vm_that_has_both_asks_for_nothing(
    vm: Machine, cloud: CloudServer, patience: Patience
) -> None:
    device(vm).touch()
    own = f"/latest/meta-data/network/interfaces/macs/{MAC}/local-ipv4s"
    cloud.answers[own] = [(200, b"10.0.0.7\n10.0.0.20")]
    assert site(vm, cloud, patience).prepare() == device(vm)
    assert sent(cloud) == []
    assert vm.calls("ip") == ["ip address replace 10.0.0.20/32 dev ens5"]


def test_a_disk_that_another_vm_keeps_is_told(
    vm: Machine, cloud: CloudServer, patience: Patience
) -> None:
    cloud.answers["/"] = [(200, b"<ok/>"), (400, IN_USE)]
    with pytest.raises(BootError, match=r"attaching the volume failed for 600.*VolumeInUse"):
        site(vm, cloud, patience).prepare()


def test_an_address_that_another_vm_has_by_now_is_left_to_it(
    vm: Machine, cloud: CloudServer, patience: Patience
) -> None:
    site(vm, cloud, patience).tend(81.26)
    (metric,) = sent(cloud)
    assert metric == {
        "Action": "PutMetricData",
        "Version": "2010-08-01",
        "Namespace": "mirror",
        "MetricData.member.1.MetricName": "DiskUsedPercent",
        "MetricData.member.1.Dimensions.member.1.Name": "Mirror",
        "MetricData.member.1.Dimensions.member.1.Value": VOLUME,
        "MetricData.member.1.Unit": "Percent",
        "MetricData.member.1.Value": "81.3",
    }
    assert vm.calls("ip") == []
