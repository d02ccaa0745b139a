"""Terraform's variables become a stack that loads; what is different is said, no secret is."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from from_terraform.modules import Cloud
from from_terraform.read import Files, ReadError, Use, read
from from_terraform.translate import Stated, TranslateError, Translation, translate

FILES = Path(__file__).parent / "terraform"
CANARIES = ("canary", "Y2FuYXJ5OmF1dGg")
STATED = Stated(version="6.10", project="acme-executors", region="us-central1")


def translated(cloud: Cloud, *names: str, **stated: str) -> Translation:
    files = read(cloud, [FILES / name for name in names])
    return translate(cloud, files, Stated(**stated))


def notes(made: Translation) -> dict[str, str]:
    return {note.variable.rpartition(": ")[2]: note.text for note in made.notes}


CASES: list[tuple[Cloud, tuple[str, ...], dict[str, str]]] = [
    ("aws", ("aws.tfvars",), {}),
    ("aws", ("aws.tf", "aws.auto.tfvars"), {}),
    ("aws", ("aws.tf",), {}),
    ("aws", ("existing.tfvars",), {"region": "us-west-2", "version": "6.10"}),
    ("gcp", ("gcp.tfvars.json",), {"version": "6.10", "project": "acme-executors"}),
    ("gcp", ("gcp.tf",), {}),
]


@pytest.mark.parametrize(("cloud", "names", "stated"), CASES)
def test_the_result_loads_without_problems_and_holds_no_secret(
    cloud: Cloud, names: tuple[str, ...], stated: dict[str, str]
) -> None:
    made = translated(cloud, *names, **stated)
    assert [str(problem) for problem in made.problems()] == []
    for text in (repr(made.config), repr(made.notes)):
        assert not any(canary in text for canary in CANARIES)
    command = notes(made)["sourcegraph_executor_proxy_password"]
    assert command == "not copied, as it is a secret: run `pulumi config set --secret accessToken`"


def test_the_root_module_on_aws() -> None:
    made = translated("aws", "aws.tfvars")
    assert made.config == {
        "aws:region": "us-west-2",
        "sourcegraph": {
            "version": "6.10",
            "url": "https://sourcegraph.example.com",
            "environmentLabel": "prod",
        },
        "instanceTag": "codeintel-prod",
        "permissionsBoundary": "arn:aws:iam::123456789012:policy/boundary",
        "dockerMirror": {"aws": {"diskIops": 4000}},
        "pools": {
            "codeintel": {
                "queue": "codeintel",
                "min": 0,
                "max": 30,
                "jobsPerInstance": 20,
                "maximumRuntimePerJob": "30m",
                "maximumNumJobs": 15,
                "numTotalJobs": 1800,
                "maxActiveTime": "2h",
                "jobNumCpus": 4,
                "jobMemory": "12GB",
                "firecracker": {"diskSpace": "20GB", "enabled": True},
                "aws": {
                    "machineTypes": ["c5n.metal"],
                    "bootDiskSize": 320,
                    "bootDiskIops": 3000,
                    "spot": False,
                    "assignPublicIp": False,
                    "zones": ["us-west-2a"],
                },
            }
        },
    }
    said = notes(made)
    assert said["maximum_num_jobs"] == "18 became 15: c5n.metal has 72 CPUs and 192 GiB"
    assert said["boot_disk_size"].startswith("100 became 320")
    assert "SSM" in said["ssh_access_cidr_range"]
    assert "names are the engine's" in said["resource_prefix"]
    assert "an address of its own" in said["docker_mirror_static_ip"]
    assert "set `image` to the AMI's id of version 6.10.0" in said["ami_version"]
    assert said["private_ca_cert_path"].endswith("--secret privateCaCertificate < ca.pem`")
    assert said["docker_auth_config"].endswith("--secret dockerAuthConfig`")


def test_module_blocks_become_pools_and_what_they_share_stands_once() -> None:
    made = translated("aws", "aws.tf", "aws.auto.tfvars")
    pools = made.config["pools"]
    assert pools.keys() == {"codeintel", "batches"}
    assert pools["batches"]["aws"]["machineTypes"] == ["m5.metal"]
    assert (pools["batches"]["max"], pools["codeintel"]["max"]) == (4, 1)
    assert made.config["executors"]["maxActiveTime"] == "2h"
    assert "maxActiveTime" not in pools["batches"]
    assert made.config["dockerMirror"] == {"diskSize": 200}
    assert "dockerRegistryMirrors" not in repr(made.config)
    assert "instanceTag" not in made.config
    assert "batches-prod, codeintel-prod" in notes(made)["instance_tag"]


def test_what_only_terraform_can_compute_is_named() -> None:
    made = translated("aws", "aws.tf")
    assert notes(made)["max_replicas"] == (
        "not carried over: only Terraform can compute `var.most`"
    )
    assert made.config["pools"]["batches"]["max"] == 1


def test_an_existing_network_is_kept() -> None:
    made = translated("aws", "existing.tfvars", region="us-west-2", version="6.10")
    pool = made.config["pools"]["all"]
    assert pool["aws"]["network"] == {
        "vpcId": "vpc-0123456789abcdef0",
        "subnetIds": ["subnet-0123456789abcdef0"],
        "securityGroupIds": ["sg-0123456789abcdef0"],
    }
    assert pool["aws"]["spot"] is True
    assert pool["dockerRegistryMirrors"] == ["http://10.0.1.4:5000"]
    assert pool["queues"] == ["batches", "codeintel"]
    assert "dockerMirror" not in made.config
    said = notes(made)
    assert "declares it and does nothing" in said["http_access_cidr_range"]
    assert "job_num_cpus overrules it" in said["firecracker_num_cpus"]


def test_the_modules_on_gcp() -> None:
    made = translated("gcp", "gcp.tf")
    batches, shared = (made.config["pools"][name]["gcp"] for name in ("batches", "shared"))
    assert made.config["gcp:project"] == "acme-executors"
    assert made.config["network"] == {"natPortsPerVm": 512}
    assert made.config["labels"] == {"team": "dev-tools"}
    assert batches["image"] == (
        "projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-0"
    )
    assert batches["assignPublicIp"] is False
    assert shared["network"]["network"] == "projects/host-project/global/networks/shared"
    assert made.config["instanceTag"] == "batches-prod"


def test_the_root_module_on_gcp() -> None:
    made = translated("gcp", "gcp.tfvars.json", version="6.10", project="acme-executors")
    assert made.config["dockerMirror"] == {"gcp": {"machineType": "n2-standard-4"}}
    pool = made.config["pools"]["codeintel"]
    assert (pool["maximumNumJobs"], pool["maxActiveTime"], pool["jobsPerInstance"]) == (
        2,
        "12h",
        20,
    )
    assert "image" not in pool["gcp"]
    assert "projects/P/global/images" in notes(made)["machine_image"]
    assert "outlives its VM" in notes(made)["docker_mirror_use_local_ssd"]


def use(**values: Any) -> Files:
    required = {"sourcegraph_external_url": "https://sg.example.com", "queue_name": "codeintel"}
    return Files(
        uses=(Use(cloud="gcp", module="executors", values={**required, **values}),),
    )


def test_what_no_file_says_is_asked_for() -> None:
    with pytest.raises(TranslateError, match="--region"):
        translate("gcp", use(), Stated(version="6.10", project="p"))
    with pytest.raises(TranslateError, match="--project"):
        translate("gcp", use(zone="us-central1-a"), Stated(version="6.10"))
    with pytest.raises(TranslateError, match="--version"):
        translate("gcp", use(zone="us-central1-a"), Stated(project="p"))
    with pytest.raises(TranslateError, match="no pool"):
        translate("gcp", Files(uses=(Use(cloud="gcp", module="networking"),)), STATED)


def test_what_the_program_refuses_is_told() -> None:
    made = translate("gcp", use(zone="us-central1-a", machine_type="e2-standard-16"), STATED)
    keys = {problem.key for problem in made.problems()}
    assert keys == {"sourcegraph.environmentLabel", "pools.codeintel.gcp.machineType"}


def test_an_unknown_variable_is_named() -> None:
    made = translate("gcp", use(zone="us-central1-a", queue_nam="x"), STATED)
    assert notes(made)["queue_nam"] == "no variable of the module in version 6.10"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.tfvars", 'token = "canary\nb = 1', "a.tfvars, line 1: this is not"),
        ("a.tfvars.json", '{"token": "canary"', "this is not Terraform's syntax"),
        ("a.tfvars.json", "[1]", "holds no variables"),
        ("a.tf", 'module "x" {\n  source = "./canary"\n}\n', "no module block uses"),
    ],
)
def test_a_file_of_another_kind_is_refused_without_a_word_of_it(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ReadError, match=words) as refusal:
        read("aws", [tmp_path / name])
    assert "canary" not in str(refusal.value)


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "from_terraform", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_prints_a_stack_file_and_tells_the_rest_apart() -> None:
    done = command("aws", str(FILES / "aws.tfvars"))
    assert done.returncode == 0, done.stderr
    config = yaml.safe_load(done.stdout)["config"]
    assert config["aws:region"] == "us-west-2"
    assert config["sourcegraph-executors:pools"].keys() == {"codeintel"}
    assert "pulumi config set --secret accessToken" in done.stderr
    assert not any(canary in done.stdout + done.stderr for canary in CANARIES)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        (
            "a.tfvars",
            """
            executor_queue_name                          = "codeintel"
            executor_sourcegraph_executor_proxy_password = trimspace("canary-0123456789abcdef")
            executor_docker_auth_config                  = jsonencode({ auth = "Y2FuYXJ5OmF1dGg=" })
            private_ca_cert_path                         = abspath("canary.pem")
            """,
        ),
        (
            "a.tf",
            """
            module "executors" {
              source                              = "sourcegraph/executors/aws//modules/executors"
              queue_name                          = "codeintel"
              sourcegraph_executor_proxy_password = trimspace("canary-0123456789abcdef")
              docker_auth_config                  = jsonencode({ auth = "Y2FuYXJ5OmF1dGg=" })
              private_ca_cert_path                = abspath("canary.pem")
            }
            """,
        ),
    ],
)
def test_a_secret_in_an_expression_is_not_shown(tmp_path: Path, name: str, values: str) -> None:
    file = tmp_path / name
    file.write_text(values)
    done = command("aws", str(file), "--version", "6.10", "--region", "us-west-2")
    assert not any(canary in done.stdout + done.stderr for canary in CANARIES)
    for key in ("accessToken", "dockerAuthConfig", "privateCaCertificate"):
        assert f"as it is a secret: run `pulumi config set --secret {key}`" in done.stderr


def test_the_command_fails_where_something_is_left_to_settle(tmp_path: Path) -> None:
    file = tmp_path / "a.tfvars"
    file.write_text('availability_zone = "us-west-2a"\nexecutor_queue_name = "codeintel"\n')
    done = command("aws", str(file), "--version", "6.10")
    assert done.returncode == 1
    assert "sourcegraph.url: found nothing" in done.stderr
    assert command("aws", str(tmp_path / "none.tfvars")).stderr.count("\n") == 1
