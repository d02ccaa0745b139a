"""Reserved addresses, external and internal.

Source: https://cloud.google.com/compute/docs/reference/rest/v1/addresses/insert.
"""

import ipaddress

from local_clouds.gcp.server import compute, labels
from local_clouds.gcp.server.errors import in_use, invalid, invalid_field, stale_fingerprint
from local_clouds.gcp.server.networks import free_external_address
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json, fingerprint
from local_clouds.gcp.server.subnetworks import (
    free_internal_address,
    usable_addresses,
    used_addresses,
)


@handles("compute.addresses.insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    labels.check(call.body.get("labels"), "resource.labels")
    kind = call.body.get("addressType", "EXTERNAL")
    chosen = _internal(cloud, call) if kind == "INTERNAL" else _external(cloud, call)
    common = {"addressType": kind, "networkTier": "PREMIUM", "status": "RESERVED", "labels": {}}
    marks = {"labelFingerprint": fingerprint(call.body.get("labels", {}))}
    return compute.insert(cloud, call, common | call.body | chosen | marks)


def _external(cloud: Cloud, call: Call) -> Json:
    for field in ("subnetwork", "network", "purpose", "address"):
        if call.body.get(field):
            rule = "An external address is chosen by the cloud and belongs to no network."
            raise invalid_field(f"resource.{field}", call.body[field], rule)
    return {"address": free_external_address(cloud)}


def _internal(cloud: Cloud, call: Call) -> Json:
    body = call.body
    if not body.get("subnetwork"):
        rule = "A regional internal address needs a subnetwork."
        raise invalid_field("resource.subnetwork", "", rule)
    if body.get("networkTier"):
        raise invalid("An internal address has no network tier.")
    if body.get("purpose", "GCE_ENDPOINT") not in {"GCE_ENDPOINT", "SHARED_LOADBALANCER_VIP"}:
        raise invalid_field("resource.purpose", body["purpose"], "It is not for a subnetwork.")
    at = "resource.subnetwork"
    name = compute.require(cloud, body["subnetwork"], at, "subnetworks", call.place)
    if "/".join(name.split("/")[2:4]) != "/".join(call.place.split("/")[2:4]):
        raise invalid_field(at, name, "The subnetwork is in another region.")
    subnetwork = cloud.get(name)
    text = body.get("address") or free_internal_address(cloud, subnetwork)
    try:
        number = int(ipaddress.IPv4Address(text))
    except ValueError as error:
        raise invalid_field("resource.address", text, str(error)) from error
    if number not in usable_addresses(subnetwork):
        rule = f"It is outside of {subnetwork['ipCidrRange']}, or reserved there."
        raise invalid_field("resource.address", text, rule)
    if text in used_addresses(cloud, subnetwork):
        raise invalid(f"IP '{text}' is already being used by another resource.")
    return {"address": text, "purpose": "GCE_ENDPOINT", "subnetwork": subnetwork["selfLink"]}


@handles("compute.addresses.setLabels", "compute.disks.setLabels")
def _set_labels(cloud: Cloud, call: Call) -> Json:
    resource = cloud.get(call.path)
    labels.check(call.body.get("labels"), "resource.labels")
    if call.body.get("labelFingerprint") != resource["labelFingerprint"]:
        raise stale_fingerprint()
    resource["labels"] = call.body.get("labels", {})
    resource["labelFingerprint"] = fingerprint(resource["labels"])
    return compute.operation(cloud, call, call.path, resource)


@handles("compute.addresses.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    address = cloud.get(call.path)
    for user, router in cloud.of_collection("routers"):
        if any(address["selfLink"] in nat.get("natIps", []) for nat in router["nats"]):
            raise in_use("address", call.path, user)
    for user, instance in cloud.of_collection("instances"):
        wanted = {"networkIP": address["address"], "subnetwork": address.get("subnetwork")}
        if any(wanted.items() <= nic.items() for nic in instance["networkInterfaces"]):
            raise in_use("address", call.path, user)
    return compute.delete(cloud, call)
