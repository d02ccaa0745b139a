"""The steps of a mirror that are the same on both clouds."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..failures import BootError, tell
from ..web import Patience
from . import cleaning, disk, document, registry, units
from .paths import MirrorPaths

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..secrets import SecretStore
    from .document import Document


class Site(Protocol):
    """What differs between the clouds."""

    @property
    def store(self) -> SecretStore:
        """Where the upstream's credentials are."""

    def prepare(self) -> Path:
        """Give this VM the mirror's disk and address; the disk's device. BootError."""

    def tend(self, used_percent: float) -> None:
        """Keep the address, and report how full the disk is; UnavailableError."""


def serve(plan: Document, site: Site, paths: MirrorPaths, patience: Patience) -> None:
    """Set the mirror up; may run any number of times."""
    credentials = _credentials(plan, site.store, patience)
    disk.mount(site.prepare(), paths.storage)
    registry.start(changed=registry.configure(credentials, paths))


def tend(site: Site, paths: MirrorPaths, patience: Patience) -> None:
    """Clean the cache when it is large, and report how full the disk is then.

    BootError, and no report, which is an alarm, for a registry that does not run.
    """
    cleaning.clean(paths.storage)
    if not registry.is_serving():
        raise BootError("the registry does not run")
    used = cleaning.used_percent(paths.storage)
    patience.insist("reporting the disk's use", lambda: site.tend(used))


def _credentials(plan: Document, store: SecretStore, patience: Patience) -> tuple[str, str] | None:
    """User and token of the upstream, if it has any."""
    reference = plan.credentials_secret
    if reference is None:
        return None
    raw = patience.insist(f"reading secret {reference}", partial(store.fetch, reference))
    user, separator, token = raw.decode("utf-8", "replace").strip().partition(":")
    if not (user and separator and token):
        raise BootError(f"secret {reference} is not of the form user:token")
    return user, token


def run(site: Callable[[Document, MirrorPaths, Patience], Site]) -> None:
    """Do what the command line names: `boot DOCUMENT`, `serve DOCUMENT` or `tend DOCUMENT`.

    A failure exits with status 1, and systemd tries again.
    """
    command, path = sys.argv[1], Path(sys.argv[2])
    plan, paths = document.load(path), MirrorPaths()
    try:
        if command == "boot":
            units.install(Path(sys.argv[0]), path, paths)
        elif command == "serve":
            patience = Patience()
            serve(plan, site(plan, paths, patience), paths, patience)
        else:
            patience = Patience(total=30)
            tend(site(plan, paths, patience), paths, patience)
    except (BootError, OSError) as error:
        tell(f"the docker mirror: {command} failed: {error}")
        sys.exit(1)
