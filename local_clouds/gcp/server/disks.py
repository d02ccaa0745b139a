"""Zonal persistent disks.

Source: https://cloud.google.com/compute/docs/reference/rest/v1/disks.
"""

from local_clouds.gcp.server import compute, keys_of_customers, labels
from local_clouds.gcp.server.errors import in_use, invalid_field
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_TYPES = ("pd-standard", "pd-balanced", "pd-ssd", "pd-extreme")
_SMALLEST, _LARGEST = 10, 65536


@handles("compute.disks.insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    body = call.body
    labels.check(body.get("labels"), "resource.labels")
    kind = body.get("type", "pd-standard").rsplit("/", 1)[-1]
    if kind not in _TYPES:
        rule = f"Types here are {', '.join(_TYPES)}."
        raise invalid_field("resource.type", body.get("type"), rule)
    size = body.get("sizeGb", "500")
    if not _SMALLEST <= int(size) <= _LARGEST:
        rule = f"Must be from {_SMALLEST} to {_LARGEST} GB."
        raise invalid_field("resource.sizeGb", size, rule)
    key = body.get("diskEncryptionKey", {}).get("kmsKeyName")
    if key:
        zone = call.path.split("/")[3]
        at = "resource.diskEncryptionKey.kmsKeyName"
        keys_of_customers.require(cloud, key, at, zone.rpartition("-")[0], call.project, "compute")
    computed = {
        "type": compute.link(f"{call.place}/diskTypes/{kind}"),
        "sizeGb": size,
        "status": "READY",
        "labels": body.get("labels", {}),
        "labelFingerprint": fingerprint(body.get("labels", {})),
        "physicalBlockSizeBytes": "4096",
    }
    return compute.insert(cloud, call, body | computed)


@handles("compute.disks.resize")
def _resize(cloud: Cloud, call: Call) -> Json:
    disk = cloud.get(call.path)
    size = call.body.get("sizeGb", "")
    if not size or int(size) <= int(disk["sizeGb"]):
        rule = f"Must be larger than the present {disk['sizeGb']} GB."
        raise invalid_field("sizeGb", size, rule)
    disk["sizeGb"] = size
    return compute.operation(cloud, call, call.path, disk)


@handles("compute.disks.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    link = cloud.get(call.path)["selfLink"]
    for user, instance in cloud.of_collection("instances"):
        if any(disk.get("source") == link for disk in instance["disks"]):
            raise in_use("disk", call.path, user)
    return compute.delete(cloud, call)
