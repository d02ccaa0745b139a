"""The deployer's custom role on GCP."""

from typing import Any

from components.deployer.gcp_permissions import PERMISSIONS
from components.deployer.used import Used, UsedError


def role(used: Used) -> dict[str, Any]:
    """A custom role for `preview`, `up`, `refresh` and `destroy`, as `gcloud iam roles create`
    reads it (`--file`).

    Custom roles know no resources: grant it in a project of the executors' own where you can. With
    `resourcemanager.projects.setIamPolicy`, which grants to the VMs' accounts need, its holder can
    grant any role in the project. Raises UsedError for a resource type that this program does not
    use, and for a stack without GCP.
    """
    kinds = sorted(kind for kind in used.types if kind.startswith("gcp:"))
    unknown = [kind for kind in kinds if kind not in PERMISSIONS]
    if unknown:
        names = ", ".join(unknown)
        raise UsedError(f"{names}: no type of this program, so its permissions are unknown")
    if not kinds:
        raise UsedError("the stack uses nothing on GCP; ask for `aws`")
    return {
        "title": "Executors deployer",
        "description": "preview, up, refresh and destroy of Sourcegraph executors",
        "stage": "GA",
        "includedPermissions": sorted({p for kind in kinds for p in PERMISSIONS[kind]}),
    }
