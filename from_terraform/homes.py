"""Where each variable of the modules is at home here, or why it has no home."""

from collections.abc import Mapping
from dataclasses import dataclass

from from_terraform.modules import Cloud, Module, origin


@dataclass(frozen=True)
class Home:
    """A setting's key path (`pools.*` for any pool), a secret, or neither; and what differs."""

    key: str | None = None
    why: str = ""


def _no(why: str) -> Home:
    return Home(None, why)


_POOL = "pools.*"
_NAMES = _no(
    "names are the engine's, with a random suffix, so that nothing collides and a replacement "
    "waits for no name; `pulumi:autonaming` in the stack file sets a pattern of your own"
)
_NO_SSH = _no(
    "no port 22: the module opens it but sets no key pair; a shell comes by SSM (AWS) or "
    "Identity-Aware Proxy (GCP)"
)
_MIRROR_NETWORK = Home(
    "network.cidr", "a mirror is made in every new network, beside the pools that use it"
)
_ONE_MIRROR = "one mirror for each new network, made with `dockerMirror: {}`"
_OPEN_TO_ITS_POOLS = _no(
    "the mirror's ports open to the pools of its network and to nobody else, without being told"
)
_HIDDEN = Home(
    f"{_POOL}.{{cloud}}.assignPublicIp", "a mirror has a public address where its pools have one"
)

_EXECUTORS = {
    "boot_disk_iops": Home(f"{_POOL}.aws.bootDiskIops"),
    "boot_disk_throughput": Home(f"{_POOL}.aws.bootDiskThroughput"),
    "boot_disk_size": Home(
        f"{_POOL}.{{cloud}}.bootDiskSize", "slots must fit; on AWS the disk is encrypted"
    ),
    "docker_auth_config": Home("secret dockerAuthConfig", "in the cloud's secret store"),
    "docker_registry_mirror": Home(
        f"{_POOL}.dockerRegistryMirrors", "a list; a mirror of this program is used without it"
    ),
    "docker_registry_mirror_node_exporter_url": Home(f"{_POOL}.dockerRegistryNodeExporterUrl"),
    "assign_public_ip": Home(
        f"{_POOL}.{{cloud}}.assignPublicIp", "false in a new network: a way out through NAT"
    ),
    "firecracker_num_cpus": Home(f"{_POOL}.jobNumCpus", "`job_num_cpus` overrules it there"),
    "firecracker_memory": Home(f"{_POOL}.jobMemory", "`job_memory` overrules it there"),
    "firecracker_disk_space": Home(f"{_POOL}.firecracker.diskSpace"),
    "http_access_cidr_range": Home(
        f"{_POOL}.metricsAccessCidrs", "unused there; here it opens port 6060, closed when empty"
    ),
    "http_access_cidr_ranges": Home(
        f"{_POOL}.metricsAccessCidrs", "unused there; here it opens port 6060, closed when empty"
    ),
    "instance_tag": Home("instanceTag", "one for a stack; `executor_pool` tells pools apart"),
    "job_num_cpus": Home(f"{_POOL}.jobNumCpus"),
    "job_memory": Home(f"{_POOL}.jobMemory"),
    "jobs_per_instance_scaling": Home(
        f"{_POOL}.jobsPerInstance",
        "unset: the VM's slots; the size jumps to what the queue needs, it does not creep",
    ),
    "labels": Home("labels", "on everything, on AWS too"),
    "machine_image": Home(f"{_POOL}.{{cloud}}.image"),
    "ami_version": Home(f"{_POOL}.aws.image", "an exact AMI's id instead of a version"),
    "machine_type": Home(f"{_POOL}.{{cloud}}.{{machine}}", "always stated: it is most of the cost"),
    "max_active_time": Home(
        f"{_POOL}.maxActiveTime", "VMs of a burst leave one by one: up to a fifth earlier"
    ),
    "maximum_num_jobs": Home(f"{_POOL}.maximumNumJobs", "checked against the machine type"),
    "maximum_runtime_per_job": Home(
        f"{_POOL}.maximumRuntimePerJob", "the executor's own default; also the longest drain"
    ),
    "metrics_access_security_group_id": Home(
        f"{_POOL}.aws.network.securityGroupIds", "the VMs' groups, in an existing network"
    ),
    "metrics_environment_label": Home("sourcegraph.environmentLabel"),
    "min_replicas": Home(f"{_POOL}.min", "0: nothing runs, or costs, while the queue is empty"),
    "max_replicas": Home(f"{_POOL}.max"),
    "num_total_jobs": Home(f"{_POOL}.numTotalJobs", "0 is no limit; `maxActiveTime` ends VMs"),
    "permissions_boundary_arn": Home("permissionsBoundary"),
    "preemptible_machines": Home(
        f"{_POOL}.{{cloud}}.spot", "an interruption notice starts a drain; AWS: `onDemandBase`"
    ),
    "private_ca_cert_path": Home(
        "secret privateCaCertificate", "the certificate itself, for the whole system and docker"
    ),
    "queue_name": Home(f"{_POOL}.queue"),
    "queue_names": Home(f"{_POOL}.queues"),
    "randomize_resource_names": _NAMES,
    "resource_prefix": _NAMES,
    "sourcegraph_executor_proxy_password": Home(
        "secret accessToken", "in the cloud's secret store, not in user data"
    ),
    "sourcegraph_external_url": Home("sourcegraph.url"),
    "ssh_access_cidr_range": _NO_SSH,
    "use_firecracker": Home(f"{_POOL}.firecracker.enabled"),
    "use_local_ssd": Home(f"{_POOL}.gcp.localSsd"),
    "vpc_id": Home(f"{_POOL}.aws.network.vpcId", "or leave it out for a new network"),
    "network_id": Home(f"{_POOL}.gcp.network.network", "or leave it out for a new network"),
    "subnet_id": Home(f"{_POOL}.{{cloud}}.network.{{subnet}}", "AWS: one or more"),
    "zone": Home(f"{_POOL}.gcp.zones", "a regional group: one zone or more"),
}

