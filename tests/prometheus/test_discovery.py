"""What a real Prometheus finds with the rendered job, in a local AWS and a local GCP at once.

`promtool check service-discovery` lists targets and relabels them; it never scrapes one.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_clouds.gcp.server import CloudServer
from prometheus import Ec2Discovery, GceDiscovery, render_file, scrape_job
from tests.prometheus.conftest import AMI, PROJECT, TAG
from tests.prometheus.google import client_environment
from tests.prometheus.promtool import promtool

# promtool listens for this long even when every listing has come in.
LISTENING = "5s"

Target = dict[str, str]
Targets = dict[str, Target]


@pytest.fixture(scope="module")
def targets(
    aws: str,
    gcp: CloudServer,
    ec2_vms: dict[str, Any],
    gce_vms: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Targets:
    """The final labels of every target, by label `instance`, without Prometheus' own settings."""
    assert ec2_vms
    assert gce_vms
    zones = ["us-central1-a", "us-central1-b"]
    found = [GceDiscovery(PROJECT, zone, TAG) for zone in zones]
    config = yaml.safe_load(render_file(scrape_job([Ec2Discovery("us-east-1", TAG), *found])))
    (job,) = config["scrape_configs"]
    for discovery in job["ec2_sd_configs"]:
        discovery |= {"endpoint": aws, "access_key": "local", "secret_key": "local"}
    directory: Path = tmp_path_factory.mktemp("prometheus")
    file = directory / "prometheus.yaml"
    file.write_text(yaml.safe_dump(config))
    check = ["check", "service-discovery", f"--timeout={LISTENING}", str(file), job["job_name"]]
    with client_environment(gcp.server_port, directory) as environment:
        printed = promtool(*check, **environment)
    settings = ("__metrics_path__", "__scheme__", "__scrape_interval__", "__scrape_timeout__")
    return {
        target["labels"]["instance"]: {
            label: value for label, value in target["labels"].items() if label not in settings
        }
        for target in json.loads(printed)
    }


def test_only_running_vms_with_the_tag_are_found(
    targets: Targets, ec2_vms: dict[str, Any], gce_vms: dict[str, Any]
) -> None:
    assert set(targets) == {
        ec2_vms["public"]["InstanceId"],
        ec2_vms["private"]["InstanceId"],
        gce_vms["public"]["name"],
        gce_vms["private"]["name"],
    }


@pytest.mark.parametrize(
    ("what", "ip"), [("public", "PublicIpAddress"), ("private", "PrivateIpAddress")]
)
def test_an_ec2_instance_has_these_labels(
    targets: Targets, ec2_vms: dict[str, Any], what: str, ip: str
) -> None:
    vm = ec2_vms[what]
    assert targets[vm["InstanceId"]] == {
        "__address__": f"{vm[ip]}:6060",
        "job": "sourcegraph-executors",
        "instance": vm["InstanceId"],
        "zone": "us-east-1b",
        "version": AMI,
        "pool": "codeintel",
    }


@pytest.mark.parametrize(
    ("what", "zone"), [("public", "us-central1-a"), ("private", "us-central1-b")]
)
def test_a_gce_instance_has_these_labels(
    targets: Targets, gce_vms: dict[str, Any], what: str, zone: str
) -> None:
    vm = gce_vms[what]
    (interface,) = vm["networkInterfaces"]
    ip = interface["accessConfigs"][0]["natIP"] if what == "public" else interface["networkIP"]
    assert targets[vm["name"]] == {
        "__address__": f"{ip}:6060",
        "job": "sourcegraph-executors",
        "instance": vm["name"],
        "zone": zone,
        "project": PROJECT,
        "pool": "batches",
        "image_name": "executors-6-10-0",
    }
