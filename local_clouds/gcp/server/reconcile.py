"""What GCP's background controllers would have done by now: autoscale, add and remove VMs."""

from collections import Counter

from local_clouds.gcp.server import autoscaling, compute, instances
from local_clouds.gcp.server.autoscalers import of_group
from local_clouds.gcp.server.errors import ApiError
from local_clouds.gcp.server.state import Cloud, Json


def reconcile(cloud: Cloud) -> None:
    """Bring every group to its target size and, when its policy is PROACTIVE, its template."""
    for name, group in list(cloud.of_collection("instanceGroupManagers")):
        autoscaler = of_group(cloud, group["selfLink"])
        if autoscaler:
            autoscaling.apply(cloud, name, autoscaler, group)
        if group["updatePolicy"]["type"] == "PROACTIVE":
            _remove_outdated(cloud, name, group)
        _resize(cloud, name, group)


def _remove_outdated(cloud: Cloud, name: str, group: Json) -> None:
    current = group["instanceTemplate"].removeprefix(compute.ROOT).split("/", 2)[2]
    for vm_name, vm in instances.members(cloud, name):
        if not instances.metadata(vm)["instance-template"].endswith(f"/{current}"):
            cloud.remove(vm_name)


def _resize(cloud: Cloud, name: str, group: Json) -> None:
    members = instances.members(cloud, name)
    for vm_name, _ in members[group["targetSize"] :]:
        cloud.remove(vm_name)
    places = group["distributionPolicy"]["zones"] if "region" in group else [group]
    zones = [entry["zone"].rsplit("/", 1)[-1] for entry in places]
    crowd = Counter(dict.fromkeys(zones, 0))
    crowd.update(vm["zone"].rsplit("/", 1)[-1] for _, vm in members)
    cloud.group_errors.pop(name, None)
    for _ in range(group["targetSize"] - len(members)):
        zone = min(zones, key=crowd.__getitem__)
        try:
            instances.create(cloud, name, group, zone)
        except ApiError as error:
            cloud.group_errors[name] = error
            return
        crowd[zone] += 1
