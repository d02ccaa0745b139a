"""Good stacks are accepted, and mean what they say."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.config import load
from tests.unit.stacks import AWS, DELETED, GCP, PROVIDERS, TOKEN, changed, deployed, raw

CI, BA = "pools.codeintel", "pools.batches"
BOTH = ["batches", "codeintel"]
PLAIN = f"{CI}.firecracker.enabled"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nTUlJ\n-----END CERTIFICATE-----\n"
AUTH = '{"auths": {"registry.example.com": {"auth": "dXNlcjpwYXNz"}}}'

GOOD_STACKS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "AWS alone": {BA: DELETED},
    "GCP alone": {CI: DELETED},
    "URL with port and path": {"sourcegraph.url": "http://10.0.0.5:7080/sourcegraph"},
    "URL with an IPv6 address": {"sourcegraph.url": "https://[fd00::1]:7080"},
    "a queue of a newer version": {"sourcegraph.extraQueues": ["hooks"], f"{BA}.queue": "hooks"},
    "one queue in a list": {f"{CI}.queue": DELETED, f"{CI}.queues": ["codeintel"]},
    "all queues on GCP": {BA: {"queues": BOTH, "min": 1, "max": 9, "gcp": GCP}, CI: DELETED},
    "some queues on AWS": {
        "sourcegraph.extraQueues": ["hooks"],
        CI: {"queues": BOTH, "aws": AWS},
        f"{BA}.queue": "hooks",
    },
    "some queues on GCP at a fixed size": {
        "sourcegraph.extraQueues": ["hooks"],
        BA: {"queues": BOTH, "min": 2, "max": 2, "share": {"codeintel": 0.25}, "gcp": GCP},
        f"{CI}.share": 0.75,
    },
    "durations of Go": {f"{CI}.maxActiveTime": "1h30m0.5s", f"{CI}.maximumRuntimePerJob": "90m"},
    "the longest drains": {
        **{"executors.maxActiveTime": "100h", f"{CI}.maximumRuntimePerJob": "47h45m"},
        f"{BA}.maximumRuntimePerJob": "99h",
    },
    "endless VMs by choice": {f"{CI}.maxActiveTime": "0", f"{CI}.allowEndlessVms": True},
    "sizes of the executor": {
        f"{CI}.jobMemory": "12000 MB",
        "executors.firecracker.diskSpace": "1T",
        f"{CI}.aws.bootDiskSize": 5000,
        f"{BA}.gcp.bootDiskSize": 5000,
    },
    "no bounds without Firecracker": {PLAIN: False, f"{CI}.jobMemory": "0", f"{CI}.jobNumCpus": 0},
    "odd CPUs without Firecracker": {PLAIN: False, f"{CI}.jobNumCpus": 3},
    "one CPU under Firecracker": {f"{CI}.jobNumCpus": 1},
    "any machine without Firecracker": {PLAIN: False, f"{CI}.aws.machineTypes": ["t3.2xlarge"]}
    | {f"{CI}.jobNumCpus": 2, f"{CI}.jobMemory": "7G"},
    "slots that fill the machine": {f"{CI}.jobMemory": "15872M", f"{CI}.aws.bootDiskSize": 100},
    "without bounds nothing must fit": {
        PLAIN: False,
        **{f"{CI}.jobNumCpus": 0, f"{CI}.jobMemory": "0", f"{CI}.aws.bootDiskSize": 16},
        f"{CI}.aws.machineTypes": ["t3.nano"],
    },
    "a machine type that is not known": {f"{CI}.aws.machineTypes": ["x99.metal"]}
    | {"machineSizes": {"x99.metal": {"cpus": 16, "memory": "50G"}}},
    "one local SSD": {f"{BA}.gcp.machineType": "n1-standard-16", f"{BA}.gcp.localSsd": True},
    "bare metal": {f"{CI}.aws.machineTypes": ["c5n.metal", "m7i.metal-24xl"]},
    "a fixed size": {f"{CI}.min": 10},
    "a paused pool": {f"{CI}.paused": True},
    "a null that unsets": {f"{CI}.aws.image": None, f"{CI}.jobsPerInstance": None},
    "a free variable": {f"{CI}.environment": {"EXECUTOR_KEEP_WORKSPACES": "true", "X": ""}},
    "a fixed pool away from the metric": {
        f"{CI}.min": 10,
        f"{CI}.aws.region": "eu-west-1",
        f"{CI}.aws.zones": ["eu-west-1a"],
    },
    "GovCloud": {
        f"{CI}.min": 10,
        f"{CI}.aws.region": "us-gov-west-1",
        f"{CI}.aws.zones": ["us-gov-west-1a"],
    },
    "an existing VPC, zones from its subnets": {
        f"{CI}.aws.zones": DELETED,
        f"{CI}.aws.network": {"vpcId": "vpc-01234567", "subnetIds": ["subnet-0123456789abcdef0"]},
    },
    "a shared VPC": {
        f"{BA}.gcp.network": {
            "network": "projects/host-project/global/networks/shared",
            "subnetwork": "projects/host-project/regions/us-central1/subnetworks/executors",
        }
    },
    "a project of a domain, an image family": {
        f"{BA}.min": 6,
        f"{BA}.gcp.project": "example.com:executors",
        f"{BA}.gcp.image": "projects/sourcegraph-ci/global/images/family/executors-6-10",
    },
    "a third of a queue each": {
        f"{CI}.share": 0.333333,
        "pools.two": {"queue": "codeintel", "share": 0.333333, "aws": AWS},
        "pools.three": {"queue": "codeintel", "share": 0.333334, "aws": AWS},
    },
    "a queue on two clouds, one pool always there": {
        "pools.gcp": {"queue": "codeintel", "min": 1, "max": 2, "gcp": GCP}
    },
    "the rest of a queue elsewhere": {f"{CI}.min": 1, "elsewhere": {"codeintel": {"gcp": 0.5}}},
    "a queue that only other stacks serve": {BA: DELETED, "elsewhere": {"batches": {"gcp": 1}}},
    "the smallest network": {"network.cidr": "192.168.16.0/20", "instanceTag": "a"},
    "labels and a boundary": {
        "labels": {"team": "dev-tools", "empty": ""},
        "permissionsBoundary": "arn:aws-us-gov:iam::123456789012:policy/team/boundary",
    },
    "schedules of all pools, and more of one": {
        "executors.schedules": {"day": {"cron": "0 8 * * 1-5", "duration": "9h", "min": 2}},
        f"{CI}.schedules": {"night": {"cron": "0 23 * * *", "duration": "2h30m", "min": 10}},
    },
    "mostly spot": {
        f"{CI}.aws.spot": True,
        f"{CI}.aws.onDemandBase": 9,
        f"{CI}.aws.spotPercent": 1,
    },
    "alarms": {
        "alerts": {
            "aws": [f"arn:aws:sns:us-east-1:123456789012:{name}" for name in ("mail", "pager")],
            "gcp": ["projects/acme-executors/notificationChannels/1"],
        }
    },
    "prices": {"prices": {"m8i.4xlarge": {"onDemand": 1, "spot": 0.3}, "n2-standard-16": {}}},
    "keyless": {"metricWriter": {"gcp": "keyless"}},
}


@pytest.mark.parametrize("changes", GOOD_STACKS.values(), ids=GOOD_STACKS)
def test_a_good_stack_is_accepted(changes: dict[str, Any]) -> None:
    deployment = deployed(changes)
    for pool in deployment.pools:
        for queue in pool.executor.queue_names:
            assert 0 < deployment.shares.of_cloud(pool.name, queue) <= 1


def test_the_dev_stack_is_accepted() -> None:
    file = Path(__file__).parents[2] / "Pulumi.dev.yaml"
    config = yaml.safe_load(file.read_text())["config"]
    own = {key.partition(":")[2]: v for key, v in config.items() if key not in PROVIDERS}
    providers = {key: config[key] for key in PROVIDERS}
    assert {pool.cloud for pool in load(raw(own, providers=providers)).pools} == {"aws", "gcp"}


def test_all_secrets_are_accepted_and_masked() -> None:
    secrets = {
        "accessToken": TOKEN,
        "dockerAuthConfig": AUTH,
        "privateCaCertificate": CERTIFICATE * 2,
    }
    deployment = load(raw(secrets=secrets))
    assert deployment.secrets.access_token.get_secret_value() == TOKEN
    text = repr(deployment)
    assert not any(part in text for part in (TOKEN, "dXNlcjpwYXNz", "TUlJ"))


def test_a_pools_own_settings_win_over_the_stacks() -> None:
    changes = {
        "executors": {
            "queue": "batches",
            "max": 7,
            "logLevel": "info",
            "firecracker": {"diskSpace": "30G", "image": "stack"},
            "environment": {"ONE": "1", "TWO": "2"},
        },
        "pools.codeintel": {
            "queues": BOTH,
            "logLevel": "warn",
            "firecracker": {"image": "pool"},
            "environment": {"TWO": "two"},
            "aws": AWS,
        },
        "pools.batches": {"gcp": GCP, "min": 1},
    }
    batches, codeintel = (pool.executor for pool in deployed(changes).pools)
    assert codeintel.queue_names == ("batches", "codeintel")
    assert (codeintel.log_level, codeintel.max) == ("warn", 7)
    assert (codeintel.firecracker.disk_space, codeintel.firecracker.image) == ("30G", "pool")
    assert codeintel.environment == {"ONE": "1", "TWO": "two"}
    assert batches.queue_names == ("batches",)
    assert (batches.log_level, batches.firecracker.image) == ("info", "stack")


def test_a_paused_pool_has_no_size_and_no_scaler() -> None:
    pool = deployed({f"{BA}.paused": True}).pools_on("gcp")[0].executor
    assert (pool.smallest, pool.largest, pool.autoscaled) == (0, 0, False)


def test_places_come_from_the_providers_unless_the_pool_names_them() -> None:
    changes = {f"{BA}.min": 6, f"{BA}.gcp.project": "another-project"}
    deployment = deployed(changes)
    assert deployment.pools_on("aws")[0].aws.region == "us-east-1"
    assert deployment.pools_on("gcp")[0].gcp.project == "another-project"
    assert deployment.metric_location == {"aws": "us-east-1", "gcp": "acme-executors"}


def test_a_cloud_without_pools_needs_no_provider_settings() -> None:
    values = changed({BA: DELETED})
    deployment = load(raw(values, providers={"aws:region": "us-east-1"}))
    assert deployment.metric_location == {"aws": "us-east-1"}
