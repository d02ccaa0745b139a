"""What all Compute Engine resources share: links, operations, get and list."""

import re

from local_clouds.gcp.server import filters
from local_clouds.gcp.server.errors import invalid_field, not_found
from local_clouds.gcp.server.places import REGIONS, zones_of
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json

ROOT = "https://www.googleapis.com/compute/v1/"
_KINDS = {
    "networks": "compute#network",
    "subnetworks": "compute#subnetwork",
    "firewalls": "compute#firewall",
    "routers": "compute#router",
    "addresses": "compute#address",
    "disks": "compute#disk",
    "instances": "compute#instance",
    "instanceTemplates": "compute#instanceTemplate",
    "instanceGroupManagers": "compute#instanceGroupManager",
    "regionInstanceGroupManagers": "compute#instanceGroupManager",
    "regionAutoscalers": "compute#autoscaler",
}
_KEPT_OPERATIONS = 1000


def link(name: str) -> str:
    """The selfLink of a relative name."""
    return ROOT + name


def relative(reference: str, at: str, collection: str, place: str) -> str:
    """The relative name a reference means; raises 400 when it means another collection.

    `place` completes short forms: projects/p/global, projects/p/regions/r or projects/p/zones/z.
    """
    text = re.sub(
        r"^https://(?:www\.googleapis\.com/compute|compute\.googleapis\.com/compute)/v1/",
        "",
        reference,
    )
    if "/" not in text:
        text = f"{place}/{collection}/{text}"
    elif not text.startswith("projects/"):
        text = "/".join([*place.split("/")[:2], text])
    scope = r"(?:global|regions/[^/]+|zones/[^/]+)"
    if not re.fullmatch(rf"projects/[^/]+/{scope}/{collection}/(?:family/)?[^/]+", text):
        raise invalid_field(at, reference, f"The URL is malformed: it is no link to {collection}.")
    return text


def require(cloud: Cloud, reference: str, at: str, collection: str, place: str) -> str:
    """The relative name of an existing resource; raises 400 for a bad link, 404 when missing."""
    name = relative(reference, at, collection, place)
    cloud.get(name)
    return name


def insert(cloud: Cloud, call: Call, resource: Json) -> Json:
    """Keep a new resource under the name in its body and answer with an operation."""
    collection = call.method.split(".")[1]
    name = f"{call.path}/{resource['name']}"
    complete = {
        "kind": _KINDS[collection],
        "id": cloud.new_id(),
        "creationTimestamp": cloud.timestamp(),
        "selfLink": link(name),
        **resource,
    }
    place = call.path.split("/")
    if place[2] in {"regions", "zones"}:
        complete[place[2].removesuffix("s")] = link("/".join(place[:4]))
    cloud.add(name, complete)
    return operation(cloud, call, name, complete)


def delete(cloud: Cloud, call: Call) -> Json:
    """Forget the resource of the path and answer with an operation."""
    return operation(cloud, call, call.path, cloud.remove(call.path))


def operation(cloud: Cloud, call: Call, target: str, resource: Json) -> Json:
    """An operation that is RUNNING when first seen and DONE when asked about again."""
    place = "/".join(target.split("/")[: 3 if "/global/" in target else 4])
    number = cloud.new_id()
    name = f"{place}/operations/operation-{number}"
    running = {
        "kind": "compute#operation",
        "id": number,
        "name": f"operation-{number}",
        "operationType": call.method.split(".")[-1],
        "targetLink": link(target),
        "targetId": resource["id"],
        "status": "RUNNING",
        "progress": 0,
        "insertTime": cloud.timestamp(),
        "startTime": cloud.timestamp(),
        "selfLink": link(name),
    }
    _, scope, *where = place.split("/")[1:]
    if where:
        running[scope.removesuffix("s")] = link(place)
    cloud.operations[name] = running | {
        "status": "DONE",
        "progress": 100,
        "endTime": cloud.timestamp(),
    }
    if len(cloud.operations) > _KEPT_OPERATIONS:
        del cloud.operations[next(iter(cloud.operations))]
    return running


@handles(
    *(
        f"compute.{scope}Operations.{verb}"
        for scope in ("global", "region", "zone")
        for verb in ("get", "wait")
    )
)
def _finished_operation(cloud: Cloud, call: Call) -> Json:
    if call.path not in cloud.operations:
        raise not_found(call.path)
    return cloud.operations[call.path]


@handles(*(f"compute.{collection}.get" for collection in _KINDS))
def _get(cloud: Cloud, call: Call) -> Json:
    return cloud.get(call.path)


@handles(*(f"compute.{collection}.list" for collection in _KINDS))
def _list(cloud: Cloud, call: Call) -> Json:
    check_place(call.path)
    return listing(cloud, call, call.path)


@handles("compute.instances.aggregatedList", "compute.subnetworks.aggregatedList")
def _aggregated(cloud: Cloud, call: Call) -> Json:
    project, collection = f"projects/{call.project}", call.method.split(".")[1]
    places = (
        [f"regions/{region}" for region in REGIONS]
        if collection == "subnetworks"
        else [f"zones/{zone}" for region in REGIONS for zone in zones_of(region)]
    )
    items = {}
    for place in places:
        found = listing(cloud, call, f"{project}/{place}/{collection}").get("items")
        empty = {"code": "NO_RESULTS_ON_PAGE", "message": f"No results for the scope '{place}'."}
        items[place] = {collection: found} if found else {"warning": empty}
    return {"kind": f"{_KINDS[collection]}AggregatedList", "items": items}


def listing(cloud: Cloud, call: Call, parent: str) -> Json:
    """One page of the resources below `parent` that the call's filter keeps."""
    keeps = filters.parse(call.params.get("filter", ""))
    kept = [(name, item) for name, item in cloud.children(parent) if keeps(item)]
    kind = _KINDS[call.method.split(".")[1]]
    head = {"kind": f"{kind}List", "id": parent, "selfLink": link(parent)}
    return head | page(call, kept, "items", "maxResults")


def check_place(path: str) -> None:
    """Raise 404 for a path in a region or zone that does not exist."""
    _, _, scope, place, *_ = [*path.split("/"), ""]
    known = REGIONS if scope == "regions" else [z for r in REGIONS for z in zones_of(r)]
    if scope in {"regions", "zones"} and place not in known:
        raise not_found("/".join(path.split("/")[:4]))
