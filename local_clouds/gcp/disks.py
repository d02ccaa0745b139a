"""Zonal disks (provider document of google_compute_disk)."""

from pulumi_gcp import compute

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import LabeledLifecycle, compute_type, pick
from local_clouds.gcp.labels import label_outputs
from local_clouds.resource import Properties, ResourceType


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    return [
        compute_type(
            "gcp:compute/disk:Disk",
            compute.DiskArgs,
            _DiskLifecycle(
                api=api,
                collection="disks",
                argument="disk",
                path="projects/{project}/zones/{zone}/disks/{name}",
                body=_body,
                outputs=_outputs,
            ),
            place="zone",
            force_new=("description", "type", "diskEncryptionKey"),
            # The provider makes a smaller disk anew.
            in_place=("size", "labels", "pulumiLabels"),
            checks=[rules.between("size", 1, 65536)],
            volatile_outputs=("effectiveLabels", "labelFingerprint"),
        )
    ]


class _DiskLifecycle(LabeledLifecycle):
    """Adds growing, which has a method of its own. The API refuses to shrink a disk."""

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        if inputs.get("size", state["size"]) != state["size"]:
            body = {"sizeGb": str(inputs["size"])}
            self.api.run(self.request("resize", resource_id, body=body))
        return super().update(resource_id, state, inputs)


def _body(inputs: Properties) -> Properties:
    body = pick(inputs, ("description",)) | {"labels": inputs.get("pulumiLabels", {})}
    if "size" in inputs:
        body["sizeGb"] = str(inputs["size"])
    place = f"projects/{inputs['project']}/zones/{inputs['zone']}"
    kind = inputs.get("type", "pd-standard").rsplit("/", 1)[-1]
    body["type"] = f"{place}/diskTypes/{kind}"
    if "diskEncryptionKey" in inputs:
        body["diskEncryptionKey"] = {"kmsKeyName": inputs["diskEncryptionKey"]["kmsKeySelfLink"]}
    return body


def _outputs(disk: Properties, known: Properties) -> Properties:
    outputs = pick(disk, ("labelFingerprint",)) | {
        "size": int(disk["sizeGb"]),
        "type": disk["type"].rsplit("/", 1)[-1],
        "diskId": disk["id"],
        "physicalBlockSizeBytes": int(disk["physicalBlockSizeBytes"]),
    }
    if "diskEncryptionKey" in disk:
        key = disk["diskEncryptionKey"]["kmsKeyName"]
        outputs["diskEncryptionKey"] = {"kmsKeySelfLink": key}
    return outputs | label_outputs(disk.get("labels", {}), known)
