"""The executor's environment, from the configuration (`cmd/executor/internal/config/config.go`)."""

from components.config import ExecutorConfig


def executor_environment(config: ExecutorConfig) -> dict[str, str]:
    """All variables of the executor but the secret ones, sorted by name.

    What is unset is left out, so the executor's own default holds.
    """
    firecracker = config.firecracker
    queue = {"EXECUTOR_QUEUE_NAME": config.queue, "EXECUTOR_QUEUE_NAMES": config.queues}
    values = {
        "EXECUTOR_FRONTEND_URL": config.sourcegraph.url,
        **queue,
        "EXECUTOR_QUEUE_POLL_INTERVAL": config.queue_poll_interval,
        "EXECUTOR_MAXIMUM_RUNTIME_PER_JOB": config.maximum_runtime_per_job,
        "EXECUTOR_MAXIMUM_NUM_JOBS": config.maximum_num_jobs,
        "EXECUTOR_NUM_TOTAL_JOBS": config.num_total_jobs,
        "EXECUTOR_MAX_ACTIVE_TIME": config.max_active_time,
        "EXECUTOR_USE_FIRECRACKER": firecracker.enabled,
        "EXECUTOR_JOB_NUM_CPUS": config.job_num_cpus,
        "EXECUTOR_JOB_MEMORY": config.job_memory,
        "EXECUTOR_FIRECRACKER_DISK_SPACE": firecracker.disk_space,
        "EXECUTOR_FIRECRACKER_IMAGE": firecracker.image,
        "EXECUTOR_FIRECRACKER_KERNEL_IMAGE": firecracker.kernel_image,
        "EXECUTOR_FIRECRACKER_SANDBOX_IMAGE": firecracker.sandbox_image,
        "EXECUTOR_FIRECRACKER_BANDWIDTH_INGRESS": firecracker.bandwidth_ingress,
        "EXECUTOR_FIRECRACKER_BANDWIDTH_EGRESS": firecracker.bandwidth_egress,
        "EXECUTOR_DOCKER_REGISTRY_MIRROR_URL": config.docker_registry_mirrors or None,
        "DOCKER_REGISTRY_NODE_EXPORTER_URL": config.docker_registry_node_exporter_url,
        "NODE_EXPORTER_URL": config.node_exporter_url,
        "SRC_LOG_LEVEL": config.log_level,
    }
    stated = {name: _text(value) for name, value in values.items() if value is not None}
    return dict(sorted({**stated, **config.environment}.items()))


def _text(value: str | int | bool | tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(value) if isinstance(value, tuple) else str(value)


def proxy_environment(config: ExecutorConfig) -> dict[str, str]:
    """The proxy variables, empty without a proxy. The metadata server never goes through it."""
    proxy = config.proxy
    addresses = {"HTTP_PROXY": proxy.http, "HTTPS_PROXY": proxy.https}
    stated = {name: value for name, value in addresses.items() if value is not None}
    if not stated:
        return {}
    direct = ["169.254.169.254", "metadata.google.internal", "localhost", "127.0.0.1"]
    return {**stated, "NO_PROXY": ",".join([*direct, *proxy.no_proxy])}
