"""Instance templates: what the API checks when one is inserted.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/instanceTemplates/insert,
.../compute/docs/instances/nested-virtualization/overview (machine families without it),
.../compute/docs/metadata/setting-custom-metadata#limitations.
"""

import re

from local_clouds.gcp.server import (
    compute,
    images,
    keys_of_customers,
    labels,
    local_ssd,
    service_accounts,
)
from local_clouds.gcp.server.errors import in_use, invalid, invalid_field, not_implemented
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_MACHINE = re.compile(
    r"(?:[a-z]\d{1,2}[a-z]?-)?custom-\d+-\d+(?:-ext)?"
    r"|[a-z]\d{1,2}[a-z]?-(?:standard|highmem|highcpu|ultramem|megamem|hypermem|ultragpu|highgpu"
    r"|megagpu|edgegpu|maxgpu|micro|small|medium)(?:-\d+[a-z]?)?(?:-lssd|-standardlssd"
    r"|-highlssd)?(?:-metal)?"
    r"|f1-micro|g1-small"
)
_NO_NESTED_VIRTUALIZATION = {
    "e2",
    "n2d",
    "n4d",
    "t2d",
    "t2a",
    "c2d",
    "c3d",
    "c4d",
    "c4a",
    "n4a",
    "m1",
    "m2",
    "a2",
    "g2",
    "h3",
    "f1",
    "g1",
}
_MOST_METADATA_BYTES = 512 * 1024
_MOST_VALUE_BYTES = 256 * 1024
_TAG = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_MOST_TAGS = 64


