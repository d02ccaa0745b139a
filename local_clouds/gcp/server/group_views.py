"""Instance group managers and their VMs as the API shows them."""

from local_clouds.gcp.server import compute, instances
from local_clouds.gcp.server.autoscalers import of_group
from local_clouds.gcp.server.state import Cloud, Json


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
