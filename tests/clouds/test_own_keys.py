"""Where a key of the customer's own is used."""

import json
from typing import Any

from tests import stacks
from tests.recorder import PROJECT, Recorder, run
from tests.stacks import AWS_KEY, GCP_KEY


def keyed(*keys: str, config: dict[str, Any] | None = None) -> Recorder:
    base = config or stacks.dev()
    return run(base | {f"{PROJECT}:encryptionKeys": list(keys), f"{PROJECT}:dockerMirror": {}})


def test_without_keys_the_clouds_own_are_used() -> None:
    made = keyed()
    assert made.of("Grant") + made.of("CryptoKeyIAMMember") + made.of("KeyAccess") == []
    assert "kmsKeyId" not in repr([one.inputs for one in made.all])
    assert "kmsKey" not in repr([one.inputs for one in made.all])
    assert [s["replication"] for s in made.of("Secret") if "replication" in s.inputs] == [
        {"auto": {}}
    ]


def test_disks_secrets_and_logs_on_aws_are_under_the_key() -> None:
    made = keyed(AWS_KEY)
    used = [
        *(
            disk["ebs"]["kmsKeyId"]
            for template in made.of("LaunchTemplate")
            for disk in template["blockDeviceMappings"]
        ),
        *(one["kmsKeyId"] for one in (*made.of("Volume"), *made.of("LogGroup"))),
        *(one["kmsKeyId"] for one in made.of("Secret") if one.type.startswith("aws:")),
    ]
    assert used == [AWS_KEY] * 6
    assert "kmsKey" not in repr([o.inputs for o in made.all if o.type.startswith("gcp:")])


def test_the_service_that_starts_vms_gets_a_grant_and_spot_only_where_it_is_used() -> None:
    made = keyed(AWS_KEY)
    grant = made.one("Grant")
    role = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    assert grant["granteePrincipal"] == f"arn:aws:iam::123456789012:{role}"
    assert {"CreateGrant", "GenerateDataKeyWithoutPlaintext"} <= set(grant["operations"])
    spot = keyed(AWS_KEY, config=stacks.with_pool("codeintel", aws={"spot": True}))
    assert {g.name.rsplit("-", 1)[-1] for g in spot.of("Grant")} == {"scaling", "spot"}


def test_vms_may_decrypt_secrets_and_nothing_else_with_the_key() -> None:
    policy = json.loads(keyed(AWS_KEY).one("RolePolicy", "codeintel")["policy"])
    (statement,) = [s for s in policy["Statement"] if "kms" in repr(s["Action"])]
    assert statement == {
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": AWS_KEY,
        "Condition": {"StringLike": {"kms:ViaService": "secretsmanager.*"}},
    }


def test_disks_and_secrets_on_gcp_are_under_the_key() -> None:
    made = keyed(GCP_KEY)
    disks = [disk for t in made.of("InstanceTemplate") for disk in t["disks"]]
    disks += [disk.inputs for disk in made.of("Disk")]
    assert [disk["diskEncryptionKey"] for disk in disks] == [{"kmsKeySelfLink": GCP_KEY}] * 3
    (secret,) = [s for s in made.of("Secret") if s.type.startswith("gcp:")]
    (replica,) = secret["replication"]["userManaged"]["replicas"]
    assert replica == {
        "location": "us-central1",
        "customerManagedEncryption": {"kmsKeyName": GCP_KEY},
    }
    members = [grant["member"] for grant in made.of("CryptoKeyIAMMember")]
    agents = {member.split("@")[1].split(".")[0] for member in members}
    assert agents == {"compute-system", "gcp-sa-secretmanager"}
