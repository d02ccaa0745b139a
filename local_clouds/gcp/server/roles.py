"""Custom roles of projects (https://cloud.google.com/iam/docs/creating-custom-roles).

A deleted role keeps its id: for 7 days it can be undeleted, for 30 more the id stays taken.
"""

import re

from local_clouds.gcp.server.errors import ApiError, concurrent_change, failed_precondition, invalid
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_ROLE_ID = re.compile(r"[a-zA-Z0-9_.]{3,64}")
_PERMISSION = re.compile(r"[a-z][a-zA-Z0-9]*(\.[a-zA-Z0-9]+){2,}")
_LONGEST_TITLE = 100
_LONGEST_DESCRIPTION = 300
_MOST_PERMISSIONS = 3000
_ROLES = "iam.projects.roles"


@handles(f"{_ROLES}.create")
def _create(cloud: Cloud, call: Call) -> Json:
    role_id = call.body.get("roleId", "")
    if not _ROLE_ID.fullmatch(role_id):
        message = (
            f"The role_id: {role_id} is not valid. It must match the regular expression "
            f"{_ROLE_ID.pattern}."
        )
        raise invalid(message)
    name = f"projects/{call.project}/roles/{role_id}"
    present = cloud.resources.get(name)
    if present and present.get("deleted"):
        message = (
            f"You can't create a role with role_id ({role_id}) where there is an existing role "
            "with that role_id in a deleted state."
        )
        raise failed_precondition(message)
    if present:
        message = f"A role named {role_id} in projects/{call.project} already exists."
        raise ApiError(409, "alreadyExists", message)
    role = {key: value for key, value in call.body.get("role", {}).items() if key != "etag"}
    _check(role)
    role["name"] = name
    return cloud.add(name, role | {"etag": fingerprint(role)})


@handles(f"{_ROLES}.get")
def _get(cloud: Cloud, call: Call) -> Json:
    return _existing(cloud, call)


@handles(f"{_ROLES}.list")
def _list(cloud: Cloud, call: Call) -> Json:
    shown = [
        (
            name,
            role
            if call.params.get("view") == "FULL"
            else {key: value for key, value in role.items() if key != "includedPermissions"},
        )
        for name, role in cloud.children(call.path)
        if call.params.get("showDeleted") or not role.get("deleted")
    ]
    return page(call, shown, "roles", "pageSize")


@handles(f"{_ROLES}.patch")
def _patch(cloud: Cloud, call: Call) -> Json:
    role = _existing(cloud, call)
    if role.get("deleted"):
        raise failed_precondition(f"You can't update role {role['name']}: it is deleted.")
    _check_etag(role, call.body.get("etag"))
    allowed = {"title", "description", "includedPermissions", "stage"}
    mask = call.params.get("updateMask")
    fields = mask.split(",") if mask else allowed & set(call.body)
    changes = {field: call.body[field] for field in fields if field in allowed & set(call.body)}
    _check(role | changes)
    for field in set(fields) & allowed - set(changes):
        role.pop(field, None)
    role.update(changes)
    return _touched(role)


@handles(f"{_ROLES}.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    role = _existing(cloud, call)
    if role.get("deleted"):
        raise failed_precondition(f"You can't delete role {role['name']}: it is already deleted.")
    _check_etag(role, call.params.get("etag"))
    role["deleted"] = True
    return _touched(role)


@handles(f"{_ROLES}.undelete")
def _undelete(cloud: Cloud, call: Call) -> Json:
    role = _existing(cloud, call)
    if not role.get("deleted"):
        message = f"You can't undelete role {role['name']}: it is not deleted."
        raise failed_precondition(message)
    _check_etag(role, call.body.get("etag"))
    del role["deleted"]
    return _touched(role)


def _existing(cloud: Cloud, call: Call) -> Json:
    if call.path not in cloud.resources:
        raise ApiError(404, "notFound", f"The role named {call.path} was not found.")
    return cloud.resources[call.path]


def _touched(role: Json) -> Json:
    role["etag"] = fingerprint(role)
    return role


def _check_etag(role: Json, etag: str | None) -> None:
    if etag and etag != role["etag"]:
        raise concurrent_change(role["name"])


def _check(role: Json) -> None:
    if len(role.get("title", "")) > _LONGEST_TITLE:
        raise invalid(f"The title is longer than {_LONGEST_TITLE} characters.")
    if len(role.get("description", "")) > _LONGEST_DESCRIPTION:
        raise invalid(f"The description is longer than {_LONGEST_DESCRIPTION} characters.")
    permissions = role.get("includedPermissions", [])
    if len(permissions) > _MOST_PERMISSIONS:
        raise invalid(f"A role has at most {_MOST_PERMISSIONS} permissions.")
    for permission in permissions:
        if not _PERMISSION.fullmatch(permission):
            raise invalid(f"Permission {permission} is not valid.")
