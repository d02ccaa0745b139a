"""Subnetworks and the addresses in them."""

import ipaddress

from local_clouds.gcp.server import compute
from local_clouds.gcp.server.errors import in_use, invalid, invalid_field, stale_fingerprint
from local_clouds.gcp.server.networks import refuse_changes
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

# https://cloud.google.com/vpc/docs/subnets#valid-ranges, without privately used public addresses.
_VALID_RANGES = [
    ipaddress.IPv4Network(text)
    for text in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
    )
]
_LONGEST_PREFIX = 29
_AUTO_RANGE = ipaddress.IPv4Network("10.128.0.0/9")


@handles("compute.subnetworks.insert")
def _insert_subnetwork(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    body = dict(call.body)
    for field in ("name", "network", "ipCidrRange"):
        if not body.get(field):
            raise invalid_field(f"resource.{field}", "", "No value was given.")
    project = f"projects/{call.project}"
    network = compute.require(
        cloud, body["network"], "resource.network", "networks", f"{project}/global"
    )
    body["network"] = compute.link(network)
    region = call.path.split("/")[3]
    if body.pop("region", region).rsplit("/", 1)[-1] != region:
        raise invalid_field("resource.region", call.body["region"], f"The URL says {region}.")
    primary = _check_ranges(cloud, body)
    defaults = {
        "privateIpGoogleAccess": False,
        "privateIpv6GoogleAccess": "DISABLE_GOOGLE_ACCESS",
        "purpose": "PRIVATE",
        "stackType": "IPV4_ONLY",
    }
    computed = {"gatewayAddress": str(primary[1]), "fingerprint": fingerprint(body)}
    return compute.insert(cloud, call, defaults | body | computed)


@handles("compute.subnetworks.patch")
def _patch_subnetwork(cloud: Cloud, call: Call) -> Json:
    subnetwork = cloud.get(call.path)
    if call.body.get("fingerprint") != subnetwork["fingerprint"]:
        raise stale_fingerprint()
    allowed = {"description", "logConfig", "privateIpGoogleAccess", "secondaryIpRanges"}
    refuse_changes(subnetwork, call.body, allowed | {"name", "stackType", "role", "purpose"})
    return _change(cloud, call, subnetwork, call.body)


@handles("compute.subnetworks.setPrivateIpGoogleAccess")
def _set_private_access(cloud: Cloud, call: Call) -> Json:
    return _change(cloud, call, cloud.get(call.path), call.body)


@handles("compute.subnetworks.expandIpCidrRange")
def _expand(cloud: Cloud, call: Call) -> Json:
    subnetwork = cloud.get(call.path)
    wider = subnetwork | {"ipCidrRange": call.body["ipCidrRange"]}
    new, old = (ipaddress.IPv4Network(item["ipCidrRange"]) for item in (wider, subnetwork))
    if not old.subnet_of(new):
        raise invalid_field("ipCidrRange", str(new), f"It must contain the present range {old}.")
    _check_ranges(cloud, wider)
    return _change(cloud, call, subnetwork, call.body)


@handles("compute.subnetworks.delete")
def _delete_subnetwork(cloud: Cloud, call: Call) -> Json:
    self_link = cloud.get(call.path)["selfLink"]
    for user, instance in cloud.of_collection("instances"):
        if any(nic["subnetwork"] == self_link for nic in instance["networkInterfaces"]):
            raise in_use("subnetwork", call.path, user)
    for user, address in cloud.of_collection("addresses"):
        if address.get("subnetwork") == self_link:
            raise in_use("subnetwork", call.path, user)
    for user, router in cloud.of_collection("routers"):
        named = [entry["name"] for nat in router["nats"] for entry in nat.get("subnetworks", [])]
        if self_link in named:
            raise in_use("subnetwork", call.path, user)
    return compute.delete(cloud, call)


def used_addresses(cloud: Cloud) -> set[str]:
    """The internal addresses that VMs have and that are reserved."""
    used = {
        nic["networkIP"]
        for _, instance in cloud.of_collection("instances")
        for nic in instance["networkInterfaces"]
    }
    return used | {
        address["address"]
        for _, address in cloud.of_collection("addresses")
        if address["addressType"] == "INTERNAL"
    }


def usable_addresses(subnetwork: Json) -> range:
    """The addresses of a subnetwork, as numbers, but its first two and last two."""
    network = ipaddress.IPv4Network(subnetwork["ipCidrRange"])
    return range(int(network[2]), int(network[-2]))


def free_internal_address(cloud: Cloud, subnetwork: Json) -> str:
    """The lowest free address of a subnetwork."""
    used = used_addresses(cloud)
    for number in usable_addresses(subnetwork):
        if (text := str(ipaddress.IPv4Address(number))) not in used:
            return text
    raise invalid(f"IP_SPACE_EXHAUSTED: the subnetwork {subnetwork['name']} has no free address.")


def _change(cloud: Cloud, call: Call, subnetwork: Json, changes: Json) -> Json:
    subnetwork.update(changes)
    subnetwork["fingerprint"] = fingerprint([subnetwork["fingerprint"], changes])
    return compute.operation(cloud, call, call.path, subnetwork)


def _check_ranges(cloud: Cloud, subnetwork: Json) -> ipaddress.IPv4Network:
    texts = [subnetwork["ipCidrRange"]]
    texts += [item["ipCidrRange"] for item in subnetwork.get("secondaryIpRanges", [])]
    ranges = [_parse_range(text) for text in texts]
    network = cloud.get(compute.relative(subnetwork["network"], "resource.network", "networks", ""))
    taken = [_AUTO_RANGE] if network["autoCreateSubnetworks"] else []
    for _, other in cloud.of_collection("subnetworks"):
        if other["network"] == subnetwork["network"] and other["name"] != subnetwork["name"]:
            own = [other["ipCidrRange"]]
            own += [item["ipCidrRange"] for item in other.get("secondaryIpRanges", [])]
            taken += [ipaddress.IPv4Network(text) for text in own]
    for index, candidate in enumerate(ranges):
        for other in taken + ranges[:index]:
            if candidate.overlaps(other):
                message = f"Invalid IPCidrRange: {candidate} conflicts with existing range {other}."
                raise invalid(message)
    return ranges[0]


def _parse_range(text: str) -> ipaddress.IPv4Network:
    at = "resource.ipCidrRange"
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise invalid_field(at, text, f"Must be a CIDR address range. {error}") from error
    if "/" not in text or network.prefixlen > _LONGEST_PREFIX:
        raise invalid_field(at, text, "The prefix length must be at most 29.")
    if not any(network.subnet_of(valid) for valid in _VALID_RANGES):
        raise invalid_field(at, text, "The range is outside the valid IPv4 ranges of a VPC.")
    return network
