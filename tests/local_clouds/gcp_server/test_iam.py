"""Service accounts, custom roles and policies."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.local_clouds.gcp_cloud import PROJECT, LocalGcp, refused

PARENT = f"projects/{PROJECT}"


class TestServiceAccounts:
    @pytest.mark.parametrize("account_id", ["short", "x" * 31, "Upper-case", "1starts", "ends-"])
    def test_bad_ids_are_refused(self, gcp: LocalGcp, account_id: str) -> None:
        with refused(400, "between 6 and 30"):
            gcp.account(account_id)

    def test_a_deleted_id_comes_back_as_another_account(self, gcp: LocalGcp) -> None:
        first = gcp.account()
        with refused(409, "already exists within project"):
            gcp.account()
        gcp.api.service_accounts.delete(name=first["name"]).execute()
        assert gcp.account()["uniqueId"] != first["uniqueId"]

    def test_a_key_is_told_once_and_is_a_credentials_file(self, gcp: LocalGcp) -> None:
        account = gcp.account()
        keys = gcp.api.service_accounts.keys()
        key = keys.create(name=account["name"], body={}).execute()
        content = json.loads(base64.b64decode(key["privateKeyData"]))
        assert content["type"] == "service_account"
        assert content["client_email"] == account["email"]
        load_pem_private_key(content["private_key"].encode(), password=None)
        assert "privateKeyData" not in keys.get(name=key["name"]).execute()
        assert b"PRIVATE" not in repr(gcp.server.cloud.resources).encode()


class TestRoles:
    def create(self, gcp: LocalGcp, role_id: str = "writer", **role: Any) -> None:
        body = {"roleId": role_id, "role": {"title": "Writer", "stage": "GA"} | role}
        gcp.api.roles.create(parent=PARENT, body=body).execute()

    @pytest.mark.parametrize("role_id", ["has-hyphen", "ab", "x" * 65])
    def test_bad_ids_are_refused(self, gcp: LocalGcp, role_id: str) -> None:
        with refused(400, "is not valid"):
            self.create(gcp, role_id)

    def test_bad_permissions_are_refused(self, gcp: LocalGcp) -> None:
        with refused(400, "Permission monitoring.create is not valid"):
            self.create(gcp, includedPermissions=["monitoring.create"])

    def test_a_deleted_role_keeps_its_id(self, gcp: LocalGcp) -> None:
        self.create(gcp)
        with refused(409, "already exists"):
            self.create(gcp)
        name = f"{PARENT}/roles/writer"
        gcp.api.roles.delete(name=name).execute()
        with refused(400, "in a deleted state"):
            self.create(gcp)
        assert gcp.api.roles.get(name=name).execute()["deleted"] is True
        assert gcp.api.roles.list(parent=PARENT).execute() == {}
        assert gcp.names() == []
        gcp.api.roles.undelete(name=name, body={}).execute()
        assert "deleted" not in gcp.api.roles.get(name=name).execute()


class TestPolicies:
    def grant(self, gcp: LocalGcp, role: str, member: str, **policy: Any) -> dict[str, Any]:
        body = {"policy": {"bindings": [{"role": role, "members": [member]}]} | policy}
        return gcp.api.projects.setIamPolicy(resource=PROJECT, body=body).execute()

    @pytest.mark.parametrize(
        ("role", "member", "message"),
        [
            (
                "roles/logging.logWriter",
                "serviceAccount:none@x.iam.gserviceaccount.com",
                "does not exist",
            ),
            ("roles/logging.logWriter", "someone@example.com", "Invalid member"),
            ("roles/logWriter", "user:a@example.com", "is not supported"),
            (f"{PARENT}/roles/none", "user:a@example.com", "does not exist"),
            ("roles/viewer", "allUsers", "cannot be members"),
        ],
    )
    def test_bad_bindings_are_refused(
        self, gcp: LocalGcp, role: str, member: str, message: str
    ) -> None:
        with refused(400, message):
            self.grant(gcp, role, member)

    def test_an_old_etag_is_refused(self, gcp: LocalGcp) -> None:
        first = self.grant(gcp, "roles/viewer", "user:a@example.com")
        self.grant(gcp, "roles/viewer", "user:b@example.com", etag=first["etag"])
        with refused(409, "concurrent policy changes"):
            self.grant(gcp, "roles/viewer", "user:c@example.com", etag=first["etag"])

    def test_conditions_need_version_3(self, gcp: LocalGcp) -> None:
        condition = {"title": "soon", "expression": "true"}
        binding = {"role": "roles/viewer", "members": ["user:a@b.com"], "condition": condition}
        with refused(400, "version is 3"):
            self.grant(gcp, "roles/viewer", "user:a@b.com", bindings=[binding])
        self.grant(gcp, "roles/viewer", "user:a@b.com", bindings=[binding], version=3)
        hidden = gcp.api.projects.getIamPolicy(resource=PROJECT, body={}).execute()
        assert "bindings" not in hidden

    def test_a_deleted_account_is_marked_in_policies(self, gcp: LocalGcp) -> None:
        account = gcp.account()
        self.grant(gcp, "roles/logging.logWriter", f"serviceAccount:{account['email']}")
        gcp.api.service_accounts.delete(name=account["name"]).execute()
        policy = gcp.api.projects.getIamPolicy(resource=PROJECT, body={}).execute()
        member = policy["bindings"][0]["members"][0]
        assert member == f"deleted:serviceAccount:{account['email']}?uid={account['uniqueId']}"
