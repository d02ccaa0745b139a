"""Instance templates: every change makes a new one (provider document of
google_compute_instance_template).
"""

from pulumi_gcp import compute

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import (
    NAMED,
    ComputeLifecycle,
    name_rule,
    pick,
    relative,
    renamed,
    requires,
)
from local_clouds.gcp.labels import label_outputs
from local_clouds.resource import Failure, Properties, ResourceType
from local_clouds.values import Unknown

_STARTUP_SCRIPT = "startup-script"
_SAME_IN_API = (
    "machineType",
    "canIpForward",
    "minCpuPlatform",
    "advancedMachineFeatures",
    "guestAccelerators",
    "keyRevocationActionType",
)
_SHIELDED = {"enableSecureBoot": False, "enableVtpm": True, "enableIntegrityMonitoring": True}
_DISK = ("autoDelete", "boot", "deviceName", "interface", "mode", "type")
_INITIAL = ("diskName", "diskSizeGb", "diskType", "labels", "provisionedIops")
_INITIAL += ("provisionedThroughput", "sourceImage", "sourceSnapshot")
_SCHEDULING = ("automaticRestart", "instanceTerminationAction", "onHostMaintenance", "preemptible")
_SCHEDULING += ("provisioningModel", "maxRunDuration", "terminationTime", "minNodeCpus")
_NIC = {
    "network": "network",
    "subnetwork": "subnetwork",
    "networkIp": "networkIP",
    "nicType": "nicType",
    "stackType": "stackType",
    "queueCount": "queueCount",
}
_SCOPE_ROOT = "https://www.googleapis.com/auth/"
_SCOPE_ALIASES = {
    "logging-write": "logging.write",
    "monitoring-write": "monitoring.write",
    "monitoring": "monitoring",
    "storage-ro": "devstorage.read_only",
    "storage-rw": "devstorage.read_write",
    "storage-full": "devstorage.full_control",
    "compute-ro": "compute.readonly",
    "compute-rw": "compute",
    "service-management": "servicecontrol",
    "pubsub": "pubsub",
    "userinfo-email": "userinfo.email",
}


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    settings = {"name", "description", "instanceDescription", "disks", "labels", "metadata"}
    settings |= {"metadataStartupScript", "networkInterfaces", "project", "region", "scheduling"}
    settings |= {"serviceAccount", "shieldedInstanceConfig", "tags", "pulumiLabels"}
    return [
        ResourceType(
            token="gcp:compute/instanceTemplate:InstanceTemplate",  # noqa: S106
            args=compute.InstanceTemplateArgs,
            force_new=frozenset(settings | set(_SAME_IN_API)),
            autoname=NAMED,
            lifecycle=ComputeLifecycle(
                api=api,
                collection="instanceTemplates",
                argument="instanceTemplate",
                path="projects/{project}/global/instanceTemplates/{name}",
                body=_body,
                outputs=_outputs,
                local=frozenset({"region"}),
            ),
            check=rules.all_of(
                requires("project"),
                name_rule,
                _check_disks,
                _check_startup_script,
                rules.one_of("disks[].mode", "READ_WRITE", "READ_ONLY"),
                rules.one_of("scheduling.onHostMaintenance", "MIGRATE", "TERMINATE"),
                rules.length("disks", 1, 128),
            ),
        )
    ]


def _check_startup_script(inputs: Properties) -> list[Failure]:
    metadata = inputs.get("metadata")
    if "metadataStartupScript" not in inputs or isinstance(metadata, Unknown):
        return []
    if metadata is None or _STARTUP_SCRIPT not in metadata:
        return []
    reason = "Set either metadataStartupScript or metadata's startup-script, not both."
    return [Failure("metadataStartupScript", reason)]


def _check_disks(inputs: Properties) -> list[Failure]:
    failures = []
    disks = [] if isinstance(inputs["disks"], Unknown) else inputs["disks"]
    for index, disk in enumerate(disks):
        if isinstance(disk, Unknown):
            continue
        at = f"disks[{index}]"
        scratch, local = disk.get("type") == "SCRATCH", disk.get("diskType") == "local-ssd"
        if scratch != local:
            reason = "A SCRATCH disk has the diskType local-ssd, and no other disk has."
            failures.append(Failure(f"{at}.diskType", reason))
        if scratch and disk.get("diskSizeGb") not in {375, 3000}:
            reason = "A SCRATCH disk has 375 or 3000 GB: set diskSizeGb."
            failures.append(Failure(f"{at}.diskSizeGb", reason))
        if index == 0 and not disk.get("boot", True):
            failures.append(Failure(f"{at}.boot", "The first disk must be the boot disk."))
        if index > 0 and disk.get("boot"):
            failures.append(Failure(f"{at}.boot", "Only the first disk can be the boot disk."))
    return failures


