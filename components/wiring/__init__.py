"""What Sourcegraph's own services need to work with a deployment.

A stack's output `sourcegraph` holds it: plain values as they are, and for every secret the
command that prints it. `python -m components.wiring` renders it, for one stack or several.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.config import Deployment
from components.scaling import AWS_NAMESPACE
from components.shares import TOLERANCE
from components.wiring.pools import pool

__all__ = ["MergeError", "allocations", "frontend", "merge", "pool", "sourcegraph", "worker"]

SHARE_DIGITS = 12

_AWS_KEY_ID = "EXECUTOR_METRIC_AWS_ACCESS_KEY_ID"


@dataclass(frozen=True, kw_only=True)
class Service:
    """Environment of one service: plain variables, and commands that print the secret ones."""

    environment: dict[str, Any] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def output(self) -> dict[str, Any]:
        """The service as a stack output."""
        return {"environment": self.environment, "secrets": self.secrets}


def _printed_by(stack: str, output: str) -> str:
    return f"pulumi stack output {output} --show-secrets --stack {stack}"


def allocations(deployment: Deployment) -> dict[str, dict[str, float]]:
    """Per queue, the part that each cloud answers for."""
    result: dict[str, dict[str, float]] = {}
    for (queue, cloud), part in sorted(deployment.shares.allocations.items()):
        clouds = result.setdefault(queue, {"aws": 0.0, "gcp": 0.0})
        clouds[cloud] = round(part, SHARE_DIGITS)
    return result


def own_shares(deployment: Deployment) -> dict[str, float]:
    """Per queue, the part that this stack's pools answer for."""
    result: dict[str, float] = {}
    for (_, queue), share in sorted(deployment.shares.by_pool.items()):
        result[queue] = round(result.get(queue, 0) + share, SHARE_DIGITS)
    return result


def allocation_variable(by_queue: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """EXECUTOR_ALLOCATIONS where two clouds are served: unset, each would be told all jobs."""
    clouds = {cloud for parts in by_queue.values() for cloud, part in parts.items() if part}
    if len(clouds) < 2:
        return {}
    return {"EXECUTOR_ALLOCATIONS": json.dumps(by_queue, sort_keys=True, separators=(",", ":"))}


def sourcegraph(deployment: Deployment, key_ids: Mapping[str, Any]) -> dict[str, Any]:
    """All that Sourcegraph's services need, as a stack output without a secret value.

    `key_ids` are the metric writers' key ids by cloud, Outputs in a program.
    """
    return {
        "worker": worker(deployment, key_ids).output(),
        "frontend": frontend(deployment.stack).output(),
        "siteConfig": site_config(deployment),
        "allocations": allocations(deployment),
        "shares": own_shares(deployment),
    }


def worker(deployment: Deployment, key_ids: Mapping[str, Any]) -> Service:
    """The `worker` service (`cmd/worker/internal/executorqueue/config.go`).

    `key_ids` are the metric writers' key ids by cloud, Outputs in a program.
    """
    stack, locations = deployment.stack, deployment.metric_location
    environment = {
        "EXECUTOR_METRIC_ENVIRONMENT_LABEL": deployment.settings.sourcegraph.environment_label,
        **allocation_variable(allocations(deployment)),
    }
    secrets = {}
    if "aws" in locations:
        environment |= {
            "EXECUTOR_METRIC_AWS_NAMESPACE": AWS_NAMESPACE,
            "EXECUTOR_METRIC_AWS_REGION": locations["aws"],
            _AWS_KEY_ID: key_ids["aws"],
        }
        secrets["EXECUTOR_METRIC_AWS_SECRET_ACCESS_KEY"] = _printed_by(stack, "awsMetricWriterKey")
    if "gcp" in locations:
        environment["EXECUTOR_METRIC_GCP_PROJECT_ID"] = locations["gcp"]
        if deployment.settings.metric_writer.gcp == "key":
            content = "EXECUTOR_METRIC_GOOGLE_APPLICATION_CREDENTIALS_FILE_CONTENT"
            secrets[content] = _printed_by(stack, "gcpMetricWriterKey")
    return Service(environment=environment, secrets=secrets)


def frontend(stack: str) -> Service:
    """The `frontend` service of a Sourcegraph that still reads the token from its environment."""
    command = f"pulumi config get accessToken --stack {stack}"
    return Service(secrets={"EXECUTOR_FRONTEND_PASSWORD": command})


def site_config(deployment: Deployment) -> dict[str, Any]:
    """Site configuration; the token is the output of the frontend's command."""
    return {
        "externalURL": deployment.settings.sourcegraph.url,
        "executors.accessToken": f"$(pulumi config get accessToken --stack {deployment.stack})",
    }


class MergeError(ValueError):
    """Stacks that cannot feed one worker; names the variable and both values."""


def merge(outputs: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """One `sourcegraph` output for several stacks of one Sourcegraph, usually one per cloud.

    Each stack makes a metric writer, and any may write for all: the first one's is used. Raises
    MergeError where the stacks contradict each other, or where two of them serve a queue
    without telling so in `elsewhere`.
    """
    environment: dict[str, Any] = {}
    secrets: dict[str, str] = {}
    site: dict[str, Any] = {}
    by_queue: dict[str, Mapping[str, float]] = {}
    shares: dict[str, float] = {}
    first, *others = outputs
    for output in (first, *others):
        service = output["worker"]
        own = {k: v for k, v in service["environment"].items() if k != "EXECUTOR_ALLOCATIONS"}
        if _AWS_KEY_ID in environment:
            own.pop(_AWS_KEY_ID, None)
        _unite(environment, own, "one worker needs one value")
        secrets = {**service["secrets"], **secrets}
        _unite(
            site, {"externalURL": output["siteConfig"]["externalURL"]}, "merge one Sourcegraph's"
        )
        _unite(by_queue, output["allocations"], "state the other stack's share in `elsewhere`")
        for queue, share in output["shares"].items():
            shares[queue] = shares.get(queue, 0) + share
    for queue, share in shares.items():
        if share > 1 + TOLERANCE:
            message = (
                f"the stacks answer for {share:g} of the queue {queue}, which is more than all"
            )
            raise MergeError(f"{message}; state the other stack's share in `elsewhere`")
    environment |= allocation_variable(by_queue)
    return {
        **first,
        "worker": Service(environment=environment, secrets=secrets).output(),
        "allocations": by_queue,
        "shares": shares,
    }


def _unite(all_values: dict[str, Any], values: Mapping[str, Any], fix: str) -> None:
    for name, value in values.items():
        if all_values.setdefault(name, value) != value:
            both = f"{name} is {all_values[name]!r} in one stack and {value!r} in another"
            raise MergeError(f"{both}; {fix}")
