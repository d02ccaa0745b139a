"""Stack configurations for tests."""

import copy
import json
from typing import Any

import yaml

from tests.recorder import PROJECT, ROOT


def dev() -> dict[str, Any]:
    """The committed development stack."""
    return yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())["config"]


AWS_KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
GCP_KEY = "projects/acme-keys/locations/us-central1/keyRings/executors/cryptoKeys/disks"

_AWS = {
    "zones": ["us-east-1a", "us-east-1c"],
    "machineTypes": ["c5n.metal", "m5zn.metal"],
    "image": "ami-0123456789abcdef0",
}
_GCP = {
    "zones": ["us-central1-a", "us-central1-f"],
    "machineType": "c2-standard-30",
    "image": "projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-0",
}


def three_pools(*clouds: str) -> dict[str, Any]:
    """Per cloud: codeintel, batches, and one pool that serves both."""
    blocks = {"aws": _AWS, "gcp": _GCP}
    queues: dict[str, dict[str, Any]] = {
        "ci": {"queue": "codeintel"},
        "ba": {"queue": "batches"},
        "all": {"queues": ["batches", "codeintel"]},
    }
    pools = {
        f"{short}-{cloud}": {"min": 1, "max": 3, **queue, cloud: blocks[cloud]}
        for cloud in clouds
        for short, queue in queues.items()
    }
    config = dev()
    config[f"{PROJECT}:pools"] = copy.deepcopy(pools)
    return config


def everything() -> dict[str, Any]:
    """Three pools per cloud with every option in use."""
    config = three_pools("aws", "gcp")
    config[f"{PROJECT}:executors"] = {
        **config[f"{PROJECT}:executors"],
        "metricsAccessCidrs": ["10.1.0.0/16", "10.2.0.0/16"],
        "proxy": {"https": "http://proxy.example.com:3128", "noProxy": ["example.com"]},
        "dockerRegistryMirrors": ["http://10.0.1.4:5000"],
        "jobNetworkAllow": ["10.1.0.0/16"],
        "vmStartupScript": "#!/bin/sh\ntrue\n",
        "environment": {"EXECUTOR_KEEP_WORKSPACES": "true"},
    }
    config[f"{PROJECT}:alerts"] = {
        "aws": ["arn:aws:sns:us-east-1:123456789012:executors"],
        "gcp": ["projects/acme-executors-dev/notificationChannels/1234567890"],
    }
    config[f"{PROJECT}:labels"] = {"team": "dev-tools"}
    auth = {"auths": {"r.example.com": {"auth": "Y2FuYXJ5OmF1dGg="}}}
    config[f"{PROJECT}:dockerAuthConfig"] = json.dumps(auth)
    config[f"{PROJECT}:dockerMirrorCredentials"] = "canary-user:canary-mirror-token"
    config[f"{PROJECT}:dockerMirror"] = {"metricsAccessCidrs": ["10.1.0.0/16"]}
    config[f"{PROJECT}:encryptionKeys"] = [AWS_KEY, GCP_KEY]
    pools = config[f"{PROJECT}:pools"]
    pools["ba-gcp"]["gcp"] |= {"localSsd": True, "spot": True, "machineType": "n1-standard-16"}
    pools["ba-gcp"]["gcp"] |= {"assignPublicIp": False}
    pools["ba-aws"]["aws"] |= {"spot": True, "onDemandBase": 1, "spotPercent": 80}
    pools["ba-aws"]["aws"] |= {"assignPublicIp": False}
    del pools["ba-aws"]["aws"]["image"], pools["ba-gcp"]["gcp"]["image"]
    office = {"cron": "0 8 * * MON", "timeZone": "Europe/Berlin", "duration": "9h", "min": 2}
    for cloud in ("aws", "gcp"):
        pools[f"all-{cloud}"] |= {"schedules": {"office": office}}
    pools["ci-aws"] |= {"paused": True}
    pools["ci-gcp"] |= {"max": 1}
    return config


def with_pools(changes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The development stack with changed settings of its pools; mappings are merged."""
    config = dev()
    for name, settings in changes.items():
        pool = config[f"{PROJECT}:pools"][name]
        for key, value in settings.items():
            pool[key] = {**pool.get(key, {}), **value} if isinstance(value, dict) else value
    return config


def with_pool(name: str, **settings: Any) -> dict[str, Any]:
    """The development stack with changed settings of one pool."""
    return with_pools({name: settings})


def pool(config: dict[str, Any], name: str) -> dict[str, Any]:
    """The settings of one pool, to be changed."""
    return config[f"{PROJECT}:pools"][name]


def private() -> dict[str, Any]:
    """The development stack without public addresses, with a VM in each pool."""
    hidden = {"assignPublicIp": False}
    return with_pools({"codeintel": {"min": 1, "aws": hidden}, "batches": {"gcp": hidden}})
