"""Users, roles and secrets of the local AWS."""

import pytest

from local_clouds.aws.clients import Clients
from local_clouds.resource import CloudError
from tests.local_clouds.aws.inputs import (
    ACCESS_KEY,
    ALLOW,
    ROLE,
    ROLE_POLICY,
    SECRET,
    SECRET_VERSION,
    TRUST,
    USER,
    document,
)
from tests.local_clouds.driver import Engine


class TestSecrets:
    def test_a_deleted_secret_blocks_its_name_through_its_recovery_window(
        self, engine: Engine, clients: Clients
    ) -> None:
        engine.delete(engine.create(SECRET, {"name": "kept"}))
        with pytest.raises(CloudError, match="scheduled for deletion"):
            engine.create(SECRET, {"name": "kept"})
        client = clients("secretsmanager", "us-east-1")
        client.delete_secret(SecretId="kept", ForceDeleteWithoutRecovery=True)

    def test_without_a_window_the_name_is_free_at_once(self, engine: Engine) -> None:
        inputs = {"name": "free", "recoveryWindowInDays": 0}
        engine.delete(engine.create(SECRET, inputs))
        engine.create(SECRET, inputs)

    def test_a_new_value_replaces_the_version_and_stays_secret(self, engine: Engine) -> None:
        secret = engine.create(SECRET, {"recoveryWindowInDays": 0})
        version = engine.create(SECRET_VERSION, {"secretId": secret.id, "secretString": "one"})
        assert version.outputs["secretString"].is_secret
        diff = engine.diff(version, {"secretId": secret.id, "secretString": "two"})
        assert diff.replaces == ["secretString"]


class TestIam:
    def test_a_key_tells_its_secret_once_and_keeps_it(self, engine: Engine) -> None:
        user = engine.create(USER, {})
        key = engine.create(ACCESS_KEY, {"user": user["name"]})
        read = engine.read(key)
        assert read is not None
        assert read["secret"] == key["secret"]
        assert key.outputs["secret"].is_secret

    def test_a_user_with_keys_is_not_deleted_unless_forced(self, engine: Engine) -> None:
        user = engine.create(USER, {})
        key = engine.create(ACCESS_KEY, {"user": user["name"]})
        with pytest.raises(CloudError, match="has access keys"):
            engine.delete(user)
        engine.delete(key)

    def test_inline_policies_of_a_role_share_one_limit(self, engine: Engine) -> None:
        role = engine.create(ROLE, {"assumeRolePolicy": document(TRUST)})
        wide = document({**ALLOW, "Resource": [f"arn:aws:s3:::{'b' * 60}{i}" for i in range(70)]})
        engine.create(ROLE_POLICY, {"role": role["name"], "policy": wide}, name="one")
        with pytest.raises(CloudError, match="10240"):
            engine.create(ROLE_POLICY, {"role": role["name"], "policy": wide}, name="two")
