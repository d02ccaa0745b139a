"""Managed instance groups, regional and zonal."""

from collections.abc import Callable

from local_clouds.gcp.server import compute, group_rules, instances
from local_clouds.gcp.server.autoscalers import of_group
from local_clouds.gcp.server.errors import in_use, invalid, invalid_field, stale_fingerprint
from local_clouds.gcp.server.group_views import managed, seen
from local_clouds.gcp.server.registry import Call, Handler, handles, page
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_REGIONAL = "compute.regionInstanceGroupManagers"
_ZONAL = "compute.instanceGroupManagers"


def _both(verb: str) -> Callable[[Handler], Handler]:
    return handles(f"{_REGIONAL}.{verb}", f"{_ZONAL}.{verb}")


@_both("insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    body = group_rules.complete(cloud, call.place, call.body)
    group = f"{call.path.rpartition('/')[0]}/instanceGroups/{body['name']}"
    body |= {"instanceGroup": compute.link(group), "fingerprint": fingerprint(body)}
    return compute.insert(cloud, call, body)


@_both("get")
def _get(cloud: Cloud, call: Call) -> Json:
    return seen(cloud, call.path, cloud.get(call.path))


@_both("list")
def _list(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    answer = compute.listing(cloud, call, call.path)
    for index, group in enumerate(answer.get("items", [])):
        name = group["selfLink"].removeprefix(compute.ROOT)
        answer["items"][index] = seen(cloud, name, group)
    return answer


@_both("patch")
def _patch(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    if call.body.get("fingerprint", group["fingerprint"]) != group["fingerprint"]:
        raise stale_fingerprint()
    for field in ("name", "baseInstanceName"):
        if call.body.get(field, group[field]) != group[field]:
            raise invalid_field(f"resource.{field}", call.body[field], "It cannot be changed.")
    changes = dict(call.body)
    if "instanceTemplate" in changes and "versions" not in changes:
        changes["versions"] = [{"instanceTemplate": changes["instanceTemplate"]}]
    for field in ("updatePolicy", "instanceLifecyclePolicy", "distributionPolicy"):
        if field in changes:
            changes[field] = group.get(field, {}) | changes[field]
    _replace(cloud, call, group, group | changes)
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_REGIONAL}.setInstanceTemplate")
def _set_template(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    versions = [{"instanceTemplate": call.body.get("instanceTemplate", "")}]
    _replace(cloud, call, group, group | {"versions": versions})
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_REGIONAL}.resize")
def _resize(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    autoscaler = of_group(cloud, group["selfLink"])
    if autoscaler and autoscaler["autoscalingPolicy"]["mode"] == "ON":
        raise invalid("An autoscaled group cannot be resized while its autoscaler is ON.")
    _replace(cloud, call, group, group | {"targetSize": call.params["size"]})
    return compute.operation(cloud, call, call.path, group)


@_both("delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    autoscaler = of_group(cloud, cloud.get(call.path)["selfLink"])
    if autoscaler:
        name = autoscaler["selfLink"].removeprefix(compute.ROOT)
        raise in_use("instance_group_manager", call.path, name)
    for name, _ in instances.members(cloud, call.path):
        cloud.remove(name)
    for name in [name for name, _ in cloud.children(f"{call.path}/perInstanceConfigs")]:
        cloud.remove(name)
    return compute.delete(cloud, call)


@_both("deleteInstances")
def _delete_instances(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    for name in _named_members(cloud, call):
        _remove(cloud, call.path, name)
        group["targetSize"] -= 1
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_ZONAL}.applyUpdatesToInstances")
@_both("recreateInstances")
def _recreate_instances(cloud: Cloud, call: Call) -> Json:
    """Each keeps its name, its zone and what the group keeps for it, and comes from the group's
    present template.
    """
    group = cloud.get(call.path)
    for name in _named_members(cloud, call):
        cloud.remove(name)
        _, _, _, zone, _, own = name.split("/")
        instances.create(cloud, call.path, group, zone, own)
    return compute.operation(cloud, call, call.path, group)


@_both("listManagedInstances")
def _list_managed(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    members = [
        (name, managed(cloud, group, vm)) for name, vm in instances.members(cloud, call.path)
    ]
    return page(call, sorted(members, key=lambda entry: entry[0]), "managedInstances", "maxResults")


@handles(f"{_REGIONAL}.listErrors")
def _list_errors(cloud: Cloud, call: Call) -> Json:
    cloud.get(call.path)
    error = cloud.group_errors.get(call.path)
    if error is None:
        return {}
    detail = {"code": error.reason.upper(), "message": error.message}
    return {"items": [{"error": detail, "timestamp": cloud.timestamp()}]}


@handles("compute.regionInstanceGroups.get")
def _get_group(cloud: Cloud, call: Call) -> Json:
    manager = cloud.get(call.path.replace("/instanceGroups/", "/instanceGroupManagers/"))
    return {
        "kind": "compute#instanceGroup",
        "id": manager["id"],
        "name": manager["name"],
        "region": manager["region"],
        "size": len(instances.members(cloud, manager["selfLink"].removeprefix(compute.ROOT))),
        "selfLink": manager["instanceGroup"],
    }


@handles("compute.regionInstanceGroups.listInstances")
def _list_group_instances(cloud: Cloud, call: Call) -> Json:
    manager = call.path.replace("/instanceGroups/", "/instanceGroupManagers/")
    cloud.get(manager)
    found = [
        (name, {"instance": vm["selfLink"], "status": vm["status"]})
        for name, vm in sorted(instances.members(cloud, manager))
    ]
    return page(call, found, "items", "maxResults")


def _named_members(cloud: Cloud, call: Call) -> set[str]:
    members = dict(instances.members(cloud, call.path))
    place = call.place if "/zones/" in call.place else f"projects/{call.project}/zones/unknown"
    chosen = set()
    for reference in call.body.get("instances", []):
        name = compute.relative(reference, "instances", "instances", place)
        if name not in members and not call.body.get("skipInstancesOnValidationError"):
            message = f"The instance '{name}' is not a member of the instance group manager."
            raise invalid_field("instances", reference, message)
        if name in members:
            chosen.add(name)
    return chosen


def _remove(cloud: Cloud, group: str, member: str) -> None:
    """Take a VM out of a group for good, with what the group keeps for it."""
    cloud.remove(member)
    config = f"{group}/perInstanceConfigs/{member.rsplit('/', 1)[-1]}"
    if config in cloud.resources:
        cloud.remove(config)


def _replace(cloud: Cloud, call: Call, group: Json, changed: Json) -> None:
    complete = group_rules.complete(cloud, call.place, changed)
    if of_group(cloud, group["selfLink"]):
        shape = complete["distributionPolicy"]["targetShape"]
        if shape not in {"EVEN", "BALANCED"}:
            raise invalid(f"An autoscaled regional group cannot have the target shape {shape}.")
    if instances.configs(cloud, call.path):
        group_rules.check_stateful(complete)
    group.update(complete)
    group["fingerprint"] = fingerprint([group["fingerprint"], complete])
