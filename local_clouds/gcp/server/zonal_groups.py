"""Zonal managed instance groups, and what they keep for single VMs.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/instanceGroupManagers,
.../compute/docs/instance-groups/stateful-migs,
.../compute/docs/instance-groups/configuring-stateful-disks-in-migs.
"""

import re

from local_clouds.gcp.server import compute, group_rules, instances
from local_clouds.gcp.server.errors import (
    already_exists,
    invalid,
    invalid_field,
    not_found,
    stale_fingerprint,
)
from local_clouds.gcp.server.groups import managed, seen
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_COMPUTE = "compute.instanceGroupManagers"
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")


@handles(f"{_COMPUTE}.insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    zone = call.path.split("/")[3]
    body = group_rules.complete_zonal(cloud, zone, call.project, call.body)
    group = f"{call.path.rpartition('/')[0]}/instanceGroups/{body['name']}"
    body |= {"instanceGroup": compute.link(group), "fingerprint": fingerprint(body)}
    return compute.insert(cloud, call, body)


@handles(f"{_COMPUTE}.get")
def _get(cloud: Cloud, call: Call) -> Json:
    return seen(cloud, call.path, cloud.get(call.path))


@handles(f"{_COMPUTE}.patch")
def _patch(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    if call.body.get("fingerprint", group["fingerprint"]) != group["fingerprint"]:
        raise stale_fingerprint()
    for field in ("name", "baseInstanceName"):
        if call.body.get(field, group[field]) != group[field]:
            raise invalid_field(f"resource.{field}", call.body[field], "It cannot be changed.")
    changes = dict(call.body)
    for field in ("updatePolicy", "instanceLifecyclePolicy"):
        if field in changes:
            changes[field] = group[field] | changes[field]
    zone = call.path.split("/")[3]
    complete = group_rules.complete_zonal(cloud, zone, call.project, group | changes)
    if instances.configs(cloud, call.path):
        _require_recreate(complete)
    group.update(complete)
    group["fingerprint"] = fingerprint([group["fingerprint"], complete])
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_COMPUTE}.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    cloud.get(call.path)
    for name, _ in instances.members(cloud, call.path):
        cloud.remove(name)
    for name in [name for name, _ in cloud.children(f"{call.path}/perInstanceConfigs")]:
        cloud.remove(name)
    return compute.delete(cloud, call)


@handles(f"{_COMPUTE}.createInstances")
def _create_instances(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    for index, config in enumerate(call.body.get("instances", [])):
        at, name = f"instances[{index}]", config.get("name", "")
        if not _NAME.fullmatch(name):
            raise invalid_field(f"{at}.name", name, f"Must be a match of regex '{_NAME.pattern}'")
        place = "/".join(call.path.split("/")[:4])
        if f"{place}/instances/{name}" in cloud.resources:
            raise already_exists(f"{place}/instances/{name}")
        _require_recreate(group)
        checked = _checked(cloud, call, config, at)
        cloud.add(f"{call.path}/perInstanceConfigs/{name}", checked)
        group["targetSize"] += 1
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_COMPUTE}.updatePerInstanceConfigs")
def _update_configs(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    for index, config in enumerate(call.body.get("perInstanceConfigs", [])):
        present = cloud.get(f"{call.path}/perInstanceConfigs/{config.get('name')}")
        if config.get("fingerprint", present["fingerprint"]) != present["fingerprint"]:
            raise stale_fingerprint()
        present.update(_checked(cloud, call, config, f"perInstanceConfigs[{index}]"))
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_COMPUTE}.listPerInstanceConfigs")
def _list_configs(cloud: Cloud, call: Call) -> Json:
    cloud.get(call.path)
    found = list(cloud.children(f"{call.path}/perInstanceConfigs"))
    return page(call, found, "items", "maxResults")


@handles(f"{_COMPUTE}.deleteInstances")
def _delete_instances(cloud: Cloud, call: Call) -> Json:
    """Take VMs out of the group for good, with what it keeps for them."""
    group = cloud.get(call.path)
    for name in _members_named(cloud, call):
        cloud.remove(name)
        config = f"{call.path}/perInstanceConfigs/{name.rsplit('/', 1)[-1]}"
        if config in cloud.resources:
            cloud.remove(config)
        group["targetSize"] -= 1
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_COMPUTE}.recreateInstances", f"{_COMPUTE}.applyUpdatesToInstances")
def _recreate_instances(cloud: Cloud, call: Call) -> Json:
    """Delete VMs; the group makes them again, with what it keeps for them."""
    for name in _members_named(cloud, call):
        cloud.remove(name)
    return compute.operation(cloud, call, call.path, cloud.get(call.path))