@handles("compute.instanceTemplates.insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    properties = call.body.get("properties")
    if not properties:
        raise invalid_field("resource.properties", "", "No value was given.")
    at = "resource.properties"
    _check_machine(properties, at)
    _check_scheduling(properties.get("scheduling", {}), f"{at}.scheduling")
    _check_disks(properties, f"{at}.disks", call.project)
    _check_keys(cloud, call, properties)
    _check_metadata(properties.get("metadata", {}), f"{at}.metadata")
    _check_tags(properties.get("tags", {}), f"{at}.tags")
    labels.check(properties.get("labels"), f"{at}.labels")
    for account in properties.get("serviceAccounts", []):
        service_accounts.require(cloud, call.project, account["email"])
        if not account.get("scopes"):
            raise invalid_field(f"{at}.serviceAccounts[0].scopes", "", "No value was given.")
    interfaces = properties.get("networkInterfaces", [])
    if not interfaces:
        rule = "At least one network interface is required."
        raise invalid_field(f"{at}.networkInterfaces", "", rule)
    resolved = [
        _resolve_interface(cloud, call.project, nic, f"{at}.networkInterfaces[{index}]", index)
        for index, nic in enumerate(interfaces)
    ]
    complete = _with_defaults(properties) | {"networkInterfaces": resolved}
    return compute.insert(cloud, call, call.body | {"properties": complete})


@handles("compute.instanceTemplates.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    self_link = cloud.get(call.path)["selfLink"]
    for user, group in cloud.of_collection("instanceGroupManagers"):
        if any(version["instanceTemplate"] == self_link for version in group["versions"]):
            raise in_use("instance_template", call.path, user)
    return compute.delete(cloud, call)


def _with_defaults(properties: Json) -> Json:
    scheduling = {
        "onHostMaintenance": "MIGRATE",
        "automaticRestart": True,
        "preemptible": False,
        "provisioningModel": "STANDARD",
    } | properties.get("scheduling", {})
    if scheduling["provisioningModel"] == "SPOT":
        scheduling["preemptible"] = True
    complete: Json = {"canIpForward": False} | properties | {"scheduling": scheduling}
    for field in ("tags", "metadata"):
        if field in complete:
            complete[field] = complete[field] | {"fingerprint": fingerprint(complete[field])}
    complete["disks"] = [
        {"type": "PERSISTENT", "mode": "READ_WRITE", "index": index, "kind": "compute#attachedDisk"}
        | disk
        for index, disk in enumerate(properties["disks"])
    ]
    return complete


def _check_machine(properties: Json, at: str) -> None:
    machine = properties["machineType"]
    if not _MACHINE.fullmatch(machine):
        rule = "A template takes the bare name of a machine type, such as n2-standard-4."
        raise invalid_field(f"{at}.machineType", machine, rule)
    family = machine.split("-")[0]
    nested = properties.get("advancedMachineFeatures", {}).get("enableNestedVirtualization")
    if nested and family in _NO_NESTED_VIRTUALIZATION:
        raise invalid(f"Nested virtualization is not supported for machine type {machine}.")
    local_ssd.check(machine, properties.get("disks", []))


def _check_scheduling(scheduling: Json, at: str) -> None:
    spot = scheduling.get("provisioningModel") == "SPOT"
    if scheduling.get("provisioningModel") == "STANDARD" and scheduling.get("preemptible"):
        raise invalid("Preemptible instances cannot have the provisioning model STANDARD.")
    if spot or scheduling.get("preemptible"):
        if scheduling.get("automaticRestart", True):
            rule = "Scheduling must have automaticRestart be false when preemptible is true."
            raise invalid_field(f"{at}.automaticRestart", "true", rule)
        if scheduling.get("onHostMaintenance") not in {None, "TERMINATE"}:
            rule = "Preemptible instances require onHostMaintenance TERMINATE."
            raise invalid_field(f"{at}.onHostMaintenance", scheduling["onHostMaintenance"], rule)
    limited = scheduling.get("maxRunDuration") or scheduling.get("terminationTime")
    if scheduling.get("instanceTerminationAction") and not (spot or limited):
        raise invalid("instanceTerminationAction needs provisioning model SPOT or a run limit.")


def _check_disks(properties: Json, at: str, project: str) -> None:
    disks = properties.get("disks", [])
    if not disks or not disks[0].get("boot"):
        raise invalid_field(f"{at}[0].boot", "false", "The first disk must be the boot disk.")
    if sum(bool(disk.get("boot")) for disk in disks) > 1:
        raise invalid_field(at, len(disks), "Only one disk can be the boot disk.")
    for index, disk in enumerate(disks):
        where, initial = f"{at}[{index}]", disk.get("initializeParams", {})
        if disk.get("type") == "SCRATCH":
            _check_scratch(disk, initial, where)
            continue
        if disk.get("interface") == "NVME":
            rule = "A persistent disk's interface follows from the machine type: leave it out."
            raise invalid_field(f"{where}.interface", "NVME", rule)
        if disk.get("boot") and not (
            initial.get("sourceImage") or initial.get("sourceSnapshot") or disk.get("source")
        ):
            raise invalid_field(
                f"{where}.initializeParams.sourceImage", "", "A boot disk needs a source."
            )
        if initial.get("sourceImage"):
            field = f"{where}.initializeParams.sourceImage"
            images.require(initial["sourceImage"], field, project)
        size = initial.get("diskSizeGb") or disk.get("diskSizeGb")
        if size and not 1 <= int(size) <= 65536:
            raise invalid_field(f"{where}.diskSizeGb", size, "Must be from 1 to 65536 GB.")
        labels.check(initial.get("labels"), f"{where}.initializeParams.labels")


def _check_keys(cloud: Cloud, call: Call, properties: Json) -> None:
    """A key must be in the region of the VMs, which their subnetwork tells."""
    subnetworks = [nic.get("subnetwork", "") for nic in properties.get("networkInterfaces", [])]
    regions = re.findall(r"/regions/([^/]+)/", subnetworks[0] if subnetworks else "")
    for index, disk in enumerate(properties.get("disks", [])):
        key = disk.get("diskEncryptionKey", {}).get("kmsKeyName")
        if key:
            at = f"resource.properties.disks[{index}].diskEncryptionKey.kmsKeyName"
            if disk.get("type") == "SCRATCH":
                raise invalid_field(at, key, "A local SSD takes no key.")
            region = regions[0] if regions else ""
            keys_of_customers.require(cloud, key, at, region, call.project, "compute")


def _check_scratch(disk: Json, initial: Json, at: str) -> None:
    if initial.get("diskType") != "local-ssd":
        rule = "A SCRATCH disk must have the disk type local-ssd."
        raise invalid_field(f"{at}.initializeParams.diskType", initial.get("diskType"), rule)
    if disk.get("boot") or initial.get("sourceImage"):
        raise invalid_field(at, "SCRATCH", "A local SSD cannot be a boot disk or have an image.")
    size = initial.get("diskSizeGb") or disk.get("diskSizeGb") or "375"
    if size not in {"375", "3000"}:
        raise invalid_field(f"{at}.diskSizeGb", size, "A local SSD has 375 GB or 3000 GB.")


def _check_metadata(metadata: Json, at: str) -> None:
    items = metadata.get("items", [])
    for item in items:
        if len(item.get("value", "").encode()) > _MOST_VALUE_BYTES:
            where = f"{at}.items[{item['key']}]"
            message = f"Value for field '{where}' is too large: maximum size 262144 character(s)"
            raise invalid(message)
    keys = [item["key"] for item in items]
    if len(set(keys)) != len(keys):
        raise invalid_field(f"{at}.items", keys, "Each metadata key may occur once.")
    if sum(len((i["key"] + i.get("value", "")).encode()) for i in items) > _MOST_METADATA_BYTES:
        raise invalid(f"Metadata is too large: '{at}' may have 524288 bytes in total.")


def _check_tags(tags: Json, at: str) -> None:
    items = tags.get("items", [])
    if len(items) > _MOST_TAGS:
        raise invalid_field(f"{at}.items", len(items), f"At most {_MOST_TAGS} tags are allowed.")
    for tag in items:
        if not _TAG.fullmatch(tag):
            raise invalid_field(f"{at}.items", tag, f"Must be a match of regex '{_TAG.pattern}'")


def _resolve_interface(cloud: Cloud, project: str, nic: Json, at: str, index: int) -> Json:
    place = f"projects/{project}/global"
    resolved: Json = {"kind": "compute#networkInterface", "name": f"nic{index}", **nic}
    if nic.get("subnetwork"):
        name = compute.require(cloud, nic["subnetwork"], f"{at}.subnetwork", "subnetworks", "")
        subnetwork = cloud.get(name)
        resolved["subnetwork"] = subnetwork["selfLink"]
        resolved.setdefault("network", subnetwork["network"])
    reference = resolved.get("network") or "global/networks/default"
    network = compute.require(cloud, reference, f"{at}.network", "networks", place)
    resolved["network"] = compute.link(network)
    if nic.get("subnetwork"):
        if subnetwork["network"] != resolved["network"]:
            raise invalid(f"The subnetwork {subnetwork['name']} is not in the network {network}.")
    elif cloud.get(network)["autoCreateSubnetworks"]:
        raise not_implemented("An instance in an auto mode network without a named subnetwork")
    else:
        rule = "Subnet must be specified because the network is in custom subnet mode."
        raise invalid_field(f"{at}.subnetwork", "", rule)
    if nic.get("accessConfigs"):
        defaults = {
            "kind": "compute#accessConfig",
            "type": "ONE_TO_ONE_NAT",
            "name": "external-nat",
        }
        resolved["accessConfigs"] = [
            defaults | {"networkTier": "PREMIUM"} | config for config in nic["accessConfigs"]
        ]
    return resolved
