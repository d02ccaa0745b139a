"""A stack's pools, from its preview."""

from collections.abc import Mapping
from dataclasses import dataclass

from components import wiring
from components.boot_spec import boot_spec
from components.config import Deployment, RawConfig, load
from components.config.pools import PROVIDER_DEFAULTS
from components.config.secrets import SECRET_KEYS
from components.tags import POOL
from preview import Preview, PreviewError, boot_of
from simulator import read_aws, read_gcp
from simulator.declared import AwsPool, GcpPool
from simulator.machine import Machine

_BLINDED = "blinded-access-token-0123456789"
PROVIDER_KEYS = tuple(key for keys in PROVIDER_DEFAULTS.values() for key in keys.values())


@dataclass(frozen=True, kw_only=True)
class System:
    """Pools that serve queues together, and what the worker tells each cloud of a queue."""

    name: str
    pools: tuple[AwsPool | GcpPool, ...]
    allocations: Mapping[tuple[str, str], float]
    """By queue and cloud; 1 where none is stated."""

    @property
    def queues(self) -> tuple[str, ...]:
        """All queues of the pools, sorted."""
        return tuple(sorted({queue for pool in self.pools for queue in pool.machine.queues}))

    @property
    def largest(self) -> int:
        """Most VMs of all pools."""
        return sum(pool.most for pool in self.pools)

    @property
    def slots(self) -> int:
        """Slots of a VM; of several pools, of the first."""
        return self.pools[0].machine.slots


def systems(preview: Preview) -> list[System]:
    """The stack's pools; those with a queue in common are one system.

    Raises PreviewError, BootScriptError, and ConfigError for a configuration that is not ours.
    """
    if preview.errors:
        raise PreviewError(f"the preview failed: {preview.errors[0]}")
    deployment = _deployment(preview)
    read: list[AwsPool | GcpPool] = []
    for cloud in (read_aws, read_gcp):
        for group, template in cloud.groups(preview.after):
            if template.tag(POOL) is None:
                continue  # A docker mirror is a group too, but it serves no queue.
            boot = boot_of(template.inputs)
            machine = Machine.of_boot(boot) if boot else _configured(deployment, template.tag(POOL))
            read.append(cloud.pool(preview.after, group, machine))
    allocations = {
        (queue, cloud): part
        for queue, parts in wiring.allocations(deployment).items()
        for cloud, part in parts.items()
    }
    if not wiring.allocation_variable(wiring.allocations(deployment)):
        allocations = {}
    result: list[System] = []
    for pool in sorted(read, key=lambda pool: pool.name):
        queues = set(pool.machine.queues)
        joined = [system for system in result if queues & set(system.queues)]
        members = [member for system in joined for member in system.pools] + [pool]
        result = [system for system in result if system not in joined]
        name = "+".join(member.name for member in members)
        result.append(System(name=name, pools=tuple(members), allocations=allocations))
    return result


def _configured(deployment: Deployment, pool: str | None) -> Machine:
    """A pool's settings while its boot script is not known, as the secrets in it have no names.

    The script's document is then made from the configuration, as the program will make it.
    """
    [configured] = [one for one in deployment.pools if one.name == pool]
    spec = boot_spec(configured, {})
    document = {
        "environment": spec.environment,
        "stop_timeout_seconds": spec.stop_timeout_seconds,
    }
    return Machine.of_document(document, agent=True)


def _deployment(preview: Preview) -> Deployment:
    """The stack's configuration; secrets are blinded, so they are taken as sound."""
    prefix = f"{preview.project}:"
    values = {
        key.removeprefix(prefix): value
        for key, value in preview.config.items()
        if key.startswith(prefix) and key.partition(":")[2] not in SECRET_KEYS
    }
    return load(
        RawConfig(
            stack=preview.stack,
            values={**values, "accessToken": _BLINDED},
            encrypted=frozenset({"accessToken"}),
            providers={key: preview.config[key] for key in PROVIDER_KEYS if key in preview.config},
        )
    )
