"""The steps of a boot that are the same on both clouds."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from . import docker, document, environment, files, firewall, secrets, service, trust
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
    os.environ.update(plan.proxy)
    variables = {**plan.environment, **secrets.environment(plan, store, patience)}
    certificates = secrets.certificates(plan, store, patience)
    script = trust.guest_script(
        plan.vm_startup_script, certificates if plan.use_firecracker else []
    )
    if script is not None:
        variables["EXECUTOR_VM_STARTUP_SCRIPT_PATH"] = str(paths.vm_startup_script)
    text = environment.render(variables)

    trust_changed = trust.install(certificates, paths.certificates)
    if plan.use_firecracker:
        firewall.allow_mirrors(plan.mirrors, paths.firewall_rules)
    # Only Firecracker VMs get their mirrors from the executor.
    docker_mirrors = [] if plan.use_firecracker else plan.mirrors
    docker_changed = docker.configure(plan.proxy, docker_mirrors, paths)
    changes = [
        files.keep(paths.vm_startup_script, script, 0o755),
        files.write(paths.executor_drop_in, service.drop_in(plan.stop_timeout_seconds)),
        files.write(paths.executor_env, text, 0o600),
    ]
    service.start(
        at_boot=at_boot, changed=any(changes), docker_changed=docker_changed or trust_changed
    )


def run(boot: Callable[[Document, Paths, Patience], None]) -> None:
    """Boot with the document that the command line names; exit with status 1 when it fails."""
    try:
        boot(document.load(Path(sys.argv[1])), Paths(), Patience())
    except (BootError, OSError) as error:
        tell(f"the executor is not started: {error}")
        sys.exit(1)
    tell("the executor is configured and started")
