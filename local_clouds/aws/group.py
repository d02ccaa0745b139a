"""Auto Scaling group.

Force-new properties: the provider document aws_autoscaling_group (only the name). Limits: Auto
Scaling API, CreateAutoScalingGroup.
"""

from typing import Any

import pulumi_aws as aws

from local_clouds.aws.clients import Clients
from local_clouds.aws.group_references import verify
from local_clouds.aws.group_rules import NAME, check_group
from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.aws.shapes import from_api, to_api
from local_clouds.resource import Autoname, CloudError, Properties, ResourceType

_RENAMED = {"spotMaxPrice": "SpotMaxPrice"}

_PLAIN = {
    "minSize": "MinSize",
    "maxSize": "MaxSize",
    "desiredCapacity": "DesiredCapacity",
    "mixedInstancesPolicy": "MixedInstancesPolicy",
    "healthCheckType": "HealthCheckType",
    "healthCheckGracePeriod": "HealthCheckGracePeriod",
    "defaultCooldown": "DefaultCooldown",
    "defaultInstanceWarmup": "DefaultInstanceWarmup",
    "capacityRebalance": "CapacityRebalance",
    "terminationPolicies": "TerminationPolicies",
    "maxInstanceLifetime": "MaxInstanceLifetime",
    "instanceMaintenancePolicy": "InstanceMaintenancePolicy",
    "protectFromScaleIn": "NewInstancesProtectedFromScaleIn",
}
"""Properties that create and update take as they are, once renamed."""


_REFRESHING = ("launchTemplate", "mixedInstancesPolicy")
"""Changes that start an instance refresh (provider document, "Automatically refresh")."""


