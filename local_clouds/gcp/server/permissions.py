"""Which permissions an API method needs.

Most are the method's own name in the service's words; the rest is what the methods' references list
beyond that ("IAM Permissions") for what a request refers to.
"""

import re
from collections.abc import Iterator

from local_clouds.gcp.server.errors import ApiError
from local_clouds.gcp.server.registry import Call
from local_clouds.gcp.server.state import Cloud

_VERBS = {
    "insert": "create",
    "patch": "update",
    "aggregatedList": "list",
    "wait": "get",
    "resize": "update",
    "setInstanceTemplate": "update",
    "deleteInstances": "update",
    "recreateInstances": "update",
    "applyUpdatesToInstances": "update",
    "createInstances": "update",
    "deletePerInstanceConfigs": "update",
    "patchPerInstanceConfigs": "update",
    "updatePerInstanceConfigs": "update",
    "listPerInstanceConfigs": "get",
    "listManagedInstances": "get",
    "listErrors": "get",
    "listInstances": "list",
    "addVersion": "add",
}
_COLLECTIONS = {
    "regionInstanceGroupManagers": "instanceGroupManagers",
    "regionInstanceGroups": "instanceGroups",
    "regionAutoscalers": "autoscalers",
    "keys": "serviceAccountKeys",
}
_SERVICES = {"cloudresourcemanager": "resourcemanager"}
_ON_NETWORKS = re.compile(r"compute\.(firewalls|routers|subnetworks)\.(insert|delete|patch|update)")
_VMS = (
    "compute.disks.create",
    "compute.images.useReadOnly",
    "compute.instanceTemplates.useReadOnly",
    "compute.instances.create",
    "compute.instances.setLabels",
    "compute.instances.setMetadata",
    "compute.instances.setServiceAccount",
    "compute.subnetworks.use",
    "compute.subnetworks.useExternalIp",
    "iam.serviceAccounts.actAs",
)
_FURTHER = {
    "compute.instanceTemplates.insert": ("iam.serviceAccounts.actAs",),
    "compute.regionInstanceGroupManagers.insert": (*_VMS, "compute.instanceGroups.create"),
    "compute.regionInstanceGroupManagers.delete": (
        "compute.instanceGroups.delete",
        "compute.instances.delete",
    ),
    "compute.routers.patch": ("compute.addresses.use",),
    "compute.regionAutoscalers.insert": ("compute.instanceGroupManagers.use",),
}


def authorize(cloud: Cloud, bearer: str | None, call: Call) -> list[str]:
    """What the call needs; raises 401 for an unknown token, 403 when it may not be made.

    Callers without a token, and those with one that `/token` gave, may do everything.
    """
    wanted = list(needed(call.method))
    if bearer in (None, "local"):
        return wanted
    if bearer not in cloud.tokens:
        message = "Request had invalid authentication credentials."
        raise ApiError(401, "authError", message, "UNAUTHENTICATED")
    # A public image is read by the rights of everybody.
    public = call.method.startswith("compute.images.") and call.project == "sourcegraph-ci"
    for permission in wanted:
        if permission not in cloud.tokens[bearer] and not public:
            message = f"Required '{permission}' permission for '{call.path}'"
            raise ApiError(403, "forbidden", message, "PERMISSION_DENIED")
    return wanted


def needed(method: str) -> Iterator[str]:
    """The permissions of a method such as compute.networks.insert."""
    service, *path, verb = method.split(".")
    service, collection = _SERVICES.get(service, service), path[-1]
    if verb == "addVersion":
        collection = "versions"
    yield f"{service}.{_COLLECTIONS.get(collection, collection)}.{_VERBS.get(verb, verb)}"
    if _ON_NETWORKS.fullmatch(method):
        yield "compute.networks.updatePolicy"
    yield from _FURTHER.get(method, ())