def _body(inputs: Properties) -> Properties:
    properties = pick(inputs, _SAME_IN_API)
    properties["disks"] = [_to_api_disk(disk, i) for i, disk in enumerate(inputs["disks"])]
    properties["networkInterfaces"] = [
        _to_api_nic(nic, inputs) for nic in inputs.get("networkInterfaces", [])
    ]
    properties["labels"] = inputs.get("pulumiLabels", {})
    properties["tags"] = {"items": inputs.get("tags", [])}
    properties |= renamed(inputs, {"instanceDescription": "description"})
    properties["metadata"] = {"items": _to_api_metadata(inputs)}
    scheduling = inputs.get("scheduling", {})
    properties["scheduling"] = {"automaticRestart": True} | pick(scheduling, _SCHEDULING)
    if "shieldedInstanceConfig" in inputs:
        properties["shieldedInstanceConfig"] = _SHIELDED | inputs["shieldedInstanceConfig"]
    if "serviceAccount" in inputs:
        account = inputs["serviceAccount"]
        scopes = [_scope(scope) for scope in account["scopes"]]
        properties["serviceAccounts"] = [
            {"email": account.get("email", "default"), "scopes": scopes}
        ]
    return pick(inputs, ("description",)) | {"properties": properties}


def _scope(scope: str) -> str:
    if scope.startswith("https://"):
        return scope
    return _SCOPE_ROOT + _SCOPE_ALIASES.get(scope, scope)


def _to_api_metadata(inputs: Properties) -> list[Properties]:
    metadata = dict(inputs.get("metadata", {}))
    if "metadataStartupScript" in inputs:
        metadata[_STARTUP_SCRIPT] = inputs["metadataStartupScript"]
    return [{"key": key, "value": value} for key, value in sorted(metadata.items())]


def _to_api_disk(disk: Properties, index: int) -> Properties:
    attached: Properties = {"autoDelete": True, "boot": index == 0}
    attached |= {"mode": "READ_WRITE", "type": "PERSISTENT"}
    attached |= pick(disk, _DISK)
    if "diskEncryptionKey" in disk:
        key = disk["diskEncryptionKey"]["kmsKeySelfLink"]
        attached["diskEncryptionKey"] = {"kmsKeyName": key}
    if "source" in disk:
        return attached | {"source": disk["source"]}
    initial = {"diskType": "pd-standard"} | pick(disk, _INITIAL)
    if "resourcePolicies" in disk:
        initial["resourcePolicies"] = [disk["resourcePolicies"]]
    return attached | {"initializeParams": initial}


def _to_api_nic(nic: Properties, inputs: Properties) -> Properties:
    interface = renamed(nic, _NIC)
    subnetwork = nic.get("subnetwork")
    if subnetwork and "/" not in subnetwork:
        project = nic.get("subnetworkProject", inputs["project"])
        place = f"projects/{project}/regions/{inputs.get('region', '')}"
        interface["subnetwork"] = f"{place}/subnetworks/{subnetwork}"
    if nic.get("accessConfigs"):
        interface["accessConfigs"] = [
            {"type": "ONE_TO_ONE_NAT"}
            | renamed(config, {"natIp": "natIP", "networkTier": "networkTier"})
            for config in nic["accessConfigs"]
        ]
    return interface


def _outputs(template: Properties, known: Properties) -> Properties:
    properties = template["properties"]
    outputs = pick(properties, _SAME_IN_API)
    outputs["disks"] = [_from_api_disk(disk) for disk in properties["disks"]]
    outputs["networkInterfaces"] = [_from_api_nic(nic) for nic in properties["networkInterfaces"]]
    outputs["scheduling"] = pick(properties["scheduling"], _SCHEDULING)
    outputs["tags"] = properties.get("tags", {}).get("items", [])
    items = properties.get("metadata", {}).get("items", [])
    outputs["metadata"] = {item["key"]: item.get("value", "") for item in items}
    if "metadataStartupScript" in known:
        outputs["metadataStartupScript"] = outputs["metadata"].pop(_STARTUP_SCRIPT, None)
    for account in properties.get("serviceAccounts", []):
        outputs["serviceAccount"] = account
    outputs |= pick(properties, ("shieldedInstanceConfig",))
    outputs |= renamed(properties, {"description": "instanceDescription"})
    outputs["numericId"] = template["id"]
    outputs["selfLinkUnique"] = f"{template['selfLink']}?uniqueId={template['id']}"
    outputs["metadataFingerprint"] = properties.get("metadata", {}).get("fingerprint")
    outputs["tagsFingerprint"] = properties.get("tags", {}).get("fingerprint")
    return outputs | label_outputs(properties.get("labels", {}), known)


def _from_api_disk(disk: Properties) -> Properties:
    initial = disk.get("initializeParams", {})
    flat = pick(disk, (*_DISK, "source")) | pick(initial, _INITIAL)
    if "diskSizeGb" in flat:
        flat["diskSizeGb"] = int(flat["diskSizeGb"])
    if "diskEncryptionKey" in disk:
        key = disk["diskEncryptionKey"]["kmsKeyName"]
        flat["diskEncryptionKey"] = {"kmsKeySelfLink": key}
    if "sourceImage" in flat:
        flat["sourceImage"] = relative(flat["sourceImage"])
    return flat


def _from_api_nic(nic: Properties) -> Properties:
    flat = renamed(nic, {api: name for name, api in _NIC.items()} | {"name": "name"})
    flat["accessConfigs"] = [
        renamed(config, {"natIP": "natIp", "networkTier": "networkTier"})
        for config in nic.get("accessConfigs", [])
    ]
    if nic.get("subnetwork"):
        flat["subnetworkProject"] = relative(nic["subnetwork"]).split("/")[1]
    return flat
