"""Regions and their zones (https://cloud.google.com/compute/docs/regions-zones)."""

from local_clouds.gcp.server.errors import not_found
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json

_UNUSUAL_ZONES = {"us-central1": "abcf", "us-east1": "bcd", "europe-west1": "bcd"}
REGIONS = tuple(
    """
    africa-south1
    asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 asia-south1 asia-south2
    asia-southeast1 asia-southeast2 australia-southeast1 australia-southeast2
    europe-central2 europe-north1 europe-north2 europe-southwest1 europe-west1 europe-west2
    europe-west3 europe-west4 europe-west6 europe-west8 europe-west9 europe-west10 europe-west12
    me-central1 me-central2 me-west1
    northamerica-northeast1 northamerica-northeast2 northamerica-south1
    southamerica-east1 southamerica-west1
    us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4
    """.split()
)
_LINK = "https://www.googleapis.com/compute/v1/"


def zones_of(region: str) -> list[str]:
    """The zone names of a region."""
    return [f"{region}-{letter}" for letter in _UNUSUAL_ZONES.get(region, "abc")]


@handles("compute.regions.get")
def _region(_cloud: Cloud, call: Call) -> Json:
    if call.name not in REGIONS:
        raise not_found(call.path)
    project = f"{_LINK}projects/{call.project}"
    return {
        "kind": "compute#region",
        "name": call.name,
        "status": "UP",
        "selfLink": _LINK + call.path,
        "zones": [f"{project}/zones/{zone}" for zone in zones_of(call.name)],
    }


@handles("compute.zones.get")
def _zone(_cloud: Cloud, call: Call) -> Json:
    region = call.name.rpartition("-")[0]
    if region not in REGIONS or call.name not in zones_of(region):
        raise not_found(call.path)
    return {
        "kind": "compute#zone",
        "name": call.name,
        "status": "UP",
        "selfLink": _LINK + call.path,
        "region": f"{_LINK}projects/{call.project}/regions/{region}",
    }


@handles("compute.zones.list", "compute.regions.list")
def _list(cloud: Cloud, call: Call) -> Json:
    if call.method == "compute.regions.list":
        names, one = list(REGIONS), _region
    else:
        names, one = [zone for region in REGIONS for zone in zones_of(region)], _zone
    items = [
        one(cloud, Call(call.method, f"{call.path}/{name}", call.params, {})) for name in names
    ]
    return {"kind": f"{items[0]['kind']}List", "items": items}
