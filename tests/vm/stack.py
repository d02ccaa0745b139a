"""The stack whose VMs run: one pool with every option for each cloud, and plain ones that drain."""

from typing import Any

from local_clouds.stack_file import Secret
from tests import stacks
from tests.recorder import PROJECT

TOKEN = "canary-$HOME`id`\"quo'te\\back%s-0123456789"
AUTH = '{"auths": {"r.example.com": {"auth": "Y2FuYXJ5OiQoaWQpYGlkYA=="}}}'
NASTY = "a $HOME `id` \"b\" 'c' \\d %h ${X} é 日本"

PLAIN = {"firecracker": {"enabled": False}, "maximumRuntimePerJob": "10m", "maximumNumJobs": 4}
SHORT = {"maximumRuntimePerJob": "40s", "maxActiveTime": "40s"}
FULL: dict[str, Any] = {
    "jobNetworkAllow": ["10.20.0.0/16"],
    "dockerRegistryMirrors": ["http://10.0.1.4:5000", "http://10.0.1.5"],
    "metricsAccessCidrs": ["10.1.0.0/16"],
    "proxy": {"https": "http://proxy.example.com:3128", "noProxy": ["example.com"]},
    "vmStartupScript": f"#!/bin/sh\necho '{NASTY}'\n",
    "environment": {"EXECUTOR_NASTY": NASTY},
}
_AWS = {"zones": ["us-east-1a"], "machineTypes": ["c5n.metal"], "image": "ami-0123456789abcdef0"}
_GCP = {
    "zones": ["us-central1-a"],
    "machineType": "c2-standard-30",
    "image": "projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-0",
}
POOLS: dict[str, dict[str, Any]] = {
    "full-aws": {"queue": "codeintel", "min": 0, "max": 9, **FULL, "aws": _AWS},
    "plain-aws": {
        "queue": "codeintel", "min": 0, "max": 99, **FULL, **PLAIN, "aws": _AWS,
    },
    "short-aws": {"queue": "codeintel", "min": 0, "max": 9, **PLAIN, **SHORT, "aws": _AWS},
    "denied-aws": {"queue": "codeintel", "min": 0, "max": 9, **PLAIN, "aws": _AWS},
    "full-gcp": {
        "queue": "batches", "min": 1, "max": 1, **FULL,
        "gcp": {**_GCP, "localSsd": True, "machineType": "n1-standard-16"},
    },
    "plain-gcp": {"queue": "batches", "min": 1, "max": 1, **FULL, **PLAIN, "gcp": _GCP},
    "short-gcp": {"queue": "batches", "min": 1, "max": 1, **PLAIN, **SHORT, "gcp": _GCP},
    "scaled-gcp": {"queue": "hooks", "min": 0, "max": 9, **PLAIN, "gcp": _GCP},
}  # fmt: skip


def config(certificate: str) -> dict[str, Any]:
    """The stack file's settings, with a private CA."""
    found = stacks.dev()
    found[f"{PROJECT}:sourcegraph"]["extraQueues"] = ["hooks"]
    return found | {
        f"{PROJECT}:pools": POOLS,
        f"{PROJECT}:accessToken": Secret(TOKEN),
        f"{PROJECT}:dockerAuthConfig": Secret(AUTH),
        f"{PROJECT}:privateCaCertificate": Secret(certificate),
    }
