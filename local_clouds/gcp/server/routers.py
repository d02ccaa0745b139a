"""Routers, and Cloud NAT on them.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/routers,
.../nat/docs/ports-and-addresses, .../nat/docs/set-up-manage-network-address-translation.
"""

from typing import Any

from local_clouds.gcp.server import compute
from local_clouds.gcp.server.errors import invalid, invalid_field
from local_clouds.gcp.server.networks import refuse_changes
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json

_MOST_PORTS = 57344
_FEWEST_PORTS = 2
_DEFAULTS = {
    "type": "PUBLIC",
    "enableDynamicPortAllocation": False,
    "enableEndpointIndependentMapping": False,
    "minPortsPerVm": 64,
    "udpIdleTimeoutSec": 30,
    "icmpIdleTimeoutSec": 30,
    "tcpEstablishedIdleTimeoutSec": 1200,
    "tcpTransitoryIdleTimeoutSec": 30,
    "tcpTimeWaitTimeoutSec": 120,
}


@handles("compute.routers.insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    place = f"projects/{call.project}/global"
    reference = call.body.get("network", "")
    network = compute.require(cloud, reference, "resource.network", "networks", place)
    body: Json = call.body | {"network": compute.link(network)}
    nats = _nats(cloud, call.path.rpartition("/")[0], body, body.get("nats", []))
    return compute.insert(cloud, call, body | {"nats": nats})


@handles("compute.routers.patch", "compute.routers.update")
def _patch(cloud: Cloud, call: Call) -> Json:
    router = cloud.get(call.path)
    refuse_changes(router, call.body, {"nats", "description", "bgp"})
    changes = dict(call.body)
    if "nats" in changes:
        changes["nats"] = _nats(cloud, call.place, router, changes["nats"])
    router.update(changes)
    return compute.operation(cloud, call, call.path, router)


@handles("compute.routers.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    return compute.delete(cloud, call)


def _nats(cloud: Cloud, place: str, router: Json, nats: list[Json]) -> list[Json]:
    names = [nat.get("name") for nat in nats]
    if len(set(names)) != len(names) or not all(names):
        raise invalid_field("resource.nats", names, "Every NAT has a name of its own.")
    complete = [
        _nat(cloud, place, router, nat, f"resource.nats[{i}]") for i, nat in enumerate(nats)
    ]
    _check_shared(cloud, router, complete)
    return complete


def _nat(cloud: Cloud, place: str, router: Json, nat: Json, at: str) -> Json:
    manual = nat.get("natIpAllocateOption") == "MANUAL_ONLY"
    if manual != bool(nat.get("natIps")):
        rule = "MANUAL_ONLY needs natIps, and only MANUAL_ONLY takes them."
        raise invalid_field(f"{at}.natIps", nat.get("natIps", []), rule)
    ports = nat.get("minPortsPerVm", 64)
    if not _FEWEST_PORTS <= ports <= _MOST_PORTS:
        rule = f"Must be from {_FEWEST_PORTS} to {_MOST_PORTS}."
        raise invalid_field(f"{at}.minPortsPerVm", ports, rule)
    if nat.get("maxPortsPerVm") and not nat.get("enableDynamicPortAllocation"):
        raise invalid_field(f"{at}.maxPortsPerVm", nat["maxPortsPerVm"], "Static ports have none.")
    if nat.get("enableDynamicPortAllocation") and (
        nat.get("enableEndpointIndependentMapping") or ports & (ports - 1)
    ):
        raise invalid("Dynamic ports need a power of 2 and no endpoint-independent mapping.")
    listed = nat.get("sourceSubnetworkIpRangesToNat") == "LIST_OF_SUBNETWORKS"
    if listed != bool(nat.get("subnetworks")):
        rule = "LIST_OF_SUBNETWORKS needs them, and only that takes them."
        raise invalid_field(f"{at}.subnetworks", nat.get("subnetworks", []), rule)
    addresses = [
        _address(cloud, place, reference, f"{at}.natIps") for reference in nat.get("natIps", [])
    ]
    subnetworks = [
        entry
        | {"name": _subnetwork(cloud, place, router, entry.get("name", ""), f"{at}.subnetworks")}
        for entry in nat.get("subnetworks", [])
    ]
    lists = {"natIps": addresses, "subnetworks": subnetworks}
    return _DEFAULTS | nat | {key: value for key, value in lists.items() if value}


def _address(cloud: Cloud, place: str, reference: str, at: str) -> str:
    name = compute.require(cloud, reference, at, "addresses", place)
    address = cloud.get(name)
    if address["addressType"] != "EXTERNAL" or not name.startswith(f"{place}/"):
        raise invalid_field(at, reference, "It must be an external address of the region.")
    return address["selfLink"]


def _subnetwork(cloud: Cloud, place: str, router: Json, reference: str, at: str) -> str:
    name = compute.require(cloud, reference, at, "subnetworks", place)
    subnetwork = cloud.get(name)
    if subnetwork["network"] != router["network"] or not name.startswith(f"{place}/"):
        raise invalid_field(at, reference, "It is not in the router's network and region.")
    return subnetwork["selfLink"]


def _check_shared(cloud: Cloud, router: Json, nats: list[Json]) -> None:
    """A subnetwork and an address belong to one NAT at most."""
    others = [
        nat
        for _, other in cloud.of_collection("routers")
        if other.get("selfLink") != router.get("selfLink")
        for nat in other["nats"]
    ]
    for kind in ("natIps", "subnetworks"):
        used: list[Any] = [_name(entry) for nat in others + nats for entry in nat.get(kind, [])]
        twice = sorted({entry for entry in used if used.count(entry) > 1})
        if twice:
            raise invalid_field(f"resource.nats.{kind}", twice, "Another NAT uses it.")


def _name(entry: Any) -> str:
    return entry if isinstance(entry, str) else entry["name"]