class Group(AwsLifecycle):
    """aws_autoscaling_group."""

    # The first line is what the provider never reads; moto keeps none of the second line, or not
    # after an update.
    unstored = frozenset(
        {"forceDelete", "waitForCapacityTimeout", "initialLifecycleHooks", "metricsGranularity"}
        | {"instanceRefresh"}
        | {"maxInstanceLifetime", "defaultInstanceWarmup", "instanceMaintenancePolicy"}
        | {"defaultCooldown", "terminationPolicies", "capacityRebalance"}
    )

    def make(self, inputs: Properties) -> str:
        """Create the group with its hooks; its instances start at once."""
        verify(self.clients, inputs)
        name = inputs["name"]
        client = self._client(inputs)
        if client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]:
            message = f"AlreadyExists: there is an Auto Scaling group {name} already."
            raise CloudError(message)
        client.create_auto_scaling_group(
            AutoScalingGroupName=name,
            Tags=_tags(inputs),
            **_request(inputs),
        )
        for hook in inputs.get("initialLifecycleHooks", []):
            put_hook(client, name, hook)
        self._set_processes_and_metrics({}, inputs)
        return name

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the group."""
        groups = self._client(state).describe_auto_scaling_groups(
            AutoScalingGroupNames=[resource_id]
        )["AutoScalingGroups"]
        if not groups:
            return None
        group = groups[0]
        found = {
            key: from_api(group[api], _RENAMED)
            for key, api in _PLAIN.items()
            if api in group and key not in self.unstored
        }
        zones = group.get("VPCZoneIdentifier", "")
        shown = [
            {"key": t["Key"], "value": t["Value"], "propagateAtLaunch": t["PropagateAtLaunch"]}
            for t in group.get("Tags", [])
        ]
        return {
            "arn": group["AutoScalingGroupARN"],
            "name": group["AutoScalingGroupName"],
            "availabilityZones": sorted(set(group["AvailabilityZones"])),
            "vpcZoneIdentifiers": zones.split(",") if zones else [],
            "serviceLinkedRoleArn": group.get("ServiceLinkedRoleARN"),
            "enabledMetrics": sorted(one["Metric"] for one in group.get("EnabledMetrics", [])),
            "suspendedProcesses": sorted(
                one["ProcessName"] for one in group.get("SuspendedProcesses", [])
            ),
            "tags": sorted(shown, key=lambda tag: tag["key"]),
            **_shown_template(group, state),
            **found,
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Update the group; an instance refresh replaces its instances when their template changed.

        Without one, running instances stay as they are.
        """
        verify(self.clients, inputs)
        client = self._client(inputs)
        request = _request(inputs)
        # As the provider does, so that it leaves alone what somebody else changed. It treats all
        # properties like that; moto forgets some when they are left out.
        for key in ("minSize", "maxSize", "desiredCapacity"):
            if inputs.get(key) == state.get(key):
                request.pop(_PLAIN[key], None)
        self._verify_sizes(resource_id, request, client)
        client.update_auto_scaling_group(AutoScalingGroupName=resource_id, **request)
        new = {tag["Key"] for tag in _tags(inputs)}
        gone = [tag for tag in _tags(state | {"name": resource_id}) if tag["Key"] not in new]
        if gone:
            client.delete_tags(Tags=gone)
        if new:
            client.create_or_update_tags(Tags=_tags(inputs))
        self._set_processes_and_metrics(state, inputs)
        started = any(inputs.get(key) != state.get(key) for key in _REFRESHING)
        if "instanceRefresh" in inputs and started:
            self._refresh(resource_id, inputs)

    def _refresh(self, name: str, inputs: Properties) -> None:
        """End every instance, as a rolling refresh with no minimum does; the group replaces it."""
        client = self._client(inputs)
        groups = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        for instance in groups["AutoScalingGroups"][0]["Instances"]:
            client.terminate_instance_in_auto_scaling_group(
                InstanceId=instance["InstanceId"], ShouldDecrementDesiredCapacity=False
            )

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the group: forced at once, else by scaling to zero first."""
        client = self._client(state)
        name = {"AutoScalingGroupName": resource_id}
        groups = client.describe_auto_scaling_groups(AutoScalingGroupNames=[resource_id])
        instances = [i for group in groups["AutoScalingGroups"] for i in group["Instances"]]
        protected = [i["InstanceId"] for i in instances if i["ProtectedFromScaleIn"]]
        if protected and not state.get("forceDelete"):
            message = (
                f"Auto Scaling group {resource_id} cannot scale to zero: {', '.join(protected)} "
                "are protected from scale-in. Set forceDelete, or take the protection away."
            )
            raise CloudError(message)
        if protected:  # moto would leave them running
            client.set_instance_protection(
                **name, InstanceIds=protected, ProtectedFromScaleIn=False
            )
        client.update_auto_scaling_group(**name, MinSize=0, MaxSize=0, DesiredCapacity=0)
        client.delete_auto_scaling_group(**name, ForceDelete=bool(state.get("forceDelete")))

    def _verify_sizes(self, name: str, request: dict[str, Any], client: Any) -> None:
        """Refuse a minimum above the maximum, of which one may be what the group has now."""
        found = client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        present = found["AutoScalingGroups"][0]
        low, high = (request.get(key, present[key]) for key in ("MinSize", "MaxSize"))
        if low > high:
            message = f"ValidationError: Min bound, {low}, must be at most max bound, {high}."
            raise CloudError(message)

    def _client(self, properties: Properties) -> Any:
        return self.clients("autoscaling", properties["region"])

    def _set_processes_and_metrics(self, state: Properties, inputs: Properties) -> None:
        client = self._client(inputs)
        name = {"AutoScalingGroupName": inputs["name"]}
        old, new = (set(source.get("suspendedProcesses", [])) for source in (state, inputs))
        if new - old:
            client.suspend_processes(**name, ScalingProcesses=sorted(new - old))
        if old - new:
            client.resume_processes(**name, ScalingProcesses=sorted(old - new))
        metrics = sorted(inputs.get("enabledMetrics", []))
        if metrics != sorted(state.get("enabledMetrics", [])):
            granularity = inputs.get("metricsGranularity", "1Minute")
            # This one call both adds and (in moto) drops metrics; an empty list means all in AWS.
            client.enable_metrics_collection(**name, Metrics=metrics, Granularity=granularity)


def _launch_source(inputs: Properties) -> dict[str, Any]:
    if "launchTemplate" not in inputs:
        return {"MixedInstancesPolicy": to_api(inputs["mixedInstancesPolicy"], _RENAMED)}
    template = inputs["launchTemplate"]
    names = {"id": "LaunchTemplateId", "name": "LaunchTemplateName", "version": "Version"}
    return {"LaunchTemplate": {api: template[key] for key, api in names.items() if key in template}}


def _shown_template(group: dict[str, Any], state: Properties) -> Properties:
    """The template under those of its names that the program uses."""
    template = group.get("LaunchTemplate")
    if template is None:
        return {}
    names = {"id": "LaunchTemplateId", "name": "LaunchTemplateName", "version": "Version"}
    used = state.get("launchTemplate", {"id": None, "version": None})
    return {"launchTemplate": {key: template[names[key]] for key in used}}


def _request(inputs: Properties) -> dict[str, Any]:
    plain = {api: to_api(inputs[key], _RENAMED) for key, api in _PLAIN.items() if key in inputs}
    zones = {"VPCZoneIdentifier": ",".join(inputs["vpcZoneIdentifiers"])}
    return plain | zones | _launch_source(inputs)


def _tags(inputs: Properties) -> list[dict[str, Any]]:
    return [
        {
            "ResourceId": inputs["name"],
            "ResourceType": "auto-scaling-group",
            "Key": tag["key"],
            "Value": tag["value"],
            "PropagateAtLaunch": tag["propagateAtLaunch"],
        }
        for tag in inputs.get("tags", [])
    ]


def put_hook(client: Any, group: str, hook: Properties) -> None:
    """Create or update a lifecycle hook."""
    names = {
        "name": "LifecycleHookName",
        "lifecycleTransition": "LifecycleTransition",
        "defaultResult": "DefaultResult",
        "heartbeatTimeout": "HeartbeatTimeout",
        "notificationMetadata": "NotificationMetadata",
        "notificationTargetArn": "NotificationTargetARN",
        "roleArn": "RoleARN",
    }
    request = {api: hook[key] for key, api in names.items() if key in hook}
    client.put_lifecycle_hook(AutoScalingGroupName=group, **request)


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:autoscaling/group:Group",  # noqa: S106
            args=aws.autoscaling.GroupArgs,
            lifecycle=Group(clients),
            force_new=frozenset({"region", "name"}),
            in_place=Group.unstored
            | frozenset(_PLAIN)
            | {
                "launchTemplate",
                "vpcZoneIdentifiers",
                "tags",
                "enabledMetrics",
                "suspendedProcesses",
            },
            autoname=Autoname(max_length=255, pattern=NAME),
            check=check_group,
        )
    ]