_MIRROR = {
    "assign_public_ip": _HIDDEN,
    "boot_disk_size": _no("the image's size: the cache is on a disk of its own"),
    "disk_size": Home("dockerMirror.diskSize", "cleaned up before it is full"),
    "disk_iops": Home("dockerMirror.aws.diskIops"),
    "disk_throughput": Home("dockerMirror.aws.diskThroughput"),
    "docker_mirror_access_security_group_id": _OPEN_TO_ITS_POOLS,
    "http_access_cidr_range": _OPEN_TO_ITS_POOLS,
    "http_access_cidr_ranges": _OPEN_TO_ITS_POOLS,
    "http_metrics_access_cidr_range": Home(
        "dockerMirror.metricsAccessCidrs", "unused there; port 9999, closed when empty"
    ),
    "http_metrics_access_cidr_ranges": Home(
        "dockerMirror.metricsAccessCidrs", "unused there; port 9999, closed when empty"
    ),
    "instance_tag_prefix": Home("instanceTag", "mirrors carry it with `-docker-mirror`"),
    "labels": Home("labels", "on everything, on AWS too"),
    "machine_ami": Home("dockerMirror.aws.image"),
    "machine_image": Home("dockerMirror.gcp.image"),
    "ami_version": Home("dockerMirror.aws.image", "an exact AMI's id instead of a version"),
    "machine_type": Home("dockerMirror.{cloud}.machineType", "AWS: of a present family"),
    "permissions_boundary_arn": Home("permissionsBoundary"),
    "randomize_resource_names": _NAMES,
    "resource_prefix": _NAMES,
    "ssh_access_cidr_range": _NO_SSH,
    "static_ip": Home("dockerMirror.aws.address", "the twentieth of its subnet when unset"),
    "use_local_ssd": _no("the cache outlives its VM, which a local disk does not"),
    "vpc_id": _MIRROR_NETWORK,
    "network_id": _MIRROR_NETWORK,
    "subnet_id": _MIRROR_NETWORK,
    "zone": Home(f"{_POOL}.gcp.zones", _ONE_MIRROR),
}

_OTHERS: Mapping[Module, Mapping[str, Home]] = {
    "root": {
        "availability_zone": Home(f"{_POOL}.aws.zones", "one zone or more; the region follows"),
        "region": Home("gcp:region", "or `pools.*.gcp.region`"),
        "zone": Home(f"{_POOL}.gcp.zones", "a regional group: one zone or more"),
        "private_networking": Home(
            f"{_POOL}.{{cloud}}.assignPublicIp", "false: NAT with static egress addresses"
        ),
        "security_group_id": Home(
            f"{_POOL}.aws.network.securityGroupIds", "the VMs' groups, in an existing network"
        ),
        "randomize_resource_names": _NAMES,
        "permissions_boundary_arn": Home("permissionsBoundary"),
        "ami_version": Home(f"{_POOL}.aws.image", "an exact AMI's id instead of a version"),
        "private_ca_cert_path": _EXECUTORS["private_ca_cert_path"],
    },
    "networking": {
        "availability_zone": Home(f"{_POOL}.aws.zones", "one zone or more; the region follows"),
        "region": Home("gcp:region", "or `pools.*.gcp.region`"),
        "nat": Home(
            f"{_POOL}.{{cloud}}.assignPublicIp",
            "false: NAT with static egress addresses; AWS: one, or one a zone (`natPerZone`)",
        ),
        "nat_min_ports_per_vm": Home("network.natPortsPerVm", "with `network.natAddresses`"),
        "resource_prefix": _NAMES,
        "randomize_resource_names": _NAMES,
    },
    "credentials": {
        "resource_prefix": _NAMES,
        "permissions_boundary_arn": Home("permissionsBoundary"),
    },
}
_BY_MODULE = {**_OTHERS, "executors": _EXECUTORS, "docker-mirror": _MIRROR}

_WORDS = {
    "aws": {"cloud": "aws", "machine": "machineTypes", "subnet": "subnetIds"},
    "gcp": {"cloud": "gcp", "machine": "machineType", "subnet": "subnetwork"},
}


def home(cloud: Cloud, module: Module, name: str) -> Home:
    """The home of a module's variable; KeyError when nobody thought of one."""
    found = _BY_MODULE[origin(module, name)[0]][origin(module, name)[1]]
    key = None if found.key is None else found.key.format_map(_WORDS[cloud])
    return Home(key, found.why)
