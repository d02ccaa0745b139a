"""What a VM needs to know when it boots, from its pool's configuration."""

from collections.abc import Mapping

from components.boot import BootSpec
from components.config import Pool
from components.drain import drain_seconds
from components.environment import executor_environment, proxy_environment

_SECRET_VARIABLES = {
    "accessToken": "EXECUTOR_FRONTEND_PASSWORD",
    "dockerAuthConfig": "EXECUTOR_DOCKER_AUTH_CONFIG",
}


def boot_spec(pool: Pool, secrets: Mapping[str, str], *, log_group: str | None = None) -> BootSpec:
    """The boot of a pool's VMs; `secrets` are references by config key, never values."""
    config = pool.executor
    return BootSpec(
        cloud=pool.cloud,
        environment=executor_environment(config),
        secret_environment={
            variable: secrets[key] for key, variable in _SECRET_VARIABLES.items() if key in secrets
        },
        private_ca_secret=secrets.get("privateCaCertificate"),
        vm_startup_script=config.vm_startup_script,
        mirrors=config.docker_registry_mirrors,
        job_network_allow=config.job_network_allow,
        log_group=log_group,
        local_ssd=getattr(pool.placement, "local_ssd", False),
        proxy=proxy_environment(config),
        metrics_listen="0.0.0.0:6060" if _shows_metrics(pool) else None,
        use_firecracker=config.firecracker.enabled,
        stop_timeout_seconds=drain_seconds(config.maximum_runtime_per_job),
    )


def _shows_metrics(pool: Pool) -> bool:
    groups = getattr(pool.placement, "metrics_access_security_group_ids", ())
    return bool(pool.executor.metrics_access_cidrs or groups)
