"""Environment variables of the executor that the stack file may add."""

from typing import Annotated

from pydantic import AfterValidator

from components.config.base import Matches, reject

_OWNED_VARIABLES = {
    "EXECUTOR_FRONTEND_URL": "sourcegraph.url",
    "EXECUTOR_FRONTEND_PASSWORD": "the secret accessToken",
    "EXECUTOR_QUEUE_NAME": "queue",
    "EXECUTOR_QUEUE_NAMES": "queues",
    "EXECUTOR_QUEUE_POLL_INTERVAL": "queuePollInterval",
    "EXECUTOR_MAXIMUM_RUNTIME_PER_JOB": "maximumRuntimePerJob",
    "EXECUTOR_MAXIMUM_NUM_JOBS": "maximumNumJobs",
    "EXECUTOR_NUM_TOTAL_JOBS": "numTotalJobs",
    "EXECUTOR_MAX_ACTIVE_TIME": "maxActiveTime",
    "EXECUTOR_USE_FIRECRACKER": "firecracker.enabled",
    "EXECUTOR_JOB_NUM_CPUS": "jobNumCpus",
    "EXECUTOR_FIRECRACKER_NUM_CPUS": "jobNumCpus",
    "EXECUTOR_JOB_MEMORY": "jobMemory",
    "EXECUTOR_FIRECRACKER_MEMORY": "jobMemory",
    "EXECUTOR_FIRECRACKER_DISK_SPACE": "firecracker.diskSpace",
    "EXECUTOR_FIRECRACKER_IMAGE": "firecracker.image",
    "EXECUTOR_FIRECRACKER_KERNEL_IMAGE": "firecracker.kernelImage",
    "EXECUTOR_FIRECRACKER_SANDBOX_IMAGE": "firecracker.sandboxImage",
    "EXECUTOR_FIRECRACKER_BANDWIDTH_INGRESS": "firecracker.bandwidthIngress",
    "EXECUTOR_FIRECRACKER_BANDWIDTH_EGRESS": "firecracker.bandwidthEgress",
    "EXECUTOR_VM_STARTUP_SCRIPT_PATH": "vmStartupScript",
    "EXECUTOR_DOCKER_REGISTRY_MIRROR_URL": "dockerRegistryMirrors",
    "EXECUTOR_DOCKER_AUTH_CONFIG": "the secret dockerAuthConfig",
    "NODE_EXPORTER_URL": "nodeExporterUrl",
    "DOCKER_REGISTRY_NODE_EXPORTER_URL": "dockerRegistryNodeExporterUrl",
    "SRC_LOG_LEVEL": "logLevel",
    "SRC_PROF_HTTP": "metricsAccessCidrs",
    "HTTP_PROXY": "proxy.http",
    "HTTPS_PROXY": "proxy.https",
    "NO_PROXY": "proxy.noProxy",
}


def _free_variable(name: str) -> str:
    owner = _OWNED_VARIABLES.get(name.upper())
    if owner is not None:
        reject("variables that have no setting of their own", f"use {owner} instead")
    return name


Variable = Annotated[
    str,
    Matches(
        "a variable's name: up to 128 letters, digits and underscores, with no digit first",
        pattern="[A-Za-z_][A-Za-z0-9_]{0,127}",
        example="EXECUTOR_KEEP_WORKSPACES",
    ),
    AfterValidator(_free_variable),
]
