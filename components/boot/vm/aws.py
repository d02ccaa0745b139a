"""A boot on AWS, where the script runs at the first boot only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import logs
from .agent.aws import AwsGroup
from .aws_api import AwsApi
from .imds import Imds
from .main import configure, run
from .secrets_aws import SecretsManager

if TYPE_CHECKING:
    from .document import Document
    from .paths import Paths
    from .web import Patience


def boot(plan: Document, paths: Paths, patience: Patience) -> None:
    """Configure the VM; at later boots all is in place, and systemd itself starts the executor."""
    if plan.log_group is not None:
        logs.ship_to(plan.log_group, paths)
    store = SecretsManager(AwsApi(Imds()))
    configure(plan, store, paths=paths, patience=patience, at_boot=True)


def main() -> None:
    """The program's entry point on AWS."""
    run(boot, lambda: AwsGroup(AwsApi(Imds())))
