"""The Sourcegraph instance that a stack's executors work for."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

from components.config.base import Matches, Settings, reject
from components.config.types import QueueName, Url

WORKER_QUEUES = ("batches", "codeintel")
"""Queues of every Sourcegraph with executors (`internal/executor/types/queues.go`)."""


def _frontend_url(value: str) -> str:
    if urlsplit(value).hostname == "host.docker.internal":
        reject(
            "a host that a VM can reach; host.docker.internal is one container's view of its host",
            "write the name under which VMs reach Sourcegraph",
        )
    return value


class Sourcegraph(Settings):
    """Where Sourcegraph is, and what its `worker` knows."""

    url: Annotated[Url, AfterValidator(_frontend_url)]
    """External URL, as in the site configuration."""
    version: Annotated[
        str,
        Matches(
            "major.minor in quotes, without the patch",
            pattern=r"[1-9][0-9]?\.(0|[1-9][0-9]?)",
            example='"6.10"',
        ),
    ]
    """Version of Sourcegraph; executors must have the same (the patch is free)."""
    environment_label: Annotated[
        str,
        Matches(
            "up to 63 letters, digits, dots, hyphens and underscores",
            pattern="[A-Za-z0-9][A-Za-z0-9_.-]{0,62}",
            example="prod",
        ),
    ]
    """The worker's EXECUTOR_METRIC_ENVIRONMENT_LABEL; one for all stacks of a Sourcegraph."""
    extra_queues: tuple[QueueName, ...] = ()
    """Queues that this version knows besides batches and codeintel, e.g. batches-hooks."""

    @property
    def queues(self) -> tuple[str, ...]:
        """All queues that the worker knows, sorted."""
        return tuple(sorted({*WORKER_QUEUES, *self.extra_queues}))

    @property
    def image_infix(self) -> str:
        """`6-10` for 6.10: how Sourcegraph's images name their version."""
        return self.version.replace(".", "-")
