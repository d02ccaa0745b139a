"""Managed instance groups (provider documents of google_compute_region_instance_group_manager and
google_compute_instance_group_manager).
"""

from pulumi_gcp import compute

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import (
    DELETION,
    ComputeLifecycle,
    compute_type,
    pick,
    renamed,
)
from local_clouds.resource import CloudError, Failure, Properties, ResourceType, Rule
from local_clouds.values import Unknown

_SHAPES = ("EVEN", "BALANCED", "ANY", "ANY_SINGLE_ZONE")
_ACTIONS = ("REFRESH", "RESTART", "REPLACE")
_LIMITS = ("maxSurge", "maxUnavailable")
_UPDATE_POLICY = ("type", "minimalAction", "mostDisruptiveAllowedAction", "replacementMethod")
_UPDATE_POLICY += ("instanceRedistributionType",)
_WAITING = frozenset({"waitForInstances", "waitForInstancesStatus"})
_FIXED = ("baseInstanceName", "description")
_CHANGEABLE = ("versions", "updatePolicy", "instanceLifecyclePolicy", *_WAITING)
_CHANGEABLE += ("listManagedInstancesResults",)


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    return [_regional(api), _zonal(api)]


def _regional(api: Api) -> ResourceType:
    return compute_type(
        "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",
        compute.RegionInstanceGroupManagerArgs,
        _GroupLifecycle(
            api=api,
            collection="regionInstanceGroupManagers",
            argument="instanceGroupManager",
            path="projects/{project}/regions/{region}/instanceGroupManagers/{name}",
            body=_regional_body,
            outputs=_regional_outputs,
            patch=_patch,
            local=DELETION | _WAITING,
        ),
        place="region",
        force_new=(*_FIXED, "distributionPolicyZones", "distributionPolicyTargetShape"),
        in_place=(*_CHANGEABLE, "targetSize"),
        checks=_checks(),
        volatile_outputs=("fingerprint", "statuses"),
    )


def _zonal(api: Api) -> ResourceType:
    return compute_type(
        "gcp:compute/instanceGroupManager:InstanceGroupManager",
        compute.InstanceGroupManagerArgs,
        _GroupLifecycle(
            api=api,
            collection="instanceGroupManagers",
            argument="instanceGroupManager",
            path="projects/{project}/zones/{zone}/instanceGroupManagers/{name}",
            body=_body,
            outputs=lambda group, _: _outputs(group),
            patch=_patch,
            local=DELETION | _WAITING,
        ),
        place="zone",
        force_new=_FIXED,
        in_place=_CHANGEABLE,
        checks=_checks(),
        # A per-instance config adds its VM.
        volatile_outputs=("fingerprint", "statuses", "targetSize"),
    )


def _checks() -> list[Rule]:
    policy, lifecycle = "updatePolicy", "instanceLifecyclePolicy"
    return [
        _requires_update_fields,
        _conflicting_limits,
        rules.length("versions", 1, 2),
        rules.one_of("distributionPolicyTargetShape", *_SHAPES),
        rules.one_of("listManagedInstancesResults", "PAGELESS", "PAGINATED"),
        rules.one_of("waitForInstancesStatus", "STABLE", "UPDATED"),
        rules.one_of(f"{policy}.type", "OPPORTUNISTIC", "PROACTIVE"),
        rules.one_of(f"{policy}.minimalAction", *_ACTIONS),
        rules.one_of(f"{policy}.mostDisruptiveAllowedAction", "NONE", *_ACTIONS),
        rules.one_of(f"{policy}.instanceRedistributionType", "PROACTIVE", "NONE"),
        rules.one_of(f"{policy}.replacementMethod", "RECREATE", "SUBSTITUTE"),
        rules.one_of(f"{lifecycle}.defaultActionOnFailure", "REPAIR", "DO_NOTHING"),
        rules.one_of(f"{lifecycle}.forceUpdateOnRepair", "YES", "NO"),
        rules.one_of(f"{lifecycle}.onFailedHealthCheck", "DEFAULT_ACTION", "REPAIR", "DO_NOTHING"),
    ]


