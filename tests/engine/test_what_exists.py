"""What the clouds hold after `up`, asked of their own APIs, and what Prometheus finds of it."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from components.wiring.pools import facts
from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.stack import Result
from prometheus import render_rules
from tests import stacks
from tests.engine import conftest
from tests.engine.conftest import stack
from tests.prometheus.google import client_environment
from tests.prometheus.promtool import promtool

pytestmark = pytest.mark.engine
TAGS = {"executor_tag": "executors-dev", "executor_pool": "codeintel"}


@pytest.fixture(scope="module")
def up(clouds: Clouds) -> Result:
    return stack(clouds, stacks.with_pool("codeintel", min=2)).up()


@pytest.fixture(scope="module")
def instances(clouds: Clouds, up: Result) -> list[dict[str, Any]]:
    """EC2's description of the pool's VMs."""
    group = up.outputs["pools"].value["codeintel"]["group"]
    clients = Clients(clouds.aws_endpoint)
    (found,) = clients("autoscaling", "us-east-1").describe_auto_scaling_groups(
        AutoScalingGroupNames=[group]
    )["AutoScalingGroups"]
    ids = [instance["InstanceId"] for instance in found["Instances"]]
    reservations = clients("ec2", "us-east-1").describe_instances(InstanceIds=ids)["Reservations"]
    return [instance for entry in reservations for instance in entry["Instances"]]


@pytest.fixture(scope="module")
def vms(clouds: Clouds, up: Result) -> list[dict[str, Any]]:
    """Compute Engine's description of the pool's VMs."""
    assert up.outputs
    return conftest.vms(clouds)


def test_the_groups_start_their_minimum(
    instances: list[dict[str, Any]], vms: list[dict[str, Any]]
) -> None:
    assert len(instances) == 2
    assert len(vms) == 1


def test_tags_reach_instances_volumes_and_interfaces(
    clouds: Clouds, instances: list[dict[str, Any]]
) -> None:
    ec2 = Clients(clouds.aws_endpoint)("ec2", "us-east-1")
    volumes = [m["Ebs"]["VolumeId"] for i in instances for m in i["BlockDeviceMappings"]]
    interfaces = [n["NetworkInterfaceId"] for i in instances for n in i["NetworkInterfaces"]]
    things = [i["InstanceId"] for i in instances] + volumes + interfaces
    assert len(things) == 6
    for thing in things:
        tags = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [thing]}])["Tags"]
        assert TAGS.items() <= {tag["Key"]: tag["Value"] for tag in tags}.items(), thing


def test_vms_spread_over_the_zones_and_take_the_template(instances: list[dict[str, Any]]) -> None:
    assert {i["Placement"]["AvailabilityZone"] for i in instances} == {"us-east-1a", "us-east-1b"}
    assert {i["ImageId"] for i in instances} == {"ami-0e5ec0de000000610"}
    assert {i["InstanceType"] for i in instances} == {"m8i.4xlarge"}


def test_labels_and_metadata_reach_the_vms(vms: list[dict[str, Any]]) -> None:
    (vm,) = vms
    assert vm["labels"]["executor_tag"] == "executors-dev"
    assert vm["labels"]["executor_pool"] == "batches"
    metadata = {item["key"]: item["value"] for item in vm["metadata"]["items"]}
    assert metadata["image_name"] == "sourcegraph-executors-6-10-0"
    assert metadata["startup-script"].startswith("#!")


def test_the_alarm_requests_sizes_of_the_group(clouds: Clouds, up: Result) -> None:
    group = up.outputs["pools"].value["codeintel"]["group"]
    clients = Clients(clouds.aws_endpoint)
    policies = clients("autoscaling", "us-east-1").describe_policies(AutoScalingGroupName=group)
    arns = {policy["PolicyARN"] for policy in policies["ScalingPolicies"]}
    alarms = clients("cloudwatch", "us-east-1").describe_alarms()["MetricAlarms"]
    assert {action for alarm in alarms for action in alarm["AlarmActions"]} == arns
    assert len(alarms) == 2


def test_prometheus_takes_the_rules_of_what_the_engine_puts_out(up: Result, tmp_path: Path) -> None:
    rules = render_rules(facts([up.outputs["pools"].value]))
    assert "vector(10)" in rules
    file = tmp_path / "rules.yml"
    file.write_text(rules)
    promtool("check", "rules", str(file))


def test_prometheus_finds_every_vm_with_the_rendered_job(
    clouds: Clouds,
    up: Result,
    instances: list[dict[str, Any]],
    vms: list[dict[str, Any]],
    tmp_path: Path,
) -> None:
    """promtool lists targets and relabels them; it never scrapes one."""
    (job,) = yaml.safe_load(up.outputs["prometheus"].value)
    for discovery in job["ec2_sd_configs"]:
        local = {"access_key": "local", "secret_key": "local"}
        discovery.update(local, endpoint=clouds.aws_endpoint)
    file = tmp_path / "prometheus.yaml"
    file.write_text(yaml.safe_dump({"scrape_configs": [job]}))
    port = urlsplit(clouds.gcp_endpoint).port
    assert port is not None
    with client_environment(port, tmp_path) as environment:
        check = ["check", "service-discovery", "--timeout=5s", str(file), job["job_name"]]
        targets = json.loads(promtool(*check, **environment))
    labels = {target["labels"]["instance"]: target["labels"] for target in targets}
    assert labels.keys() == {*(i["InstanceId"] for i in instances), *(vm["name"] for vm in vms)}
    for instance in instances:
        found = labels[instance["InstanceId"]]
        assert found["__address__"] == f"{instance['PublicIpAddress']}:6060"
        assert found["zone"] == instance["Placement"]["AvailabilityZone"]
        assert found["version"] == instance["ImageId"]
        assert found["pool"] == "codeintel"
    (vm,) = vms
    assert labels[vm["name"]]["pool"] == "batches"
    assert labels[vm["name"]]["image_name"] == "sourcegraph-executors-6-10-0"
