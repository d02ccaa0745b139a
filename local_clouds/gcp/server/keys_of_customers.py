"""Cloud KMS keys that other resources name.

There is no Cloud KMS here: a key exists as soon as somebody may use it, which is what the services
ask for. Sources: https://cloud.google.com/compute/docs/disks/customer-managed-encryption,
https://cloud.google.com/secret-manager/docs/cmek.
"""

import re

from local_clouds.gcp.server import policies
from local_clouds.gcp.server.errors import ApiError, invalid_field, not_found
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json

NAME = re.compile(
    r"projects/[^/]+/locations/(?P<location>[a-z0-9-]+)/keyRings/[\w-]{1,63}/cryptoKeys/[\w-]{1,63}"
)
ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
_AGENTS = {
    "compute": "service-{number}@compute-system.iam.gserviceaccount.com",
    "secretmanager": "service-{number}@gcp-sa-secretmanager.iam.gserviceaccount.com",
}


_KEYS = "cloudkms.projects.locations.keyRings.cryptoKeys"


@handles(f"{_KEYS}.getIamPolicy")
def _get_policy(cloud: Cloud, call: Call) -> Json:
    version = call.params.get("options.requestedPolicyVersion", 1)
    return policies.get(cloud, _key(call), version)


@handles(f"{_KEYS}.setIamPolicy")
def _set_policy(cloud: Cloud, call: Call) -> Json:
    return policies.set_(cloud, _key(call), call)


def _key(call: Call) -> str:
    if NAME.fullmatch(call.path) is None:
        raise not_found(call.path)
    return call.path


def require(  # noqa: PLR0917 - what the key is for
    cloud: Cloud, key: str, at: str, location: str, project: str, service: str
) -> None:
    """Raise 400 unless the key is in the location and the service's agent may use it."""
    match = NAME.fullmatch(key)
    if match is None:
        raise invalid_field(at, key, "It is no Cloud KMS key.")
    if match["location"] not in {location, "global"}:
        raise invalid_field(at, key, f"The key must be in the location {location}.")
    agent = _AGENTS[service].format(number=cloud.project_number(project))
    bindings = cloud.policies.get(key, {}).get("bindings", [])
    members = {m for b in bindings if b["role"] == ROLE for m in b["members"]}
    if f"serviceAccount:{agent}" not in members:
        message = (
            "Cloud KMS error when using key "
            f"{key}: Permission 'cloudkms.cryptoKeyVersions.useToEncrypt' denied to {agent}."
        )
        raise ApiError(400, "kmsPermissionDenied", message)
