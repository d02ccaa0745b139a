"""Disks, secrets and logs under keys of the customer's own."""

import json
from typing import Any

import pytest

from local_clouds import inventory
from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.stack import OperationError
from tests import stacks
from tests.engine.conftest import stack, vms
from tests.recorder import PROJECT

pytestmark = pytest.mark.engine
REGIONS = {"us-east-1"}
GCP_KEY = "projects/acme-keys/locations/us-central1/keyRings/executors/cryptoKeys/disks"


def make_key(clouds: Clouds, *services: str) -> str:
    """ARN of a new key that its account and some services may use."""
    principals: list[dict[str, str]] = [{"AWS": "arn:aws:iam::123456789012:root"}]
    principals += [{"Service": service} for service in services]
    statements = [
        {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
        for principal in principals
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    kms = Clients(clouds.aws_endpoint)("kms", "us-east-1")
    return kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]


@pytest.fixture(scope="module")
def key(clouds: Clouds) -> str:
    return make_key(clouds, "logs.us-east-1.amazonaws.com")


def config(key: str) -> dict[str, Any]:
    return stacks.private() | {
        f"{PROJECT}:encryptionKeys": [key, GCP_KEY],
        f"{PROJECT}:dockerMirror": {},
    }


def test_up_makes_it_once(clouds: Clouds, key: str) -> None:
    assert set(stack(clouds, config(key)).up().changes) == {"create"}
    assert stack(clouds, config(key)).up().is_unchanged
    assert stack(clouds, config(key)).refresh().is_unchanged


def test_every_disk_secret_and_log_group_on_aws_is_under_the_key(clouds: Clouds, key: str) -> None:
    clients = Clients(clouds.aws_endpoint)
    volumes = clients("ec2", "us-east-1").describe_volumes()["Volumes"]
    assert len(volumes) == 3  # a pool's VM, a mirror's VM, the cache
    assert {(volume["Encrypted"], volume.get("KmsKeyId")) for volume in volumes} == {(True, key)}
    secrets = clients("secretsmanager", "us-east-1").list_secrets()["SecretList"]
    assert {secret.get("KmsKeyId") for secret in secrets} == {key}
    groups = clients("logs", "us-east-1").describe_log_groups()["logGroups"]
    assert {group.get("kmsKeyId") for group in groups} == {key}


def test_every_disk_and_secret_on_gcp_is_under_the_key(clouds: Clouds, key: str) -> None:
    del key
    disks = [disk for vm in vms(clouds) for disk in vm["disks"] if disk["boot"]]
    assert len(disks) == 2
    assert {disk["diskEncryptionKey"]["kmsKeyName"] for disk in disks} == {GCP_KEY}


def test_a_key_that_comes_later_makes_new_secrets_beside_the_old(clouds: Clouds) -> None:
    later = stacks.dev()
    del later[f"{PROJECT}:pools"]["codeintel"]
    stack(clouds, later, name="later").up()
    keyed = {**later, f"{PROJECT}:encryptionKeys": [GCP_KEY]}
    result = stack(clouds, keyed, name="later").up()
    for kind in ("secret:Secret", "secretVersion:SecretVersion"):
        done = [operation for each in result.ops(kind).values() for operation in each]
        assert sorted(done) == ["create", "delete"]
    assert stack(clouds, keyed, name="later").up().is_unchanged
    stack(clouds, keyed, name="later").destroy()


def test_a_key_that_logs_may_not_use_is_refused(clouds: Clouds) -> None:
    forgotten = config(make_key(clouds))
    with pytest.raises(OperationError, match=r"does not allow logs\.us-east-1"):
        stack(clouds, forgotten, name="forgotten").up()
    stack(clouds, forgotten, name="forgotten").destroy()


def test_destroy_leaves_nothing_and_takes_the_grants_back(clouds: Clouds, key: str) -> None:
    stack(clouds, config(key)).destroy()
    assert inventory.list_all(clouds, REGIONS) == set()
    kms = Clients(clouds.aws_endpoint)("kms", "us-east-1")
    assert kms.list_grants(KeyId=key)["Grants"] == []
