"""A docker mirror on both local clouds: its disk and address outlive its VM."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from components.boot.vm.aws_api import AwsApi
from components.boot.vm.imds import Imds
from components.boot.vm.mirror import aws as program
from components.boot.vm.mirror.document import Document
from components.boot.vm.mirror.paths import MirrorPaths
from components.boot.vm.sigv4 import Credentials
from components.boot.vm.web import Patience
from local_clouds import inventory
from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.gcp.api import Api
from tests import stacks
from tests.engine.conftest import stack, vms
from tests.recorder import PROJECT
from tests.unit.boot.scripts import payload

pytestmark = pytest.mark.engine
REGIONS = {"us-east-1"}
TAG = "executors-dev-docker-mirror"
GCP_PLACE = {"project": "acme-executors-dev", "zone": "us-central1-a"}
MAC = "02:00:00:00:00:01"


def config(**mirror: Any) -> dict[str, Any]:
    return stacks.private() | {f"{PROJECT}:dockerMirror": mirror}


@pytest.fixture(scope="module")
def clients(clouds: Clouds) -> Clients:
    return Clients(clouds.aws_endpoint)


def aws_mirror(clients: Clients) -> dict[str, Any]:
    """The one running mirror."""
    filters = [
        {"Name": "tag:executor_tag", "Values": [TAG]},
        {"Name": "instance-state-name", "Values": ["running"]},
    ]
    found = clients("ec2", "us-east-1").describe_instances(Filters=filters)["Reservations"]
    (instance,) = [instance for entry in found for instance in entry["Instances"]]
    return instance


def aws_document(clients: Clients) -> Document:
    """What the mirror's template tells its VMs."""
    ec2 = clients("ec2", "us-east-1")
    filters = [{"Name": "tag:executor_tag", "Values": [TAG]}]
    (template,) = ec2.describe_launch_templates(Filters=filters)["LaunchTemplates"]
    versions = ec2.describe_launch_template_versions(
        LaunchTemplateId=template["LaunchTemplateId"], Versions=["$Latest"]
    )["LaunchTemplateVersions"]
    script = gzip.decompress(base64.b64decode(versions[0]["LaunchTemplateData"]["UserData"]))
    return Document(**json.loads(payload(script.decode())[-1]))


class LocalImds(Imds):
    """What the metadata service tells a VM of the local AWS."""

    def __init__(self, clients: Clients, instance: str) -> None:
        super().__init__()
        self.ec2, self.instance = clients("ec2", "us-east-1"), instance

    def get(self, path: str) -> str:
        found = self.ec2.describe_instances(InstanceIds=[self.instance])["Reservations"]
        (interface,) = found[0]["Instances"][0]["NetworkInterfaces"]
        known = {
            "mac": MAC,
            "instance-id": self.instance,
            "placement/region": "us-east-1",
            "services/domain": "amazonaws.com",
            f"network/interfaces/macs/{MAC}/interface-id": interface["NetworkInterfaceId"],
            f"network/interfaces/macs/{MAC}/local-ipv4s": "\n".join(
                address["PrivateIpAddress"] for address in interface["PrivateIpAddresses"]
            ),
        }
        return known[path]

    def credentials(self) -> Credentials:
        return Credentials("AKID", "key", "session")


def prepare(clouds: Clouds, clients: Clients, vm: dict[str, Any], root: Path) -> list[str]:
    """Run the mirror's program as on the VM, against EC2; what it did to the interface."""
    document, paths = aws_document(clients), MirrorPaths(root)
    (paths.interfaces / "ens5").mkdir(parents=True, exist_ok=True)
    (paths.interfaces / "ens5" / "address").write_text(MAC + "\n")
    paths.disks.mkdir(parents=True, exist_ok=True)
    name = f"nvme-Amazon_Elastic_Block_Store_{str(document.volume).replace('-', '')}"

    def kernel_shows_attached_disks(_: float) -> None:
        if holdings(clients, vm)["volume"] == document.volume:
            (paths.disks / name).touch()

    commands: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "run_command", lambda *words: commands.append(" ".join(words)))
        patch.setattr("components.boot.vm.logs.ship_to", lambda *_: None)
        api = AwsApi(LocalImds(clients, vm["InstanceId"]))
        patience = Patience(total=30, sleep=kernel_shows_attached_disks)
        endpoints = (clouds.aws_endpoint, clouds.aws_endpoint)
        site = program.AwsSite(document, paths, patience, api, endpoints)
        assert site.prepare() == paths.disks / name
        site.tend(42.0)
    return commands


