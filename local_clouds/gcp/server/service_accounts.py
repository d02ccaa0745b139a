"""Service accounts (iam.googleapis.com)."""

import re

from local_clouds.gcp.server import policies
from local_clouds.gcp.server.errors import ApiError, invalid
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_ACCOUNT_ID = re.compile(r"[a-z]([-a-z0-9]{4,28}[a-z0-9])")
_LONGEST_DISPLAY_NAME = 100
_LONGEST_DESCRIPTION = 256
_MOST_ACCOUNTS = 100
_COMPUTE_DEFAULT = re.compile(r"\d+-compute@developer\.gserviceaccount\.com")
_IAM = "iam.projects.serviceAccounts"


def find(cloud: Cloud, email: str) -> tuple[str, Json] | None:
    """The relative name and the account with that email, in any project."""
    for name, account in cloud.of_collection("serviceAccounts"):
        if account["email"] == email:
            return name, account
    return None


def locate(cloud: Cloud, path: str) -> str:
    """The relative name that a path means; the project may be `-`, the id may be numeric."""
    wanted = path.split("/")[3]
    for name, account in cloud.of_collection("serviceAccounts"):
        if wanted in {account["email"], account["uniqueId"]}:
            return name
    raise ApiError(404, "notFound", f"Unknown service account: {path} does not exist.")


def require(cloud: Cloud, project: str, email: str) -> None:
    """Raise 400 when a VM could not run as that account; `default` means the project's own."""
    if email == "default" or _COMPUTE_DEFAULT.fullmatch(email):
        return
    if find(cloud, email) is None:
        message = f"The user does not have access to service account '{email}' in {project}."
        raise ApiError(400, "SERVICE_ACCOUNT_ACCESS_DENIED", message, "INVALID_ARGUMENT")


@handles(f"{_IAM}.create")
def _create(cloud: Cloud, call: Call) -> Json:
    account_id = call.body.get("accountId", "")
    if not _ACCOUNT_ID.fullmatch(account_id):
        message = (
            f'The account ID "{account_id}" does not have a length between 6 and 30, or it does '
            "not match [a-z]([-a-z0-9]*[a-z0-9])."
        )
        raise invalid(message)
    project, details = call.project, call.body.get("serviceAccount", {})
    _check(details)
    email = f"{account_id}@{project}.iam.gserviceaccount.com"
    name = f"projects/{project}/serviceAccounts/{email}"
    if name in cloud.resources:
        message = f"Service account {account_id} already exists within project projects/{project}."
        raise ApiError(409, "alreadyExists", message)
    if sum(1 for _ in cloud.children(f"projects/{project}/serviceAccounts")) >= _MOST_ACCOUNTS:
        message = "Maximum number of service accounts on project reached."
        raise ApiError(400, "resourceExhausted", message, "RESOURCE_EXHAUSTED")
    unique_id = "1" + cloud.new_id()[1:].rjust(20, "0")
    account = {
        key: value
        for key, value in details.items()
        if key in {"displayName", "description"} and value
    } | {
        "name": name,
        "projectId": project,
        "uniqueId": unique_id,
        "email": email,
        "oauth2ClientId": unique_id,
    }
    return cloud.add(name, account | {"etag": fingerprint(account)})


@handles(f"{_IAM}.get")
def _get(cloud: Cloud, call: Call) -> Json:
    return cloud.get(locate(cloud, call.path))


@handles(f"{_IAM}.list")
def _list(cloud: Cloud, call: Call) -> Json:
    return page(call, cloud.children(call.path), "accounts", "pageSize")


@handles(f"{_IAM}.patch")
def _patch(cloud: Cloud, call: Call) -> Json:
    account = cloud.get(locate(cloud, call.path))
    details = call.body.get("serviceAccount", {})
    _check(details)
    for field in filter(None, call.body.get("updateMask", "").split(",")):
        if field not in {"displayName", "description"}:
            raise invalid(f"Field '{field}' of updateMask cannot be updated.")
        account[field] = details.get(field, "")
    account["etag"] = fingerprint([account["etag"], details])
    return account


@handles(f"{_IAM}.disable", f"{_IAM}.enable")
def _switch(cloud: Cloud, call: Call) -> Json:
    cloud.get(locate(cloud, call.path))["disabled"] = call.method.endswith("disable")
    return {}


@handles(f"{_IAM}.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    name = locate(cloud, call.path)
    account = cloud.remove(name)
    for key, _ in list(cloud.children(f"{name}/keys")):
        cloud.remove(key)
    policies.mark_deleted(cloud, account)
    return {}


def _check(details: Json) -> None:
    if len(details.get("displayName", "").encode()) > _LONGEST_DISPLAY_NAME:
        raise invalid(f"The display name is longer than {_LONGEST_DISPLAY_NAME} bytes.")
    if len(details.get("description", "").encode()) > _LONGEST_DESCRIPTION:
        raise invalid(f"The description is longer than {_LONGEST_DESCRIPTION} bytes.")
