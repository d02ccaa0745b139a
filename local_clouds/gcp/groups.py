"""Regional managed instance groups (provider document of
google_compute_region_instance_group_manager).
"""

from pulumi_gcp import compute

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import (
    DELETION,
    NAMED,
    ComputeLifecycle,
    deletion_rule,
    name_rule,
    pick,
    renamed,
    requires,
)
from local_clouds.resource import CloudError, Failure, Properties, ResourceType, Rule
from local_clouds.values import Unknown

_SHAPES = ("EVEN", "BALANCED", "ANY", "ANY_SINGLE_ZONE")
_ACTIONS = ("REFRESH", "RESTART", "REPLACE")
LIMITS = ("maxSurge", "maxUnavailable")
UPDATE_POLICY = ("type", "minimalAction", "mostDisruptiveAllowedAction", "replacementMethod")
UPDATE_POLICY += ("instanceRedistributionType",)
WAITING = frozenset({"waitForInstances", "waitForInstancesStatus"})


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    fixed = {"name", "baseInstanceName", "region", "project", "description"}
    fixed |= {"distributionPolicyZones", "distributionPolicyTargetShape"}
    changeable = {"versions", "targetSize", "updatePolicy", "instanceLifecyclePolicy"}
    changeable |= {"listManagedInstancesResults"}
    return [
        ResourceType(
            token="gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager",  # noqa: S106
            args=compute.RegionInstanceGroupManagerArgs,
            force_new=frozenset(fixed),
            in_place=DELETION | WAITING | changeable,
            autoname=NAMED,
            lifecycle=_GroupLifecycle(
                api=api,
                collection="regionInstanceGroupManagers",
                argument="instanceGroupManager",
                path="projects/{project}/regions/{region}/instanceGroupManagers/{name}",
                body=_body,
                outputs=_outputs,
                patch=lambda present, inputs: settings(inputs) | pick(present, ("fingerprint",)),
                local=DELETION | WAITING,
            ),
            check=rules.all_of(
                requires("project", "region"),
                name_rule,
                deletion_rule,
                *enum_rules(),
                requires_update_fields,
                conflicting_limits,
                rules.length("versions", 1, 2),
            ),
            volatile_outputs=frozenset({"fingerprint", "statuses"}),
        )
    ]


def enum_rules() -> list[Rule]:
    """Rules of the fields that have a few words as values."""
    policy, lifecycle = "updatePolicy", "instanceLifecyclePolicy"
    return [
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


def requires_update_fields(inputs: Properties) -> list[Failure]:
    """An update policy says at least its type and its smallest action."""
    policy = inputs.get("updatePolicy")
    if policy is None or isinstance(policy, Unknown):
        return []
    return [
        Failure(f"updatePolicy.{name}", "is required, but is not set.")
        for name in ("type", "minimalAction")
        if name not in policy
    ]


def conflicting_limits(inputs: Properties) -> list[Failure]:
    """A limit is a number or a percentage."""
    policy = inputs.get("updatePolicy", {})
    if isinstance(policy, Unknown):
        return []
    return [
        Failure(f"updatePolicy.{limit}Fixed", f"conflicts with {limit}Percent.")
        for limit in LIMITS
        if f"{limit}Fixed" in policy and f"{limit}Percent" in policy
    ]


class _GroupLifecycle(ComputeLifecycle):
    """Adds the target size, which has its own method, and waiting for instances."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Make the group and, if asked to, require its instances."""
        resource_id, outputs = super().create(inputs)
        check_stable(inputs, outputs)
        return resource_id, outputs

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Patch the group and resize it when the program says another size."""
        outputs = super().update(resource_id, state, inputs)
        size = inputs.get("targetSize")
        if size is not None and size != outputs["targetSize"]:
            self.api.run(self.request("resize", resource_id, size=size))
            outputs = self.present(resource_id, inputs)
        check_stable(inputs, outputs)
        return outputs


def check_stable(inputs: Properties, outputs: Properties) -> None:
    """Raise CloudError when the program waits for VMs that are not there."""
    if inputs.get("waitForInstances") and not outputs["statuses"][0]["isStable"]:
        message = f"timeout while waiting for the instances of {outputs['name']}."
        raise CloudError(message)


def _body(inputs: Properties) -> Properties:
    body = pick(inputs, ("description", "baseInstanceName")) | settings(inputs)
    body["targetSize"] = inputs.get("targetSize", 0)
    distribution: Properties = {}
    if "distributionPolicyZones" in inputs:
        place = f"projects/{inputs['project']}/zones"
        zones = [zone.rsplit("/", 1)[-1] for zone in inputs["distributionPolicyZones"]]
        distribution["zones"] = [{"zone": f"{place}/{zone}"} for zone in zones]
    distribution |= renamed(inputs, {"distributionPolicyTargetShape": "targetShape"})
    return body | {"distributionPolicy": distribution}


def settings(inputs: Properties) -> Properties:
    """What can be changed in a group, as the API takes it."""
    settings = pick(inputs, ("listManagedInstancesResults", "instanceLifecyclePolicy"))
    settings["versions"] = [
        pick(version, ("name", "instanceTemplate", "targetSize")) for version in inputs["versions"]
    ]
    if "updatePolicy" in inputs:
        policy = inputs["updatePolicy"]
        settings["updatePolicy"] = pick(policy, UPDATE_POLICY)
        for limit in LIMITS:
            value = renamed(policy, {f"{limit}Fixed": "fixed", f"{limit}Percent": "percent"})
            if value:
                settings["updatePolicy"][limit] = value
    return settings


def common_outputs(group: Properties) -> Properties:
    """The outputs that zonal and regional groups share."""
    outputs = pick(group, ("baseInstanceName", "fingerprint", "instanceGroup", "targetSize"))
    outputs |= pick(group, ("listManagedInstancesResults", "instanceLifecyclePolicy"))
    policy = group["updatePolicy"]
    outputs["updatePolicy"] = pick(policy, UPDATE_POLICY)
    for limit in LIMITS:
        names = {"fixed": f"{limit}Fixed", "percent": f"{limit}Percent"}
        outputs["updatePolicy"] |= renamed(policy[limit], names)
    return outputs | {
        "versions": group["versions"],
        "instanceGroupManagerId": int(group["id"]),
        "statuses": [{"isStable": group["status"]["isStable"]}],
    }


def _outputs(group: Properties, _: Properties) -> Properties:
    zones = [entry["zone"].rsplit("/", 1)[-1] for entry in group["distributionPolicy"]["zones"]]
    return common_outputs(group) | {
        "distributionPolicyZones": zones,
        "distributionPolicyTargetShape": group["distributionPolicy"]["targetShape"],
    }
