"""Virtual machines: made by instance groups from their templates, never one by one."""

import secrets
import string

from local_clouds.gcp.server import compute
from local_clouds.gcp.server.networks import free_external_address
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json, fingerprint
from local_clouds.gcp.server.subnetworks import free_internal_address

_SUFFIX = string.ascii_lowercase + string.digits


@handles("compute.instances.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    return compute.delete(cloud, call)


def create(
    cloud: Cloud,
    group_name: str,
    group: Json,
    zone: str,
    own_name: str | None = None,
) -> Json:
    """A running VM of a group, from its template, in a zone; its name is made up when unset.

    A VM that the group keeps something for, and that is missing, comes back with that.
    """
    template_name = group["instanceTemplate"].removeprefix(compute.ROOT)
    project = group_name.split("/")[1]
    place = f"projects/{project}/zones/{zone}"
    properties = cloud.get(template_name)["properties"]
    missing = {
        config["name"]: config["preservedState"]
        for config in configs(cloud, group_name)
        if f"{place}/instances/{config['name']}" not in cloud.resources
    }
    name = own_name or next(iter(missing), _free_name(cloud, place, group["baseInstanceName"]))
    preserved = missing.get(name, {})
    number = cloud.project_number(project)
    origin = {
        "instance-template": f"projects/{number}/" + template_name.split("/", 2)[2],
        "created-by": f"projects/{number}/" + group_name.split("/", 2)[2],
    }
    items = properties.get("metadata", {}).get("items", [])
    items = items + [{"key": key, "value": value} for key, value in origin.items()]
    resource: Json = {
        "kind": "compute#instance",
        "id": cloud.new_id(),
        "name": name,
        "creationTimestamp": cloud.timestamp(),
        "lastStartTimestamp": cloud.timestamp(),
        "status": "RUNNING",
        "zone": compute.link(place),
        "selfLink": compute.link(f"{place}/instances/{name}"),
        "machineType": compute.link(f"{place}/machineTypes/{properties['machineType']}"),
        "cpuPlatform": properties.get("minCpuPlatform", "Intel Cascade Lake"),
        "metadata": {
            "kind": "compute#metadata",
            "fingerprint": fingerprint(items),
            "items": items,
        },
        "networkInterfaces": [
            _interface(cloud, nic, preserved.get("internalIPs", {}).get(nic["name"]))
            for nic in properties["networkInterfaces"]
        ],
        "disks": _disks(place, name, properties) + _kept_disks(preserved),
        "labelFingerprint": fingerprint(properties.get("labels", {})),
        "startRestricted": False,
        "deletionProtection": False,
    }
    copied = ("labels", "scheduling", "serviceAccounts", "tags", "canIpForward")
    copied += ("advancedMachineFeatures", "shieldedInstanceConfig")
    resource |= {field: properties[field] for field in copied if field in properties}
    return cloud.add(f"{place}/instances/{name}", resource)


def configs(cloud: Cloud, group_name: str) -> list[Json]:
    """What a group keeps for single VMs, by name."""
    return [config for _, config in cloud.children(f"{group_name}/perInstanceConfigs")]


def members(cloud: Cloud, group_name: str) -> list[tuple[str, Json]]:
    """The VMs that a group made, oldest first."""
    project, rest = group_name.split("/", 2)[1:]
    origin = f"projects/{cloud.project_number(project)}/{rest}"
    own = [
        (name, instance)
        for name, instance in cloud.of_collection("instances")
        if metadata(instance)["created-by"] == origin
    ]
    return sorted(own, key=lambda entry: int(entry[1]["id"]))


def metadata(instance: Json) -> dict[str, str]:
    """The metadata items of a VM as a mapping."""
    return {item["key"]: item.get("value", "") for item in instance["metadata"]["items"]}


def _free_name(cloud: Cloud, place: str, base: str) -> str:
    while True:
        name = f"{base}-{''.join(secrets.choice(_SUFFIX) for _ in range(4))}"
        if f"{place}/instances/{name}" not in cloud.resources:
            return name


def _interface(cloud: Cloud, nic: Json, kept: Json | None) -> Json:
    subnetwork = cloud.get(nic["subnetwork"].removeprefix(compute.ROOT))
    if kept is None:
        complete = nic | {"networkIP": free_internal_address(cloud, subnetwork)}
    else:
        address = cloud.get(kept["ipAddress"]["address"].removeprefix(compute.ROOT))
        complete = nic | {"networkIP": address["address"]}
    if nic.get("accessConfigs"):
        complete["accessConfigs"] = [
            config | {"natIP": config.get("natIP") or free_external_address(cloud)}
            for config in nic["accessConfigs"]
        ]
    return complete


def _disks(place: str, name: str, properties: Json) -> list[Json]:
    disks = []
    for index, disk in enumerate(properties["disks"]):
        initial = disk.get("initializeParams", {})
        attached = {key: value for key, value in disk.items() if key != "initializeParams"}
        attached["diskSizeGb"] = disk.get("diskSizeGb") or initial.get("diskSizeGb", "10")
        if disk["type"] == "PERSISTENT":
            source = f"{place}/disks/{name}" + (f"-{index}" if index else "")
            attached["source"] = compute.link(source)
        disks.append(attached)
    return disks


def _kept_disks(preserved: Json) -> list[Json]:
    return [
        {
            "type": "PERSISTENT",
            "mode": disk.get("mode", "READ_WRITE"),
            "deviceName": device,
            "source": disk["source"],
            "boot": False,
            "autoDelete": False,
        }
        for device, disk in preserved.get("disks", {}).items()
    ]
