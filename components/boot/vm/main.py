"""The steps of a boot that are the same on both clouds."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import (
    docker,
    document,
    environment,
    files,
    firewall,
    lifetime,
    secrets,
    service,
    trust,
)
from .agent import loop
from .failures import BootError, tell
from .paths import Paths
from .web import Patience

if TYPE_CHECKING:
    from collections.abc import Callable

    from .document import Document


def configure(
    plan: Document,
    store: secrets.SecretStore,
    *,
    paths: Paths,
    patience: Patience,
    at_boot: bool,
) -> None:
    """Configure the VM and start the executor.

    What can be refused is refused before the first file is written, and the environment file is the
    last one: no executor starts with half of its settings.
    """
    variables = {**plan.environment, **secrets.environment(plan, store, patience)}
    if lifetime.VARIABLE in variables:
        instance = patience.insist("reading the instance's id", store.instance_id)
        variables[lifetime.VARIABLE] = lifetime.of_vm(variables[lifetime.VARIABLE], instance)
    certificates = secrets.certificates(plan, store, patience)
    script = trust.guest_script(
        plan.vm_startup_script, certificates if plan.use_firecracker else []
    )
    if script is not None:
        variables["EXECUTOR_VM_STARTUP_SCRIPT_PATH"] = str(paths.vm_startup_script)
    text = environment.render(variables)

    trust_changed = trust.install(certificates, paths.certificates)
    if plan.use_firecracker:
        firewall.allow_jobs(plan.mirrors, plan.job_network_allow, paths.firewall_rules)
    # Only Firecracker VMs get their mirrors from the executor.
    docker_mirrors = [] if plan.use_firecracker else plan.mirrors
    docker_changed = docker.configure(plan.proxy, docker_mirrors, paths)
    changes = [
        files.keep(paths.vm_startup_script, script, 0o755),
        files.write(
            paths.executor_drop_in, service.drop_in(plan.stop_timeout_seconds, paths.leaving)
        ),
        files.write(paths.executor_env, text, 0o600),
    ]
    service.start(
        at_boot=at_boot, changed=any(changes), docker_changed=docker_changed or trust_changed
    )


def run(boot: Callable[[Document, Paths, Patience], None], group: Callable[[], loop.Cloud]) -> None:
    """Do what the command line names: `boot DOCUMENT` or `agent DOCUMENT`.

    A boot that fails exits with status 1; the agent never ends by itself.
    """
    command, path = sys.argv[1], Path(sys.argv[2])
    plan, paths = document.load(path), Paths()
    os.environ.update(plan.proxy)
    if command == "agent":
        loop.watch(group(), paths)
    try:
        service.install_agent(Path(sys.argv[0]), path, paths)
        boot(plan, paths, Patience())
    except (BootError, OSError) as error:
        tell(f"the executor is not started: {error}")
        sys.exit(1)
    tell("the executor is configured and started")
