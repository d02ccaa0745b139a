"""Public images. No one creates images here: families and images are a table.

Sourcegraph publishes `sourcegraph-executors-<major>-<minor>` and
`sourcegraph-executors-docker-mirror-<major>-<minor>` in the project sourcegraph-ci.
"""

import re

from local_clouds.gcp.server.compute import link, relative
from local_clouds.gcp.server.errors import not_found
from local_clouds.gcp.server.filters import parse
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json

_MINORS = {5: 12, 6: 13, 7: 5}
_PATCHES = 3
_DISK_GB = 10
_UBUNTU = {
    "ubuntu-2204-lts": ["ubuntu-2204-jammy-v20260812", "ubuntu-2204-jammy-v20260915"],
    "ubuntu-2404-lts-amd64": ["ubuntu-2404-noble-amd64-v20260812"],
}
_DEBIAN = {"debian-12": ["debian-12-bookworm-v20260812"]}


def _executor_families() -> dict[str, list[str]]:
    bases = ["sourcegraph-executors", "sourcegraph-executors-docker-mirror"]
    families = [
        f"{base}-{major}-{minor}"
        for base in bases
        for major, minors in _MINORS.items()
        for minor in range(minors)
    ]
    return {family: [f"{family}-{patch}" for patch in range(_PATCHES)] for family in families}


_FAMILIES = {
    "sourcegraph-ci": _executor_families(),
    "ubuntu-os-cloud": _UBUNTU,
    "debian-cloud": _DEBIAN,
}


def require(reference: str, at: str, project: str) -> None:
    """Raise 400 for a malformed image link, 404 for an image that a known project lacks.

    Images of projects that this server does not know are taken on trust.
    """
    name = relative(reference, at, "images", f"projects/{project}/global")
    owner, *_, image = name.split("/")[1:]
    families = _FAMILIES.get(owner)
    if families is None:
        return
    known = families if "/family/" in name else {i for images in families.values() for i in images}
    if image not in known:
        raise not_found(name)


@handles("compute.images.getFromFamily")
def _newest(cloud: Cloud, call: Call) -> Json:
    project, family = call.project, call.name
    images = _FAMILIES.get(project, {}).get(family)
    if not images:
        raise not_found(call.path)
    return _image(cloud, project, family, images[-1])


@handles("compute.images.get")
def _get(cloud: Cloud, call: Call) -> Json:
    for family, images in _FAMILIES.get(call.project, {}).items():
        if call.name in images:
            return _image(cloud, call.project, family, call.name)
    raise not_found(call.path)


@handles("compute.images.list")
def _list(cloud: Cloud, call: Call) -> Json:
    keeps = parse(call.params.get("filter", ""))
    images = [
        (name, _image(cloud, call.project, family, name))
        for family, names in _FAMILIES.get(call.project, {}).items()
        for name in names
    ]
    kept = sorted((name, image) for name, image in images if keeps(image))
    return {"kind": "compute#imageList", "id": call.path} | page(call, kept, "items", "maxResults")


def _image(cloud: Cloud, project: str, family: str, name: str) -> Json:
    version = [int(number) for number in re.findall(r"\d+", name)]
    day = 1 + version[-1] % 28
    return {
        "kind": "compute#image",
        "id": cloud.project_number(f"{project}/{name}"),
        "name": name,
        "family": family,
        "status": "READY",
        "diskSizeGb": str(_DISK_GB),
        "archiveSizeBytes": str(_DISK_GB * 2**28),
        "sourceType": "RAW",
        "architecture": "X86_64",
        "creationTimestamp": f"2026-01-{day:02}T00:00:00.000-08:00",
        "selfLink": link(f"projects/{project}/global/images/{name}"),
        "storageLocations": ["us"],
        "labelFingerprint": "42WmSpB8rSM=",
    }
