"""Secrets, their versions and IAM policies (secretmanager.googleapis.com).

Limits: https://cloud.google.com/secret-manager/quotas.
"""

import base64
import re

from local_clouds.gcp.server import keys_of_customers, labels, policies
from local_clouds.gcp.server.errors import ApiError, failed_precondition, invalid
from local_clouds.gcp.server.places import REGIONS
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_SECRET_ID = re.compile(r"[a-zA-Z0-9_-]{1,255}")
_MOST_PAYLOAD_BYTES = 65536
_MOST_ANNOTATION_BYTES = 16 * 1024
_SECRETS = "secretmanager.projects.secrets"
_UPDATABLE = {"labels", "annotations", "topics", "rotation", "ttl", "expireTime"}
_UPDATABLE |= {"versionAliases", "versionDestroyTtl"}


@handles(f"{_SECRETS}.create")
def _create(cloud: Cloud, call: Call) -> Json:
    secret_id = call.params["secretId"]
    if not _SECRET_ID.fullmatch(secret_id):
        message = f"Secret id '{secret_id}' must match {_SECRET_ID.pattern}."
        raise invalid(message)
    replication = call.body.get("replication", {})
    if len(replication) != 1:
        raise invalid("Field 'secret.replication' must have exactly one of automatic, userManaged.")
    if "userManaged" in replication and not replication["userManaged"].get("replicas"):
        raise invalid("Field 'secret.replication.userManaged.replicas' must not be empty.")
    for replica in replication.get("userManaged", {}).get("replicas", []):
        _check_replica(cloud, call.project, replica)
    _check(call.body)
    name = f"{call.path}/{secret_id}"
    if name in cloud.resources:
        raise ApiError(409, "alreadyExists", f"Secret [{_shown(cloud, name)}] already exists.")
    secret = call.body | {"name": _shown(cloud, name), "createTime": cloud.timestamp()}
    return cloud.add(name, secret | {"etag": fingerprint(secret)})


def _check_replica(cloud: Cloud, project: str, replica: Json) -> None:
    location = replica.get("location", "")
    if location not in REGIONS:
        raise invalid(f"Field 'secret.replication.userManaged.replicas': no location {location!r}.")
    key = replica.get("customerManagedEncryption", {}).get("kmsKeyName")
    if key:
        at = "secret.replication.userManaged.replicas.customerManagedEncryption"
        keys_of_customers.require(cloud, key, at, location, project, "secretmanager")


@handles(f"{_SECRETS}.get", f"{_SECRETS}.versions.get")
def _get(cloud: Cloud, call: Call) -> Json:
    return cloud.get(_existing(cloud, call))


@handles(f"{_SECRETS}.list")
def _list(cloud: Cloud, call: Call) -> Json:
    return page(call, cloud.children(call.path), "secrets", "pageSize")


@handles(f"{_SECRETS}.patch")
def _patch(cloud: Cloud, call: Call) -> Json:
    secret = cloud.get(_existing(cloud, call))
    mask = [field for field in call.params.get("updateMask", "").split(",") if field]
    if not mask:
        raise invalid("Field 'updateMask' must not be empty.")
    for field in mask:
        if field not in _UPDATABLE:
            raise invalid(f"Field '{field}' of updateMask is unknown or cannot be updated.")
    _check(call.body)
    for field in mask:
        secret.pop(field, None)
    secret.update({field: call.body[field] for field in mask if field in call.body})
    secret["etag"] = fingerprint(secret)
    return secret


