"""What zonal instance groups keep for single VMs (provider document of
google_compute_per_instance_config).
"""

from dataclasses import dataclass
from typing import Any

from pulumi_gcp import compute

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import (
    DELETION,
    compute_type,
    pick,
    relative,
)
from local_clouds.resource import CloudError, Properties, ResourceType

_REMOVAL = frozenset({"removeInstanceOnDestroy", "removeInstanceStateOnDestroy"})
_ACTIONS = frozenset({"minimalAction", "mostDisruptiveAllowedAction"})


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    rule, deletes = "NEVER", "ON_PERMANENT_INSTANCE_DELETION"
    return [
        compute_type(
            "gcp:compute/perInstanceConfig:PerInstanceConfig",
            compute.PerInstanceConfigArgs,
            _ConfigLifecycle(api),
            place="zone",
            force_new=["instanceGroupManager"],
            in_place={"preservedState"} | _REMOVAL | _ACTIONS,
            checks=(
                rules.one_of("preservedState.disks[].deleteRule", rule, deletes),
                rules.one_of("preservedState.disks[].mode", "READ_ONLY", "READ_WRITE"),
                rules.one_of("preservedState.internalIps[].autoDelete", rule, deletes),
                rules.one_of("minimalAction", "NONE", "REPLACE", "RESTART", "REFRESH"),
            ),
        )
    ]


@dataclass(frozen=True)
class _ConfigLifecycle:
    """Makes its VM together with itself, as the provider does, through createInstances."""

    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        resource_id = "{project}/{zone}/{instanceGroupManager}/{name}".format(**inputs)
        body = {"instances": [_to_api(inputs)]}
        self.api.run(self._request("createInstances", resource_id, body=body))
        return resource_id, self._present(resource_id, inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        answer = self.api.find(self._request("listPerInstanceConfigs", resource_id))
        name = resource_id.rsplit("/", 1)[-1]
        for config in (answer or {}).get("items", []):
            if config["name"] == name:
                return _outputs(resource_id, config, state)
        return None

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        if _to_api(state) != _to_api(inputs):
            body = {"perInstanceConfigs": [_to_api(inputs)]}
            self.api.run(self._request("updatePerInstanceConfigs", resource_id, body=body))
            apply = {"instances": [_instance(resource_id)]}
            self.api.run(self._request("applyUpdatesToInstances", resource_id, body=apply))
        return self._present(resource_id, inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        if self.read(resource_id, state) is None:
            return
        if not state.get("removeInstanceOnDestroy"):
            message = f"{resource_id}: only removeInstanceOnDestroy is built here."
            raise CloudError(message)
        body = {"instances": [_instance(resource_id)]}
        self.api.run(self._request("deleteInstances", resource_id, body=body))

    def _request(self, verb: str, resource_id: str, **more: object) -> Any:
        project, zone, group, _ = resource_id.split("/")
        methods = self.api.collection("instanceGroupManagers")
        place = {"project": project, "zone": zone, "instanceGroupManager": group}
        return getattr(methods, verb)(**place, **more)

    def _present(self, resource_id: str, inputs: Properties) -> Properties:
        outputs = self.read(resource_id, inputs)
        if outputs is None:
            raise CloudError(f"{resource_id} vanished while it was being changed.")
        return outputs


def _instance(resource_id: str) -> str:
    project, zone, _, name = resource_id.split("/")
    return f"projects/{project}/zones/{zone}/instances/{name}"


def _to_api(inputs: Properties) -> Properties:
    state = inputs.get("preservedState", {})
    disks = {
        disk["deviceName"]: {
            "source": disk["source"],
            "mode": disk.get("mode", "READ_WRITE"),
            "autoDelete": disk.get("deleteRule", "NEVER"),
        }
        for disk in state.get("disks", [])
    }
    addresses = {
        entry["interfaceName"]: {
            "ipAddress": entry.get("ipAddress", {}),
            "autoDelete": entry.get("autoDelete", "NEVER"),
        }
        for entry in state.get("internalIps", [])
    }
    preserved = {"disks": disks, "internalIPs": addresses} | pick(state, ("metadata",))
    return {"name": inputs["name"], "preservedState": preserved}


def _outputs(resource_id: str, config: Properties, known: Properties) -> Properties:
    project, zone, group, name = resource_id.split("/")
    state = config["preservedState"]
    disks = [
        {
            "deviceName": device,
            "source": relative(disk["source"]),
            "mode": disk["mode"],
            "deleteRule": disk["autoDelete"],
        }
        for device, disk in state.get("disks", {}).items()
    ]
    addresses = [
        {"interfaceName": interface, **entry}
        for interface, entry in state.get("internalIPs", {}).items()
    ]
    preserved = {"disks": disks, "internalIps": addresses} | pick(state, ("metadata",))
    place = {"project": project, "zone": zone, "instanceGroupManager": group, "name": name}
    kept = pick(known, DELETION | _REMOVAL | _ACTIONS)
    return place | kept | {"preservedState": {k: v for k, v in preserved.items() if v}}
