"""Networks, and addresses that are free outside of them."""

import ipaddress
import itertools

from local_clouds.gcp.server import compute
from local_clouds.gcp.server.errors import in_use, invalid, invalid_field
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json


@handles("compute.networks.insert")
def _insert_network(cloud: Cloud, call: Call) -> Json:
    if call.body.get("IPv4Range"):
        raise invalid("Legacy networks can no longer be created: leave out 'IPv4Range'.")
    defaults = {
        "autoCreateSubnetworks": True,
        "routingConfig": {"routingMode": "REGIONAL"},
        "networkFirewallPolicyEnforcementOrder": "AFTER_CLASSIC_FIREWALL",
        "mtu": 1460,
    }
    return compute.insert(cloud, call, defaults | call.body)


@handles("compute.networks.patch")
def _patch_network(cloud: Cloud, call: Call) -> Json:
    network = cloud.get(call.path)
    allowed = {"routingConfig", "networkFirewallPolicyEnforcementOrder", "mtu", "name"}
    refuse_changes(network, call.body, allowed)
    network.update(call.body)
    return compute.operation(cloud, call, call.path, network)


@handles("compute.networks.get")
def _get_network(cloud: Cloud, call: Call) -> Json:
    network = cloud.get(call.path)
    members = [
        compute.link(name)
        for name, subnetwork in cloud.of_collection("subnetworks")
        if subnetwork["network"] == network["selfLink"]
    ]
    return network | ({"subnetworks": members} if members else {})


@handles("compute.networks.delete")
def _delete_network(cloud: Cloud, call: Call) -> Json:
    network = cloud.get(call.path)
    for collection in ("subnetworks", "firewalls", "routers"):
        for user, resource in cloud.of_collection(collection):
            if resource.get("network") == network["selfLink"]:
                raise in_use("network", call.path, user)
    return compute.delete(cloud, call)


@handles("compute.firewalls.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    return compute.delete(cloud, call)


def free_external_address(cloud: Cloud) -> str:
    """An address of the documentation and benchmarking ranges that nothing uses yet."""
    used = {address["address"] for _, address in cloud.of_collection("addresses")}
    for _, instance in cloud.of_collection("instances"):
        for nic in instance["networkInterfaces"]:
            used.update(config["natIP"] for config in nic.get("accessConfigs", []))
    blocks = ("203.0.113.0/24", "198.51.100.0/24", "198.18.0.0/15")
    hosts = itertools.chain.from_iterable(ipaddress.IPv4Network(block).hosts() for block in blocks)
    return next(str(host) for host in hosts if str(host) not in used)


def refuse_changes(resource: Json, changes: Json, allowed: set[str]) -> None:
    """Raise 400 when a patch changes a field that cannot change."""
    for field, value in changes.items():
        if field not in allowed | {"fingerprint"} and resource.get(field) != value:
            raise invalid_field(f"resource.{field}", value, "The field cannot be changed.")
