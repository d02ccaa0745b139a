"""What an instance group manager may say, in a region or in a zone.

Sources: https://cloud.google.com/compute/docs/reference/rest/v1/regionInstanceGroupManagers,
.../compute/docs/reference/rest/v1/instanceGroupManagers,
.../compute/docs/instance-groups/regional-mig-distribution-shape,
.../compute/docs/instance-groups/updating-migs-config-options.
"""

import re

from local_clouds.gcp.server import compute
from local_clouds.gcp.server.errors import invalid, invalid_field
from local_clouds.gcp.server.places import zones_of
from local_clouds.gcp.server.state import Cloud, Json

_BASE_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,56}[a-z0-9])?")
_MOST_INSTANCES = 2000
_DEFAULT_ZONES = 3
_UPDATE_POLICY = {
    "type": "OPPORTUNISTIC",
    "minimalAction": "REPLACE",
    "replacementMethod": "SUBSTITUTE",
}
_LIFECYCLE = {"defaultActionOnFailure": "REPAIR", "forceUpdateOnRepair": "NO"}


def complete(cloud: Cloud, place: str, group: Json) -> Json:
    """The group of a region or a zone, with references resolved and defaults filled in.

    Raises ApiError 400 or 404.
    """
    _, project, scope, where = place.split("/")
    return {"regions": _regional, "zones": _zonal}[scope](cloud, where, project, group)


def check_stateful(group: Json) -> None:
    """Refuse an update policy under which a VM would lose what its group keeps for it."""
    policy = group["updatePolicy"]
    if policy["type"] == "PROACTIVE" and policy["replacementMethod"] != "RECREATE":
        raise invalid("A stateful group that updates by itself needs replacementMethod RECREATE.")


def _regional(cloud: Cloud, region: str, project: str, group: Json) -> Json:
    result = _common(cloud, region, project, group)
    result["distributionPolicy"] = _distribution(region, project, group)
    result["updatePolicy"] = _update_policy(group, result["distributionPolicy"])
    return result


def _zonal(cloud: Cloud, zone: str, project: str, group: Json) -> Json:
    policy = group.get("updatePolicy", {})
    for field in ("distributionPolicy", "instanceFlexibilityPolicy"):
        if group.get(field):
            raise invalid_field(f"resource.{field}", group[field], "Only regional groups have it.")
    if policy.get("instanceRedistributionType"):
        raise invalid("A zonal group has no instance redistribution type.")
    result = _common(cloud, zone.rpartition("-")[0], project, group)
    return result | {"updatePolicy": _limited(policy, {"fixed": 1}, 1)}


def _common(cloud: Cloud, region: str, project: str, group: Json) -> Json:
    result = {"description": "", "listManagedInstancesResults": "PAGELESS"} | group
    base = group.get("baseInstanceName") or group["name"]
    if not _BASE_NAME.fullmatch(base):
        rule = f"Must be a match of regex '{_BASE_NAME.pattern}'"
        raise invalid_field("resource.baseInstanceName", base, rule)
    if not 0 <= group["targetSize"] <= _MOST_INSTANCES:
        rule = f"Must be from 0 to {_MOST_INSTANCES}."
        raise invalid_field("resource.targetSize", group["targetSize"], rule)
    result["baseInstanceName"] = base
    result["versions"] = _versions(cloud, region, project, group)
    result["instanceTemplate"] = result["versions"][-1]["instanceTemplate"]
    result["instanceLifecyclePolicy"] = _LIFECYCLE | group.get("instanceLifecyclePolicy", {})
    return result


def _versions(cloud: Cloud, region: str, project: str, group: Json) -> list[Json]:
    stated = group.get("versions") or []
    if not stated and group.get("instanceTemplate"):
        stated = [{"instanceTemplate": group["instanceTemplate"]}]
    if not stated:
        raise invalid("Either 'instanceTemplate' or 'versions' must be specified.")
    if sum("targetSize" not in version for version in stated) != 1:
        message = "Exactly one of 'resource.versions' must leave out its target size."
        raise invalid(message)
    resolved = []
    for index, version in enumerate(stated):
        at = f"resource.versions[{index}].instanceTemplate"
        reference = re.sub(r"\?uniqueId=\d+$", "", version.get("instanceTemplate", ""))
        place = f"projects/{project}/global"
        name = compute.require(cloud, reference, at, "instanceTemplates", place)
        for nic in cloud.get(name)["properties"]["networkInterfaces"]:
            if f"/regions/{region}/" not in nic["subnetwork"]:
                rule = f"Its subnetwork {nic['subnetwork']} is not in the region {region}."
                raise invalid_field(at, reference, rule)
        resolved.append(version | {"instanceTemplate": compute.link(name)})
    return resolved


def _distribution(region: str, project: str, group: Json) -> Json:
    policy = group.get("distributionPolicy", {})
    known = zones_of(region)
    chosen = [entry.get("zone", "").rsplit("/", 1)[-1] for entry in policy.get("zones", [])]
    for zone in chosen:
        if zone not in known:
            rule = f"The zone is not in the region {region}."
            raise invalid_field("resource.distributionPolicy.zones", zone, rule)
    if len(set(chosen)) != len(chosen):
        raise invalid_field("resource.distributionPolicy.zones", chosen, "A zone occurs twice.")
    zones = sorted(chosen) or known[:_DEFAULT_ZONES]
    links = [{"zone": compute.link(f"projects/{project}/zones/{zone}")} for zone in zones]
    return {"targetShape": policy.get("targetShape", "EVEN"), "zones": links}


def _update_policy(group: Json, distribution: Json) -> Json:
    policy, shape = group.get("updatePolicy", {}), distribution["targetShape"]
    zones = len(distribution["zones"])
    at = "resource.updatePolicy"
    redistribution = policy.get("instanceRedistributionType", "PROACTIVE")
    if shape != "EVEN" and redistribution != "NONE":
        rule = f"Instance redistribution type must be NONE when the target shape is {shape}."
        raise invalid_field(f"{at}.instanceRedistributionType", redistribution, rule)
    limited = _limited(policy, {"fixed": zones}, zones)
    return limited | {"instanceRedistributionType": redistribution}


def _limited(policy: Json, default: Json, zones: int) -> Json:
    at = "resource.updatePolicy"
    method = policy.get("replacementMethod", "SUBSTITUTE")
    surge_default = {"fixed": 0} if method == "RECREATE" else default
    limits = {"maxSurge": surge_default, "maxUnavailable": default}
    limits |= {name: policy[name] for name in limits if name in policy}
    for name, limit in limits.items():
        if ("fixed" in limit) == ("percent" in limit):
            raise invalid_field(f"{at}.{name}", limit, "Give exactly one of fixed and percent.")
        fixed = limit.get("fixed", 0)
        if fixed and fixed < zones:
            rule = (
                f"Fixed updatePolicy.{name} for regional managed instance group has to be "
                f"either 0 or at least equal to the number of zones ({zones})."
            )
            raise invalid_field(f"{at}.{name}.fixed", fixed, rule)
    if not any(limit.get("fixed") or limit.get("percent") for limit in limits.values()):
        raise invalid("maxSurge and maxUnavailable cannot both be 0.")
    if method == "RECREATE" and any(limits["maxSurge"].values()):
        rule = "maxSurge must be 0 when the replacement method is RECREATE."
        raise invalid_field(f"{at}.maxSurge", limits["maxSurge"], rule)
    return _UPDATE_POLICY | policy | limits
