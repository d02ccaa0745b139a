"""All variables of the modules, with their defaults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Cloud = Literal["aws", "gcp"]
Module = Literal["root", "executors", "docker-mirror", "networking", "credentials"]

MODULES: tuple[Module, ...] = ("root", "executors", "docker-mirror", "networking", "credentials")


@dataclass(frozen=True)
class Required:
    """A variable without a default."""


REQUIRED = Required()

_JOBS = {
    "queue_name": "",
    "queue_names": None,
    "num_total_jobs": 1800,
    "maximum_num_jobs": 18,
    "maximum_runtime_per_job": "30m",
    "max_active_time": "2h",
    "firecracker_num_cpus": 4,
    "job_num_cpus": 4,
    "firecracker_memory": "12GB",
    "job_memory": "12GB",
    "firecracker_disk_space": "20GB",
    "use_firecracker": True,
    "min_replicas": 1,
    "max_replicas": 1,
    "jobs_per_instance_scaling": 360,
    "metrics_environment_label": REQUIRED,
    "sourcegraph_external_url": REQUIRED,
    "sourcegraph_executor_proxy_password": REQUIRED,
    "instance_tag": REQUIRED,
    "docker_auth_config": "",
}
_GCP_JOBS = _JOBS | {
    "num_total_jobs": 200,
    "maximum_num_jobs": 2,
    "maximum_runtime_per_job": "45m",
    "max_active_time": "12h",
    "jobs_per_instance_scaling": 20,
}


def _prefixed(prefix: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}_{name}": default for name, default in variables.items()}


VARIABLES: Mapping[Cloud, Mapping[Module, Mapping[str, Any]]] = {
    "aws": {
        "root": {
            "availability_zone": REQUIRED,
            "private_networking": False,
            "security_group_id": "",
            "randomize_resource_names": False,
            "permissions_boundary_arn": "",
            "ami_version": "",
            "private_ca_cert_path": "",
            **_prefixed("executor", _JOBS),
            "executor_resource_prefix": "",
            "executor_machine_image": "",
            "executor_machine_type": "c5n.metal",
            "executor_boot_disk_size": 100,
            "executor_boot_disk_iops": 3000,
            "executor_preemptible_machines": False,
            "executor_ssh_access_cidr_range": "0.0.0.0/0",
            "executor_http_access_cidr_range": "0.0.0.0/0",
            "docker_mirror_machine_ami": "",
            "docker_mirror_machine_type": "m5.large",
            "docker_mirror_boot_disk_size": 64,
            "docker_mirror_disk_iops": 3000,
            "docker_mirror_static_ip": "10.0.1.4",
            "docker_mirror_ssh_access_cidr_range": "0.0.0.0/0",
            "docker_mirror_http_access_cidr_range": "10.0.0.0/16",
        },
        "executors": {
            "vpc_id": REQUIRED,
            "subnet_id": REQUIRED,
            "resource_prefix": "",
            "machine_image": "",
            "machine_type": "c5n.metal",
            "ami_version": "",
            "boot_disk_size": 500,
            "boot_disk_iops": 3000,
            "boot_disk_throughput": 125,
            "preemptible_machines": False,
            "ssh_access_cidr_range": "10.0.0.0/16",
            "http_access_cidr_range": "0.0.0.0/0",
            **_JOBS,
            "docker_registry_mirror": "",
            "docker_registry_mirror_node_exporter_url": "",
            "assign_public_ip": True,
            "metrics_access_security_group_id": "",
            "randomize_resource_names": REQUIRED,
            "permissions_boundary_arn": "",
            "private_ca_cert_path": "",
        },
        "docker-mirror": {
            "vpc_id": REQUIRED,
            "subnet_id": REQUIRED,
            "machine_ami": "",
            "machine_type": "m5n.large",
            "ami_version": "",
            "boot_disk_size": 32,
            "disk_size": 64,
            "disk_iops": 3000,
            "disk_throughput": 125,
            "static_ip": REQUIRED,
            "ssh_access_cidr_range": "10.0.0.0/16",
            "http_access_cidr_range": "10.0.0.0/16",
            "http_metrics_access_cidr_range": "0.0.0.0/0",
            "instance_tag_prefix": REQUIRED,
            "assign_public_ip": True,
            "docker_mirror_access_security_group_id": "",
            "resource_prefix": "",
            "randomize_resource_names": REQUIRED,
            "permissions_boundary_arn": "",
        },
        "networking": {
            "availability_zone": REQUIRED,
            "nat": False,
            "resource_prefix": "",
            "randomize_resource_names": REQUIRED,
        },
        "credentials": {"resource_prefix": "", "permissions_boundary_arn": ""},
    },
    "gcp": {
        "root": {
            "region": REQUIRED,
            "zone": REQUIRED,
            "private_networking": False,
            "randomize_resource_names": False,
            "private_ca_cert_path": "",
            **_prefixed("executor", _GCP_JOBS),
            "executor_resource_prefix": "",
            "executor_machine_image": "",
            "executor_machine_type": "c2-standard-8",
            "executor_use_local_ssd": False,
            "executor_boot_disk_size": 100,
            "executor_preemptible_machines": False,
            "executor_http_access_cidr_ranges": ("0.0.0.0/0",),
            "docker_mirror_machine_image": "",
            "docker_mirror_machine_type": "n2-standard-2",
            "docker_mirror_boot_disk_size": 10,
            "docker_mirror_use_local_ssd": False,
            "docker_mirror_http_access_cidr_ranges": ("10.0.0.0/16",),
        },
        "executors": {
            "zone": REQUIRED,
            "network_id": REQUIRED,
            "subnet_id": REQUIRED,
            "resource_prefix": "",
            "machine_image": "",
            "machine_type": "c2-standard-8",
            "boot_disk_size": 100,
            "preemptible_machines": False,
            "http_access_cidr_ranges": ("0.0.0.0/0",),
            **_GCP_JOBS,
            "docker_registry_mirror": "",
            "docker_registry_mirror_node_exporter_url": "",
            "assign_public_ip": True,
            "labels": {},
            "randomize_resource_names": False,
            "use_local_ssd": False,
            "private_ca_cert_path": "",
        },
        "docker-mirror": {
            "zone": REQUIRED,
            "network_id": REQUIRED,
            "subnet_id": REQUIRED,
            "machine_image": "",
            "machine_type": "n2-standard-2",
            "boot_disk_size": 10,
            "disk_size": 64,
            "http_access_cidr_ranges": ("10.0.0.0/16",),
            "http_metrics_access_cidr_ranges": ("0.0.0.0/0",),
            "instance_tag_prefix": REQUIRED,
            "assign_public_ip": True,
            "resource_prefix": "",
            "labels": {},
            "randomize_resource_names": False,
            "use_local_ssd": False,
        },
        "networking": {
            "region": REQUIRED,
            "nat": False,
            "nat_min_ports_per_vm": 1024,
            "resource_prefix": "",
            "randomize_resource_names": False,
        },
        "credentials": {"resource_prefix": ""},
    },
}
"""Default by cloud, module and variable."""

ROOT_PREFIXES: Mapping[str, Module] = {"executor_": "executors", "docker_mirror_": "docker-mirror"}


def origin(module: Module, name: str) -> tuple[Module, str]:
    """The submodule's variable that a root module's variable is handed to; else itself."""
    if module == "root":
        for prefix, inner in ROOT_PREFIXES.items():
            if name.startswith(prefix):
                return inner, name.removeprefix(prefix)
    return module, name
