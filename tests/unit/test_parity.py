"""Every variable of the Terraform modules has a row: a home that exists, or a reason for none."""

import re

import pytest

from components.config.types import size_bytes
from from_terraform.homes import home
from from_terraform.modules import MODULES, REQUIRED, VARIABLES, Cloud, Module
from from_terraform.parity import FILE, default_here, parity

NAMES = """
ami_version assign_public_ip availability_zone boot_disk_iops boot_disk_size
boot_disk_throughput disk_iops disk_size disk_throughput docker_auth_config
docker_mirror_access_security_group_id docker_mirror_boot_disk_size docker_mirror_disk_iops
docker_mirror_http_access_cidr_range docker_mirror_http_access_cidr_ranges
docker_mirror_machine_ami docker_mirror_machine_image docker_mirror_machine_type
docker_mirror_ssh_access_cidr_range docker_mirror_static_ip docker_mirror_use_local_ssd
docker_registry_mirror docker_registry_mirror_node_exporter_url executor_boot_disk_iops
executor_boot_disk_size executor_docker_auth_config executor_firecracker_disk_space
executor_firecracker_memory executor_firecracker_num_cpus executor_http_access_cidr_range
executor_http_access_cidr_ranges executor_instance_tag executor_job_memory executor_job_num_cpus
executor_jobs_per_instance_scaling executor_machine_image executor_machine_type
executor_max_active_time executor_max_replicas executor_maximum_num_jobs
executor_maximum_runtime_per_job executor_metrics_environment_label executor_min_replicas
executor_num_total_jobs executor_preemptible_machines executor_queue_name executor_queue_names
executor_resource_prefix executor_sourcegraph_executor_proxy_password
executor_sourcegraph_external_url executor_ssh_access_cidr_range executor_use_firecracker
executor_use_local_ssd firecracker_disk_space firecracker_memory firecracker_num_cpus
http_access_cidr_range http_access_cidr_ranges http_metrics_access_cidr_range
http_metrics_access_cidr_ranges instance_tag instance_tag_prefix job_memory job_num_cpus
jobs_per_instance_scaling labels machine_ami machine_image machine_type max_active_time
max_replicas maximum_num_jobs maximum_runtime_per_job metrics_access_security_group_id
metrics_environment_label min_replicas nat nat_min_ports_per_vm network_id num_total_jobs
permissions_boundary_arn preemptible_machines private_ca_cert_path private_networking queue_name
queue_names randomize_resource_names region resource_prefix security_group_id
sourcegraph_executor_proxy_password sourcegraph_external_url ssh_access_cidr_range static_ip
subnet_id use_firecracker use_local_ssd vpc_id zone
""".split()
"""The distinct names of the variables of all modules of both clouds, from their `variables.tf`."""

COUNTS: dict[tuple[Cloud, Module], int] = {
    ("aws", "root"): 42,
    ("aws", "executors"): 39,
    ("aws", "docker-mirror"): 19,
    ("aws", "networking"): 4,
    ("aws", "credentials"): 2,
    ("gcp", "root"): 37,
    ("gcp", "executors"): 36,
    ("gcp", "docker-mirror"): 15,
    ("gcp", "networking"): 5,
    ("gcp", "credentials"): 1,
}
ALL = [(cloud, module, name) for cloud, module in COUNTS for name in VARIABLES[cloud][module]]


def test_the_committed_table_is_the_generated_one() -> None:
    message = "run `python -m from_terraform.parity` and commit docs/terraform-parity.md"
    assert FILE.read_text() == parity(), message


def test_no_variable_of_any_module_is_missing() -> None:
    assert len(NAMES) == 99
    assert sorted({name for _, _, name in ALL}) == NAMES
    assert {(c, m): len(VARIABLES[c][m]) for c in VARIABLES for m in MODULES} == COUNTS
    rows = re.findall(r"^\| `(\w+)` \|", parity(), re.MULTILINE)
    assert len(rows) == sum(COUNTS.values())
    assert sorted(set(rows)) == NAMES


@pytest.mark.parametrize(("cloud", "module", "name"), ALL)
def test_a_variable_has_a_setting_that_exists_or_a_reason(
    cloud: Cloud, module: Module, name: str
) -> None:
    found = home(cloud, module, name)
    if found.key is None:
        assert len(found.why) > 20
        return
    here, there = default_here(found.key).strip("`"), VARIABLES[cloud][module][name]
    assert {"aws": ".gcp.", "gcp": ".aws."}[cloud] not in found.key
    # Where a default differs, the row says why.
    if there is not REQUIRED and _text(there) != _text(here):
        assert found.why, (there, here)


def _text(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value or "")
    try:
        return str(size_bytes(text))
    except ValueError:
        return text


def test_a_setting_that_does_not_exist_is_no_home() -> None:
    for key in ("pools.*.maximumJobs", "pools.*.aws.machineType", "secret token", "netwrok.cidr"):
        with pytest.raises(KeyError):
            default_here(key)
