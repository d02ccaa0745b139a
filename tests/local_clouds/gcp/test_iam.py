"""Members and roles: what the gcp provider leaves to others, and takes back."""

from typing import Any

import pytest

from local_clouds.gcp import members
from local_clouds.resource import CloudError
from tests.local_clouds.gcp.driver import Driver
from tests.local_clouds.gcp.examples import EXAMPLES
from tests.local_clouds.gcp.inputs import MEMBER, PROJECT_MEMBER, ROLE
from tests.local_clouds.gcp_cloud import PROJECT


class TestMembers:
    def policy(self, gcp: Driver) -> dict[str, list[str]]:
        policy = gcp.cloud.api.projects.getIamPolicy(resource=PROJECT, body={}).execute()
        return {item["role"]: item["members"] for item in policy.get("bindings", [])}

    def test_members_are_added_to_what_others_granted(self, furnished: Driver) -> None:
        role, other = MEMBER["role"], "user:someone@example.com"
        bindings = [{"role": role, "members": [other]}]
        body = {"policy": {"bindings": bindings}}
        furnished.cloud.api.projects.setIamPolicy(resource=PROJECT, body=body).execute()
        name, state, _ = furnished.create(PROJECT_MEMBER, EXAMPLES[PROJECT_MEMBER])
        assert name == f"{PROJECT}/{role}/{MEMBER['member']}"
        assert self.policy(furnished) == {role: [other, MEMBER["member"]]}
        furnished.delete(PROJECT_MEMBER, name, state)
        assert self.policy(furnished) == {role: [other]}

    def test_a_concurrent_change_is_read_again(
        self, furnished: Driver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        api = furnished.cloud.api
        policy = members.ProjectPolicy
        read = policy.read
        rivals = iter(["user:first@example.com", "user:second@example.com"])

        def read_then_rival_writes(self: Any, name: str) -> Any:
            request = read(self, name)
            execute = request.execute

            def answer() -> Any:
                policy = execute()
                for rival in rivals:
                    bindings = [*policy.get("bindings", [])]
                    bindings.append({"role": "roles/viewer", "members": [rival]})
                    body = {"policy": policy | {"bindings": bindings}}
                    api.projects.setIamPolicy(resource=PROJECT, body=body).execute()
                    break
                return policy

            request.execute = answer
            return request

        monkeypatch.setattr(policy, "read", read_then_rival_writes)
        furnished.create(PROJECT_MEMBER, EXAMPLES[PROJECT_MEMBER])
        assert MEMBER["member"] in self.policy(furnished)[MEMBER["role"]]
        assert "roles/viewer" in self.policy(furnished)

    def test_a_condition_makes_another_binding(self, furnished: Driver) -> None:
        condition = {"title": "soon", "expression": "request.time < timestamp('2030-01-01')"}
        inputs = EXAMPLES[PROJECT_MEMBER]
        plain, plain_state, _ = furnished.create(PROJECT_MEMBER, inputs)
        name, state, _ = furnished.create(PROJECT_MEMBER, inputs | {"condition": condition})
        assert name == f"{plain}/soon"
        furnished.delete(PROJECT_MEMBER, plain, plain_state)
        assert furnished.read(PROJECT_MEMBER, name, state) is not None


class TestRoles:
    def test_a_deleted_role_is_undeleted_and_updated(self, gcp: Driver) -> None:
        name, state, _ = gcp.create(ROLE, EXAMPLES[ROLE])
        gcp.delete(ROLE, name, state)
        again, outputs, _ = gcp.create(ROLE, EXAMPLES[ROLE] | {"title": "Again"})
        assert (again, outputs["title"]) == (name, "Again")

    def test_a_living_role_is_not_taken_over(self, gcp: Driver) -> None:
        gcp.create(ROLE, EXAMPLES[ROLE])
        with pytest.raises(CloudError, match="already exists"):
            gcp.create(ROLE, EXAMPLES[ROLE])