def holdings(clients: Clients, vm: dict[str, Any]) -> dict[str, Any]:
    """The mirror's volume if this VM has it, and the VM's secondary addresses."""
    ec2 = clients("ec2", "us-east-1")
    own = [{"Name": "attachment.instance-id", "Values": [vm["InstanceId"]]}]
    attachments = [
        attachment
        for volume in ec2.describe_volumes(Filters=own)["Volumes"]
        for attachment in volume["Attachments"]
        if attachment["Device"] == "/dev/sdh"
    ]
    found = ec2.describe_instances(InstanceIds=[vm["InstanceId"]])["Reservations"]
    (interface,) = found[0]["Instances"][0]["NetworkInterfaces"]
    addresses = interface["PrivateIpAddresses"]
    return {
        "volume": attachments[0]["VolumeId"] if attachments else None,
        "addresses": [entry["PrivateIpAddress"] for entry in addresses if not entry["Primary"]],
    }


def gcp_mirror(clouds: Clouds) -> dict[str, Any]:
    """The one mirror."""
    (vm,) = [vm for vm in vms(clouds) if vm["labels"]["executor_tag"] == TAG]
    return vm


def kept(vm: dict[str, Any]) -> tuple[str, str, str]:
    """Name, address and cache disk of a mirror on GCP."""
    (disk,) = [disk for disk in vm["disks"] if disk.get("deviceName") == "registry"]
    return vm["name"], vm["networkInterfaces"][0]["networkIP"], disk["source"]


def test_up_makes_it_once(clouds: Clouds) -> None:
    result = stack(clouds, config()).up()
    assert set(result.changes) == {"create"}
    assert stack(clouds, config()).up().is_unchanged
    assert stack(clouds, config()).refresh().is_unchanged
    assert stack(clouds, config()).preview().is_unchanged


def test_a_new_vm_on_aws_takes_the_disk_and_the_address(
    clouds: Clouds, clients: Clients, tmp_path: Path
) -> None:
    document = aws_document(clients)
    expected = {"volume": document.volume, "addresses": ["10.0.128.20"]}
    first = aws_mirror(clients)
    added = prepare(clouds, clients, first, tmp_path / "first")
    assert set(added) == {"ip address replace 10.0.128.20/32 dev ens5"}
    assert holdings(clients, first) == expected
    prepare(clouds, clients, first, tmp_path / "first")  # a reboot
    clients("autoscaling", "us-east-1").terminate_instance_in_auto_scaling_group(
        InstanceId=first["InstanceId"], ShouldDecrementDesiredCapacity=False
    )
    second = aws_mirror(clients)
    assert second["InstanceId"] != first["InstanceId"]
    prepare(clouds, clients, second, tmp_path / "second")
    assert holdings(clients, second) == expected


def test_the_mirror_tells_cloudwatch_what_the_alarm_watches(clients: Clients) -> None:
    cloudwatch = clients("cloudwatch", "us-east-1")
    (alarm,) = [
        alarm for alarm in cloudwatch.describe_alarms()["MetricAlarms"] if "MetricName" in alarm
    ]
    names = {key: alarm[key] for key in ("Namespace", "MetricName", "Dimensions")}
    (metric,) = cloudwatch.list_metrics(Namespace=names["Namespace"])["Metrics"]
    assert metric == names


def test_a_vm_on_gcp_that_is_replaced_keeps_name_address_and_disk(clouds: Clouds) -> None:
    api = Api(clouds.gcp_endpoint)
    first = gcp_mirror(clouds)
    assert kept(first)[1] == "10.0.0.20"
    groups = api.collection("instanceGroupManagers")
    (group,) = groups.list(**GCP_PLACE).execute()["items"]
    body = {"instances": [first["selfLink"]]}
    request = groups.recreateInstances(**GCP_PLACE, instanceGroupManager=group["name"], body=body)
    request.execute()
    second = gcp_mirror(clouds)
    assert second["id"] != first["id"]
    assert kept(second) == kept(first)


def test_a_new_machine_type_replaces_both_vms_and_neither_disk(
    clouds: Clouds, clients: Clients, tmp_path: Path
) -> None:
    document, before = aws_document(clients), gcp_mirror(clouds)
    vm = aws_mirror(clients)
    changed = config(
        aws={"machineType": "m7i.xlarge"}, gcp={"machineType": "n2-standard-4"}, diskSize=200
    )
    stack(clouds, changed).up()
    assert stack(clouds, changed).up().is_unchanged
    new = aws_mirror(clients)
    assert (new["InstanceType"], new["InstanceId"] != vm["InstanceId"]) == ("m7i.xlarge", True)
    prepare(clouds, clients, new, tmp_path)
    expected = {"volume": document.volume, "addresses": ["10.0.128.20"]}
    assert holdings(clients, new) == expected
    after = gcp_mirror(clouds)
    assert after["machineType"].endswith("n2-standard-4")
    assert kept(after) == kept(before)


def test_destroy_leaves_nothing(clouds: Clouds) -> None:
    stack(clouds, config()).destroy()
    assert inventory.list_all(clouds, REGIONS) == set()
