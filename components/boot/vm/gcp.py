"""A boot on GCP, where the script runs at every boot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import firewall, local_ssd, service
from .agent.gcp import GcpGroup
from .gcp_api import GcpApi
from .main import configure, run
from .secrets_gcp import SecretManager

if TYPE_CHECKING:
    from .document import Document
    from .paths import Paths
    from .web import Patience


def boot(plan: Document, paths: Paths, patience: Patience) -> None:
    """Configure the VM, at every boot.

    Nothing else starts the executor, as it must not run before its disk and the rules are there.
    """
    if not service.running():
        firewall.restore(paths.firewall_rules)
    firewall.hide_metadata(paths.firewall_rules)
    if plan.local_ssd:
        local_ssd.mount(paths)
    store = SecretManager(GcpApi())
    configure(plan, store, paths=paths, patience=patience, at_boot=False)


def main() -> None:
    """The program's entry point on GCP."""
    run(boot, lambda: GcpGroup(GcpApi()))
