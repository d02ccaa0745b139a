"""Regional managed instance groups."""

from local_clouds.gcp.server import compute, group_rules, instances
from local_clouds.gcp.server.autoscalers import of_group
from local_clouds.gcp.server.errors import in_use, invalid, invalid_field, stale_fingerprint
from local_clouds.gcp.server.registry import Call, handles, page
from local_clouds.gcp.server.state import Cloud, Json, fingerprint

_COMPUTE = "compute.regionInstanceGroupManagers"


@handles(f"{_COMPUTE}.insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    region = call.path.split("/")[3]
    body = group_rules.complete(cloud, region, call.project, call.body)
    group = f"{call.path.rpartition('/')[0]}/instanceGroups/{body['name']}"
    body |= {"instanceGroup": compute.link(group), "fingerprint": fingerprint(body)}
    return compute.insert(cloud, call, body)


@handles(f"{_COMPUTE}.get")
def _get(cloud: Cloud, call: Call) -> Json:
    return seen(cloud, call.path, cloud.get(call.path))


@handles(f"{_COMPUTE}.list")
def _list(cloud: Cloud, call: Call) -> Json:
    compute.check_place(call.path)
    answer = compute.listing(cloud, call, call.path)
    for index, group in enumerate(answer.get("items", [])):
        name = group["selfLink"].removeprefix(compute.ROOT)
        answer["items"][index] = seen(cloud, name, group)
    return answer


@handles(f"{_COMPUTE}.patch")
def _patch(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    if call.body.get("fingerprint", group["fingerprint"]) != group["fingerprint"]:
        raise stale_fingerprint()
    fixed = ("name", "baseInstanceName") if "baseInstanceName" in call.body else ("name",)
    for field in fixed:
        if call.body.get(field, group[field]) != group[field]:
            raise invalid_field(f"resource.{field}", call.body[field], "It cannot be changed.")
    changes = dict(call.body)
    if "instanceTemplate" in changes and "versions" not in changes:
        changes["versions"] = [{"instanceTemplate": changes["instanceTemplate"]}]
    for field in ("updatePolicy", "instanceLifecyclePolicy", "distributionPolicy"):
        if field in changes:
            changes[field] = group[field] | changes[field]
    _replace(cloud, call, group, group | changes)
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_COMPUTE}.setInstanceTemplate")
def _set_template(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    versions = [{"instanceTemplate": call.body.get("instanceTemplate", "")}]
    _replace(cloud, call, group, group | {"versions": versions})
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_COMPUTE}.resize")
def _resize(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    autoscaler = of_group(cloud, group["selfLink"])
    if autoscaler and autoscaler["autoscalingPolicy"]["mode"] == "ON":
        raise invalid("An autoscaled group cannot be resized while its autoscaler is ON.")
    _replace(cloud, call, group, group | {"targetSize": call.params["size"]})
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_COMPUTE}.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    autoscaler = of_group(cloud, cloud.get(call.path)["selfLink"])
    if autoscaler:
        name = autoscaler["selfLink"].removeprefix(compute.ROOT)
        raise in_use("instance_group_manager", call.path, name)
    for name, _ in instances.members(cloud, call.path):
        cloud.remove(name)
    return compute.delete(cloud, call)


@handles(f"{_COMPUTE}.deleteInstances")
def _delete_instances(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    chosen = _named_members(cloud, call)
    for name in chosen:
        cloud.remove(name)
    group["targetSize"] -= len(chosen)
    return compute.operation(cloud, call, call.path, group)


@handles(f"{_COMPUTE}.recreateInstances")
def _recreate_instances(cloud: Cloud, call: Call) -> Json:
    """Each keeps its name and its zone, and comes from the group's present template."""
    group = cloud.get(call.path)
    for name in _named_members(cloud, call):
        cloud.remove(name)
        _, _, _, zone, _, own = name.split("/")
        instances.create(cloud, call.path, group, zone, own)
    return compute.operation(cloud, call, call.path, group)


def _named_members(cloud: Cloud, call: Call) -> set[str]:
    members = dict(instances.members(cloud, call.path))
    chosen = set()
    for reference in call.body.get("instances", []):
        place = f"projects/{call.project}/zones/unknown"
        name = compute.relative(reference, "instances", "instances", place)
        if name not in members and not call.body.get("skipInstancesOnValidationError"):
            message = f"The instance '{name}' is not a member of the instance group manager."
            raise invalid_field("instances", reference, message)
        if name in members:
            chosen.add(name)
    return chosen


@handles(f"{_COMPUTE}.listManagedInstances")
def _list_managed(cloud: Cloud, call: Call) -> Json:
    group = cloud.get(call.path)
    members = [
        (name, managed(cloud, group, vm)) for name, vm in instances.members(cloud, call.path)
    ]
    return page(call, sorted(members, key=lambda entry: entry[0]), "managedInstances", "maxResults")


@handles(f"{_COMPUTE}.listErrors")
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


def _replace(cloud: Cloud, call: Call, group: Json, changed: Json) -> None:
    region = call.path.split("/")[3]
    complete = group_rules.complete(cloud, region, call.project, changed)
    autoscaler = of_group(cloud, group["selfLink"])
    shape = complete["distributionPolicy"]["targetShape"]
    if autoscaler and shape not in {"EVEN", "BALANCED"}:
        raise invalid(f"An autoscaled regional group cannot have the target shape {shape}.")
    group.update(complete)
    group["fingerprint"] = fingerprint([group["fingerprint"], complete])


def seen(cloud: Cloud, name: str, group: Json) -> Json:
    """The group with what it is doing, as `get` and `list` show it."""
    vms = instances.members(cloud, name)
    current = group["instanceTemplate"].removeprefix(compute.ROOT).split("/", 2)[2]
    reached = all(instances.metadata(vm)["instance-template"].endswith(current) for _, vm in vms)
    actions = ("abandoning", "creating", "creatingWithoutRetries", "deleting", "none")
    actions += ("recreating", "refreshing", "restarting", "verifying")
    status = {
        "isStable": len(vms) == group["targetSize"],
        "versionTarget": {"isReached": reached},
        "stateful": {
            "hasStatefulConfig": bool(instances.configs(cloud, name)),
            "perInstanceConfigs": {"allEffective": True},
        },
    }
    autoscaler = of_group(cloud, group["selfLink"])
    if autoscaler:
        status["autoscaler"] = autoscaler["selfLink"]
    counts = dict.fromkeys(actions, 0) | {"none": len(vms)}
    return group | {"status": status, "currentActions": counts}


def managed(cloud: Cloud, group: Json, vm: Json) -> Json:
    """A VM as its group sees it."""
    number, rest = instances.metadata(vm)["instance-template"].split("/", 2)[1:]
    template = compute.link(f"projects/{cloud.project_id(number)}/{rest}")
    version = {"instanceTemplate": template}
    for candidate in group["versions"]:
        if candidate["instanceTemplate"] == template and candidate.get("name"):
            version["name"] = candidate["name"]
    return {
        "id": vm["id"],
        "name": vm["name"],
        "instance": vm["selfLink"],
        "instanceStatus": vm["status"],
        "targetStatus": "RUNNING",
        "currentAction": "NONE",
        "version": version,
    }
