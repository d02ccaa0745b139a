"""Custom roles of projects (provider document of google_project_iam_custom_role).

A deleted role keeps its id for weeks, so the provider undeletes and updates a role that it is
asked to create and that is in the deleted state; the document warns about it.
"""

from dataclasses import dataclass

from pulumi_gcp import projects

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import DELETION, deletion_rule, pick, refuses_deletion, requires
from local_clouds.resource import Autoname, CloudError, Properties, ResourceType

_ROLE_ID = r"[a-zA-Z0-9_.]{3,64}"
_STAGES = ("ALPHA", "BETA", "GA", "DEPRECATED", "DISABLED", "EAP")


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    return [
        ResourceType(
            token="gcp:projects/iAMCustomRole:IAMCustomRole",  # noqa: S106
            args=projects.IAMCustomRoleArgs,
            force_new=frozenset({"roleId", "project"}),
            in_place=DELETION | {"title", "description", "permissions", "stage"},
            autoname=Autoname(property="roleId", max_length=64, pattern=_ROLE_ID, separator=""),
            lifecycle=_RoleLifecycle(api),
            check=rules.all_of(
                requires("project"),
                rules.matches(
                    "roleId", _ROLE_ID, "3 to 64 letters, digits, underscores and periods"
                ),
                rules.one_of("stage", *_STAGES),
                rules.length("permissions", 1, 3000),
                deletion_rule,
            ),
        )
    ]


@dataclass(frozen=True)
class _RoleLifecycle:
    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        parent, role_id = f"projects/{inputs['project']}", inputs["roleId"]
        name = f"{parent}/roles/{role_id}"
        present = self.api.find(self.api.roles.get(name=name))
        if present and not present.get("deleted"):
            message = (
                f"Custom project role {name} already exists and must be imported: "
                "choose another roleId."
            )
            raise CloudError(message)
        if present:
            self.api.call(self.api.roles.undelete(name=name, body={}))
            return name, self.update(name, {}, inputs)
        body = {"roleId": role_id, "role": _settings(inputs)}
        role = self.api.call(self.api.roles.create(parent=parent, body=body))
        return name, _outputs(role, inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        role = self.api.find(self.api.roles.get(name=resource_id))
        return None if role is None or role.get("deleted") else _outputs(role, state)

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        del state
        role = self.api.call(self.api.roles.patch(name=resource_id, body=_settings(inputs)))
        return _outputs(role, inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        if refuses_deletion(resource_id, state):
            return
        role = self.api.find(self.api.roles.get(name=resource_id))
        if role and not role.get("deleted"):
            self.api.call(self.api.roles.delete(name=resource_id))


def _settings(inputs: Properties) -> Properties:
    return {
        "title": inputs["title"],
        "description": inputs.get("description", ""),
        "stage": inputs.get("stage", "GA"),
        "includedPermissions": sorted(inputs["permissions"]),
    }


def _outputs(role: Properties, known: Properties) -> Properties:
    _, project, _, role_id = role["name"].split("/")
    return {
        "name": role["name"],
        "project": project,
        "roleId": role_id,
        "title": role.get("title", ""),
        "description": role.get("description", ""),
        "stage": role.get("stage", "ALPHA"),
        "permissions": role.get("includedPermissions", []),
        "deleted": False,
    } | pick(known, DELETION)