@handles(f"{_SECRETS}.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    name = _existing(cloud, call)
    for version, _ in list(cloud.children(f"{name}/versions")):
        cloud.payloads.pop(version, None)
        cloud.remove(version)
    cloud.remove(name)
    return {}


@handles(f"{_SECRETS}.addVersion")
def _add_version(cloud: Cloud, call: Call) -> Json:
    secret = _existing(cloud, call)
    encoded = call.body.get("payload", {}).get("data")
    if not encoded:
        raise invalid("Field 'payload.data' must not be empty.")
    payload = base64.b64decode(encoded.translate(str.maketrans("-_", "+/")))
    if len(payload) > _MOST_PAYLOAD_BYTES:
        raise invalid(f"Field 'payload.data' is larger than {_MOST_PAYLOAD_BYTES} bytes.")
    numbers = [int(name.rsplit("/", 1)[-1]) for name, _ in cloud.children(f"{secret}/versions")]
    name = f"{secret}/versions/{max(numbers, default=0) + 1}"
    cloud.payloads[name] = payload
    version = {
        "name": _shown(cloud, name),
        "createTime": cloud.timestamp(),
        "state": "ENABLED",
        "replicationStatus": {"automatic": {}},
        "etag": fingerprint(name),
    }
    return cloud.add(name, version)


@handles(f"{_SECRETS}.versions.list")
def _list_versions(cloud: Cloud, call: Call) -> Json:
    secret = _existing(cloud, call).removesuffix("/versions")
    newest_first = sorted(
        cloud.children(f"{secret}/versions"), key=lambda entry: -int(entry[0].rsplit("/", 1)[-1])
    )
    return {"versions": [version for _, version in newest_first], "totalSize": len(newest_first)}


@handles(f"{_SECRETS}.versions.access")
def _access(cloud: Cloud, call: Call) -> Json:
    name = _existing(cloud, call)
    version = cloud.get(name)
    if version["state"] != "ENABLED":
        message = f"Secret Version [{version['name']}] is in {version['state']} state."
        raise failed_precondition(message)
    data = base64.b64encode(cloud.payloads[name]).decode()
    return {"name": version["name"], "payload": {"data": data}}


@handles(*(f"{_SECRETS}.versions.{verb}" for verb in ("enable", "disable", "destroy")))
def _change_state(cloud: Cloud, call: Call) -> Json:
    name = _existing(cloud, call)
    version = cloud.get(name)
    if version["state"] == "DESTROYED":
        raise failed_precondition(f"Secret Version [{version['name']}] is in DESTROYED state.")
    verb = call.method.rpartition(".")[2]
    version["state"] = {"enable": "ENABLED", "disable": "DISABLED", "destroy": "DESTROYED"}[verb]
    if verb == "destroy":
        version["destroyTime"] = cloud.timestamp()
        del cloud.payloads[name]
    return version


@handles(f"{_SECRETS}.getIamPolicy")
def _get_policy(cloud: Cloud, call: Call) -> Json:
    version = call.params.get("options.requestedPolicyVersion", 1)
    return policies.get(cloud, _existing(cloud, call), version)


@handles(f"{_SECRETS}.setIamPolicy")
def _set_policy(cloud: Cloud, call: Call) -> Json:
    return policies.set_(cloud, _existing(cloud, call), call)


def _existing(cloud: Cloud, call: Call) -> str:
    """The relative name of the path, `versions/latest` resolved; raises 404."""
    name = call.path
    secret = "/".join(name.split("/")[:4])
    if secret not in cloud.resources:
        raise ApiError(404, "notFound", f"Secret [{_shown(cloud, secret)}] not found.")
    if name.endswith("/versions/latest"):
        enabled = [
            key
            for key, version in cloud.children(f"{secret}/versions")
            if version["state"] == "ENABLED"
        ]
        name = max(enabled, key=lambda key: int(key.rsplit("/", 1)[-1]), default=name)
    if "/versions/" in name and name not in cloud.resources:
        raise ApiError(404, "notFound", f"Secret Version [{_shown(cloud, name)}] not found.")
    return name


def _shown(cloud: Cloud, name: str) -> str:
    # The API answers with the project's number, whatever the request used.
    project, rest = name.split("/", 2)[1:]
    return f"projects/{cloud.project_number(project)}/{rest}"


def _check(secret: Json) -> None:
    labels.check(secret.get("labels"), "secret.labels")
    annotations = secret.get("annotations", {})
    if (
        sum(len((key + value).encode()) for key, value in annotations.items())
        > _MOST_ANNOTATION_BYTES
    ):
        raise invalid("The annotations are larger than 16 KiB.")
