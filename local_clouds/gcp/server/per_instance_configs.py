"""What zonal instance groups keep for single VMs.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/instanceGroupManagers,
.../compute/docs/instance-groups/stateful-migs,
.../compute/docs/instance-groups/configuring-stateful-disks-in-migs.
"""

import re

from local_clouds.gcp.server import compute, group_rules
from local_clouds.gcp.server.errors import (
    already_exists,
    invalid_field,
    not_found,
    stale_fingerprint,
)
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_COMPUTE = "compute.instanceGroupManagers"
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")


@handles(f"{_COMPUTE}.createInstances")
def _create_instances(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    for index, config in enumerate(call.body.get("instances", [])):
        at, name = f"instances[{index}]", config.get("name", "")
        if not _NAME.fullmatch(name):
            raise invalid_field(f"{at}.name", name, f"Must be a match of regex '{_NAME.pattern}'")
        instance = f"{call.place}/instances/{name}"
        if instance in cloud.resources:
            raise already_exists(instance)
        group_rules.check_stateful(group)
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


def _checked(cloud: Cloud, call: Call, config: Json, at: str) -> Json:
    """A per-instance config whose disks and addresses exist, and that no other VM has."""
    place, own = call.place, config.get("name", "")
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
