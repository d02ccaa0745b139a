"""IAM policies of projects, service accounts and secrets: read, checked and replaced by etag.

Member and role rules: https://cloud.google.com/iam/docs/reference/rest/v1/Policy.
"""

import re

from local_clouds.gcp.server.errors import ApiError, concurrent_change, invalid
from local_clouds.gcp.server.registry import Call
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_PREDEFINED = re.compile(r"roles/[a-z][a-zA-Z0-9]*(\.[a-zA-Z][a-zA-Z0-9]*)?")
_BASIC = {"roles/owner", "roles/editor", "roles/viewer", "roles/browser"}
_EMAIL = r"[^@\s]+@[a-z0-9.-]+\.[a-z]+"
_MEMBER = re.compile(
    rf"allUsers|allAuthenticatedUsers|(?:user|group|serviceAccount):{_EMAIL}|domain:[a-z0-9.-]+"
    rf"|deleted:(?:user|group|serviceAccount):{_EMAIL}\?uid=\d+"
    r"|(?:principal|principalSet)://iam\.googleapis\.com/.+"
)
_PUBLIC = {"allUsers", "allAuthenticatedUsers"}
_OWN_DOMAIN = re.compile(r"serviceAccount:(.+@[a-z0-9-]+\.iam\.gserviceaccount\.com)")
_AGENT = re.compile(
    r"serviceAccount:service-(\d+)@(?:compute-system|gcp-sa-[a-z]+)\.iam\.gserviceaccount\.com"
)
"""Google's own accounts, one a service and project."""
_VERSION_WITH_CONDITIONS = 3
_MOST_MEMBERS = 1500


def get(cloud: Cloud, name: str, version: int) -> Json:
    """The policy of a resource; conditions show only to callers that ask for version 3."""
    policy = cloud.policies.get(name, {})
    bindings = policy.get("bindings", [])
    conditional = any("condition" in binding for binding in bindings)
    if conditional and version < _VERSION_WITH_CONDITIONS:
        bindings = [binding for binding in bindings if "condition" not in binding]
    answer = {
        "version": version if conditional else 1,
        "etag": policy.get("etag", "ACAB"),
        "bindings": bindings,
    }
    return {key: value for key, value in answer.items() if value}


def set_(cloud: Cloud, name: str, call: Call) -> Json:
    """Replace the policy of a resource; raises 400 for a bad binding, 409 for an old etag."""
    policy = call.body.get("policy", {})
    present = cloud.policies.get(name, {}).get("etag", "ACAB")
    if policy.get("etag", present) != present:
        raise concurrent_change(name)
    bindings = [binding for binding in policy.get("bindings", []) if binding.get("members")]
    conditional = any("condition" in binding for binding in bindings)
    if conditional and policy.get("version") != _VERSION_WITH_CONDITIONS:
        message = "Conditions can be set only in a policy whose version is 3."
        raise invalid(message)
    if sum(len(binding["members"]) for binding in bindings) > _MOST_MEMBERS:
        raise invalid(f"The policy has more than {_MOST_MEMBERS} members.")
    for binding in bindings:
        _check_role(cloud, name, binding.get("role", ""), binding["members"])
        for member in binding["members"]:
            _check_member(cloud, member)
        condition = binding.get("condition")
        if condition is not None and not (condition.get("title") and condition.get("expression")):
            raise invalid("A condition needs a title and an expression.")
    if bindings:
        etag = fingerprint([present, bindings])
        cloud.policies[name] = {"bindings": bindings, "etag": etag}
    else:
        cloud.policies.pop(name, None)
    return get(cloud, name, policy.get("version", 1))


def mark_deleted(cloud: Cloud, account: Json) -> None:
    """Rewrite the members of a deleted service account, as GCP does in every policy."""
    old = f"serviceAccount:{account['email']}"
    new = f"deleted:{old}?uid={account['uniqueId']}"
    for policy in cloud.policies.values():
        for binding in policy["bindings"]:
            if old in binding["members"]:
                binding["members"] = [new if m == old else m for m in binding["members"]]
                policy["etag"] = fingerprint(policy)


def _check_role(cloud: Cloud, name: str, role: str, members: list[str]) -> None:
    if role.startswith("projects/"):
        known = cloud.resources.get(role)
        if known is None or known.get("deleted") or role.split("/")[1] != name.split("/")[1]:
            raise invalid(f"The role name must be a role of this project: {role} does not exist.")
    elif not _PREDEFINED.fullmatch(role) or ("." not in role and role not in _BASIC):
        raise invalid(f"Role {role} is not supported for this resource.")
    if name.count("/") == 1 and _PUBLIC & set(members):
        raise invalid("allUsers and allAuthenticatedUsers cannot be members in a project policy.")


def _check_member(cloud: Cloud, member: str) -> None:
    if not _MEMBER.fullmatch(member):
        raise invalid(f"Invalid member '{member}': it has no known prefix or no valid identifier.")
    own = _OWN_DOMAIN.fullmatch(member)
    agent = _AGENT.fullmatch(member)
    if agent:
        cloud.project_id(agent[1])
    elif own and not any(a["email"] == own[1] for _, a in cloud.of_collection("serviceAccounts")):
        raise ApiError(400, "badRequest", f"Service account {own[1]} does not exist.")
