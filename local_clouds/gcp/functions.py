"""Data sources: images and projects."""

from typing import Any

from pulumi_gcp import compute, organizations

from local_clouds.gcp.api import Api
from local_clouds.gcp.common import pick
from local_clouds.resource import CloudError, Function, Properties

_IMAGE = ("name", "family", "selfLink", "creationTimestamp", "description", "status", "labels")
_IMAGE += ("labelFingerprint",)


def functions(api: Api) -> list[Function]:
    """The functions of this module."""
    return [
        Function(
            token="gcp:compute/getImage:getImage",  # noqa: S106
            function=compute.get_image,
            call=lambda arguments: _image(api, arguments),
        ),
        Function(
            token="gcp:organizations/getProject:getProject",  # noqa: S106
            function=organizations.get_project,
            call=lambda arguments: _project(api, arguments),
        ),
    ]


def _image(api: Api, arguments: Properties) -> Properties:
    chosen = [name for name in ("name", "family", "filter") if name in arguments]
    if len(chosen) != 1:
        message = f"getImage takes exactly one of name, family and filter; found {chosen}."
        raise CloudError(message)
    project = arguments["project"]
    image = _find_image(api.collection("images"), api, project, arguments)
    return pick(image, _IMAGE) | {
        "id": image["selfLink"][image["selfLink"].index("projects/") :],
        "imageId": image["id"],
        "project": project,
        "diskSizeGb": int(image["diskSizeGb"]),
        "archiveSizeBytes": int(image["archiveSizeBytes"]),
        "labels": image.get("labels", {}),
        "licenses": image.get("licenses", []),
        "imageEncryptionKeySha256": "",
        "sourceDisk": "",
        "sourceDiskEncryptionKeySha256": "",
        "sourceDiskId": "",
        "sourceImageId": "",
    }


def _find_image(images: Any, api: Api, project: str, arguments: Properties) -> Properties:
    if "name" in arguments:
        return api.call(images.get(project=project, image=arguments["name"]))
    if "family" in arguments:
        return api.call(images.getFromFamily(project=project, family=arguments["family"]))
    found = api.call(images.list(project=project, filter=arguments["filter"])).get("items", [])
    if not found or (len(found) > 1 and not arguments.get("mostRecent")):
        message = f"the filter {arguments['filter']!r} matches {len(found)} images in {project}."
        raise CloudError(message)
    return max(found, key=lambda image: image["creationTimestamp"])


def _project(api: Api, arguments: Properties) -> Properties:
    project_id = arguments.get("projectId") or arguments.get("project")
    if project_id is None:
        raise CloudError("project: required field is not set")
    project = api.call(api.projects.get(projectId=project_id))
    return {
        "id": f"projects/{project_id}",
        "projectId": project_id,
        "name": project["name"],
        "number": project["projectNumber"],
        "labels": project.get("labels", {}),
        "effectiveLabels": project.get("labels", {}),
        "pulumiLabels": project.get("labels", {}),
        "autoCreateNetwork": False,
        "billingAccount": "",
        "deletionPolicy": "",
        "folderId": "",
        "orgId": "",
        "tags": {},
    }