def _requires_update_fields(inputs: Properties) -> list[Failure]:
    policy = inputs.get("updatePolicy")
    if policy is None or isinstance(policy, Unknown):
        return []
    return [
        Failure(f"updatePolicy.{name}", "is required, but is not set.")
        for name in ("type", "minimalAction")
        if name not in policy
    ]


def _conflicting_limits(inputs: Properties) -> list[Failure]:
    policy = inputs.get("updatePolicy", {})
    if isinstance(policy, Unknown):
        return []
    return [
        Failure(f"updatePolicy.{limit}Fixed", f"conflicts with {limit}Percent.")
        for limit in _LIMITS
        if f"{limit}Fixed" in policy and f"{limit}Percent" in policy
    ]


class _GroupLifecycle(ComputeLifecycle):
    """Adds the target size, which has its own method, and waiting for instances."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Make the group and, if asked to, require its instances."""
        resource_id, outputs = super().create(inputs)
        _check_stable(inputs, outputs)
        return resource_id, outputs

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Patch the group and resize it when the program says another size."""
        outputs = super().update(resource_id, state, inputs)
        size = inputs.get("targetSize")
        if size is not None and size != outputs["targetSize"]:
            self.api.run(self.request("resize", resource_id, size=size))
            outputs = self.present(resource_id, inputs)
        _check_stable(inputs, outputs)
        return outputs


def _check_stable(inputs: Properties, outputs: Properties) -> None:
    if inputs.get("waitForInstances") and not outputs["statuses"][0]["isStable"]:
        message = f"timeout while waiting for the instances of {outputs['name']}."
        raise CloudError(message)


def _body(inputs: Properties) -> Properties:
    size = {"targetSize": inputs.get("targetSize", 0)}
    return pick(inputs, _FIXED) | _settings(inputs) | size


def _regional_body(inputs: Properties) -> Properties:
    distribution: Properties = {}
    if "distributionPolicyZones" in inputs:
        place = f"projects/{inputs['project']}/zones"
        zones = [zone.rsplit("/", 1)[-1] for zone in inputs["distributionPolicyZones"]]
        distribution["zones"] = [{"zone": f"{place}/{zone}"} for zone in zones]
    distribution |= renamed(inputs, {"distributionPolicyTargetShape": "targetShape"})
    return _body(inputs) | {"distributionPolicy": distribution}


def _patch(present: Properties, inputs: Properties) -> Properties:
    return _settings(inputs) | pick(present, ("fingerprint",))


def _settings(inputs: Properties) -> Properties:
    settings = pick(inputs, ("listManagedInstancesResults", "instanceLifecyclePolicy"))
    settings["versions"] = [
        pick(version, ("name", "instanceTemplate", "targetSize")) for version in inputs["versions"]
    ]
    if "updatePolicy" in inputs:
        policy = inputs["updatePolicy"]
        settings["updatePolicy"] = pick(policy, _UPDATE_POLICY)
        for limit in _LIMITS:
            value = renamed(policy, {f"{limit}Fixed": "fixed", f"{limit}Percent": "percent"})
            if value:
                settings["updatePolicy"][limit] = value
    return settings


def _outputs(group: Properties) -> Properties:
    outputs = pick(group, ("baseInstanceName", "fingerprint", "instanceGroup", "targetSize"))
    outputs |= pick(group, ("listManagedInstancesResults", "instanceLifecyclePolicy"))
    policy = group["updatePolicy"]
    outputs["updatePolicy"] = pick(policy, _UPDATE_POLICY)
    for limit in _LIMITS:
        names = {"fixed": f"{limit}Fixed", "percent": f"{limit}Percent"}
        outputs["updatePolicy"] |= renamed(policy[limit], names)
    return outputs | {
        "versions": group["versions"],
        "instanceGroupManagerId": int(group["id"]),
        "statuses": [{"isStable": group["status"]["isStable"]}],
    }


def _regional_outputs(group: Properties, _: Properties) -> Properties:
    zones = [entry["zone"].rsplit("/", 1)[-1] for entry in group["distributionPolicy"]["zones"]]
    return _outputs(group) | {
        "distributionPolicyZones": zones,
        "distributionPolicyTargetShape": group["distributionPolicy"]["targetShape"],
    }