@handles(f"{_COMPUTE}.listManagedInstances")
def _list_managed(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    members = [
        (name, managed(cloud, group, vm)) for name, vm in instances.members(cloud, call.path)
    ]
    return page(call, sorted(members, key=lambda entry: entry[0]), "managedInstances", "maxResults")


def _members_named(cloud: Cloud, call: Call) -> list[str]:
    members = dict(instances.members(cloud, call.path))
    place = "/".join(call.path.split("/")[:4])
    names = []
    for reference in call.body.get("instances", []):
        name = compute.relative(reference, "instances", "instances", place)
        if name not in members:
            message = f"The instance '{name}' is not a member of the instance group manager."
            raise invalid_field("instances", reference, message)
        names.append(name)
    return names


def _require_recreate(group: Json) -> None:
    policy = group["updatePolicy"]
    if policy["type"] == "PROACTIVE" and policy["replacementMethod"] != "RECREATE":
        raise invalid("A stateful group that updates by itself needs replacementMethod RECREATE.")


def _checked(cloud: Cloud, call: Call, config: Json, at: str) -> Json:
    """A per-instance config whose disks and addresses exist, and that no other VM has."""
    place, own = "/".join(call.path.split("/")[:4]), config.get("name", "")
    preserved: Json = config.get("preservedState", {})
    disks, addresses = {}, {}
    for device, disk in preserved.get("disks", {}).items():
        where = f"{at}.preservedState.disks[{device}].source"
        name = compute.require(cloud, disk.get("source", ""), where, "disks", place)
        if not name.startswith(f"{place}/"):
            raise invalid_field(where, disk["source"], "The disk must be in the group's zone.")
        _check_free(cloud, own, where, "disks", {"source": compute.link(name)})
        disks[device] = {"autoDelete": "NEVER", "mode": "READ_WRITE", **disk}
        disks[device]["source"] = compute.link(name)
    template = cloud.get(cloud.get(call.path)["instanceTemplate"].removeprefix(compute.ROOT))
    nics = {nic["name"]: nic for nic in template["properties"]["networkInterfaces"]}
    for interface, entry in preserved.get("internalIPs", {}).items():
        where = f"{at}.preservedState.internalIPs[{interface}]"
        if interface not in nics:
            raise not_found(f"the network interface {interface} of the template")
        reference = entry.get("ipAddress", {}).get("address", "")
        region = f"projects/{call.project}/regions/{call.path.split('/')[3].rpartition('-')[0]}"
        name = compute.require(cloud, reference, where, "addresses", region)
        address = cloud.get(name)
        subnetwork = nics[interface]["subnetwork"]
        if address.get("subnetwork") != subnetwork:
            raise invalid_field(where, reference, "The address is not in the VM's subnetwork.")
        wanted = {"networkIP": address["address"], "subnetwork": subnetwork}
        _check_free(cloud, own, where, "networkInterfaces", wanted)
        addresses[interface] = {"autoDelete": "NEVER", **entry}
        addresses[interface]["ipAddress"] = {"address": address["selfLink"]}
    state = {"disks": disks, "internalIPs": addresses, "metadata": preserved.get("metadata", {})}
    kept = {"name": own, "preservedState": {key: value for key, value in state.items() if value}}
    return kept | {"status": "EFFECTIVE", "fingerprint": fingerprint(kept)}


def _check_free(cloud: Cloud, own: str, at: str, part: str, wanted: Json) -> None:
    """Refuse what another VM has among its disks or interfaces."""
    for name, instance in cloud.of_collection("instances"):
        if instance["name"] != own and any(wanted.items() <= one.items() for one in instance[part]):
            raise invalid_field(at, next(iter(wanted.values())), f"The instance {name} uses it.")
