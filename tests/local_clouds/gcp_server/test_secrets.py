"""Secrets and their versions."""

import base64
from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import PROJECT, LocalGcp, refused

PARENT = f"projects/{PROJECT}"


class TestSecrets:
    def create(self, gcp: LocalGcp, secret_id: str = "token", **body: Any) -> str:  # noqa: S107
        body = {"replication": {"automatic": {}}} | body
        gcp.api.secrets.create(parent=PARENT, secretId=secret_id, body=body).execute()
        return f"{PARENT}/secrets/{secret_id}"

    def add(self, gcp: LocalGcp, name: str, payload: bytes) -> dict[str, Any]:
        body = {"payload": {"data": base64.b64encode(payload).decode()}}
        return gcp.api.secrets.addVersion(parent=name, body=body).execute()

    @pytest.mark.parametrize(
        ("secret_id", "body", "message"),
        [
            ("token", {"replication": {}}, "exactly one of automatic"),
            ("to.ken", {}, "must match"),
            ("token", {"labels": {"Team": "x"}}, "lower-case"),
        ],
    )
    def test_bad_secrets_are_refused(
        self, gcp: LocalGcp, secret_id: str, body: dict[str, Any], message: str
    ) -> None:
        with refused(400, message):
            self.create(gcp, secret_id, **body)

    def test_versions_count_up_and_latest_is_the_newest_enabled(self, gcp: LocalGcp) -> None:
        name = self.create(gcp)
        for payload in (b"one", b"two"):
            version = self.add(gcp, name, payload)
        assert version["name"].endswith("/versions/2")
        versions, latest = gcp.api.secrets.versions(), f"{name}/versions/latest"
        data = versions.access(name=latest).execute()["payload"]["data"]
        assert base64.b64decode(data) == b"two"
        versions.destroy(name=version["name"], body={}).execute()
        data = versions.access(name=latest).execute()["payload"]["data"]
        assert base64.b64decode(data) == b"one"
        with refused(400, "DESTROYED"):
            versions.access(name=f"{name}/versions/2").execute()

    def test_payloads_have_a_limit_and_an_alphabet(self, gcp: LocalGcp) -> None:
        name = self.create(gcp)
        with refused(400, "larger than 65536 bytes"):
            self.add(gcp, name, b"x" * 65537)
        with refused(400, "Base64 decoding failed"):
            body = {"payload": {"data": "no base64!"}}
            gcp.api.secrets.addVersion(parent=name, body=body).execute()

    def test_names_use_the_project_number_and_both_forms_are_found(self, gcp: LocalGcp) -> None:
        self.create(gcp)
        number = gcp.api.projects.get(projectId=PROJECT).execute()["projectNumber"]
        secret = gcp.api.secrets.get(name=f"projects/{number}/secrets/token").execute()
        assert secret["name"] == f"projects/{number}/secrets/token"

    def test_deleting_a_secret_takes_versions_and_policy(self, gcp: LocalGcp) -> None:
        name = self.create(gcp)
        self.add(gcp, name, b"one")
        member, role = "user:a@b.com", "roles/secretmanager.secretAccessor"
        policy = {"policy": {"bindings": [{"role": role, "members": [member]}]}}
        gcp.api.secrets.setIamPolicy(resource=name, body=policy).execute()
        assert f"{name}: {role} {member}" in gcp.names()
        gcp.api.secrets.delete(name=name).execute()
        assert gcp.names() == []
