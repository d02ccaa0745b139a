"""Auto Scaling group.

Force-new properties: the provider document aws_autoscaling_group (only the name). Limits: Auto
Scaling API, CreateAutoScalingGroup.
"""

import re
from typing import Any

import pulumi_aws as aws

from local_clouds.aws.clients import Clients
from local_clouds.aws.group_references import verify
from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.aws.shapes import from_api, to_api
from local_clouds.resource import Autoname, CloudError, Failure, Properties, ResourceType
from local_clouds.rules import (
    all_of,
    between,
    each,
    exactly_one,
    length,
    matches,
    one_of,
    values_at,
)
from local_clouds.values import Unknown

_NAME = r"[\x20-\x39\x3b-\x7e]{1,255}"
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

_PROCESSES = (
    "Launch",
    "Terminate",
    "HealthCheck",
    "ReplaceUnhealthy",
    "AZRebalance",
    "AlarmNotification",
    "ScheduledActions",
    "AddToLoadBalancer",
    "InstanceRefresh",
)
_METRICS = tuple(
    f"{scope}{what}"
    for scope, whats in {
        "GroupIn": ("ServiceInstances", "ServiceCapacity"),
        "Group": (
            "MinSize",
            "MaxSize",
            "DesiredCapacity",
            *(
                f"{kind}{unit}"
                for kind in ("Pending", "Standby", "Terminating", "Total")
                for unit in ("Instances", "Capacity")
            ),
        ),
        "GroupAndWarmPool": ("DesiredCapacity", "TotalCapacity"),
        "WarmPool": (
            "DesiredCapacity",
            "WarmedCapacity",
            "PendingCapacity",
            "TerminatingCapacity",
            "TotalCapacity",
            "MinSize",
        ),
    }.items()
    for what in whats
)
_TERMINATION = (
    "Default",
    "AllocationStrategy",
    "OldestInstance",
    "NewestInstance",
    "OldestLaunchTemplate",
    "OldestLaunchConfiguration",
    "ClosestToNextInstanceHour",
)


class Group(AwsLifecycle):
    """aws_autoscaling_group."""

    # The first line is what the provider never reads; moto keeps none of the second line, or not
    # after an update.
    unstored = frozenset(
        {"forceDelete", "waitForCapacityTimeout", "initialLifecycleHooks", "metricsGranularity"}
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
            **found,
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Update the group. Running instances stay as they are: there is no instance refresh."""
        verify(self.clients, inputs)
        client = self._client(inputs)
        client.update_auto_scaling_group(AutoScalingGroupName=resource_id, **_request(inputs))
        new = {tag["Key"] for tag in _tags(inputs)}
        gone = [tag for tag in _tags(state | {"name": resource_id}) if tag["Key"] not in new]
        if gone:
            client.delete_tags(Tags=gone)
        if new:
            client.create_or_update_tags(Tags=_tags(inputs))
        self._set_processes_and_metrics(state, inputs)

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


def _check_sizes(inputs: Properties) -> list[Failure]:
    sizes = [inputs.get(key) for key in ("minSize", "desiredCapacity", "maxSize")]
    known = [size for size in sizes if size is not None and not isinstance(size, Unknown)]
    if known != sorted(known) or any(size < 0 for size in known):
        return [Failure("maxSize", "must hold: 0 <= minSize <= desiredCapacity <= maxSize.")]
    return []


def _check_tags(inputs: Properties) -> list[Failure]:
    keys = [key for _, key in values_at(inputs, "tags[].key")]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    return [Failure("tags", f"has {key!r} more than once.") for key in twice]


def _check_timeout(inputs: Properties) -> list[Failure]:
    value = inputs.get("waitForCapacityTimeout", "10m")
    if isinstance(value, str) and not re.fullmatch(r"0|(\d+(\.\d+)?(h|m|s|ms))+", value):
        return [Failure("waitForCapacityTimeout", f"{value!r} is no duration such as 10m.")]
    return []


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    distribution = "mixedInstancesPolicy.instancesDistribution"
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
            autoname=Autoname(max_length=255, pattern=_NAME),
            check=all_of(
                matches("name", _NAME, "1 to 255 printable characters without a colon"),
                exactly_one("launchTemplate", "mixedInstancesPolicy"),
                exactly_one("vpcZoneIdentifiers"),
                length("vpcZoneIdentifiers", 1, 100),
                one_of("healthCheckType", "EC2", "ELB", "VPC_LATTICE", "EBS"),
                one_of("metricsGranularity", "1Minute"),
                one_of("enabledMetrics[]", *_METRICS),
                one_of("suspendedProcesses[]", *_PROCESSES),
                one_of("terminationPolicies[]", *_TERMINATION),
                each(
                    "maxInstanceLifetime",
                    lambda seconds: seconds == 0 or 86400 <= seconds <= 31536000,
                    "must be 0 or 86400 to 31536000 seconds.",
                ),
                between("defaultCooldown", 0, float("inf")),
                between("defaultInstanceWarmup", 0, float("inf")),
                between(f"{distribution}.onDemandPercentageAboveBaseCapacity", 0, 100),
                one_of(f"{distribution}.onDemandAllocationStrategy", "prioritized", "lowest-price"),
                one_of(
                    f"{distribution}.spotAllocationStrategy",
                    "lowest-price",
                    "capacity-optimized",
                    "capacity-optimized-prioritized",
                    "price-capacity-optimized",
                ),
                length("mixedInstancesPolicy.launchTemplate.overrides", 0, 40),
                each(
                    "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification",
                    lambda one: len(one.keys() & {"launchTemplateId", "launchTemplateName"}) == 1,
                    "needs either launchTemplateId or launchTemplateName.",
                ),
                one_of(
                    "initialLifecycleHooks[].lifecycleTransition",
                    "autoscaling:EC2_INSTANCE_LAUNCHING",
                    "autoscaling:EC2_INSTANCE_TERMINATING",
                ),
                _check_sizes,
                _check_tags,
                _check_timeout,
            ),
        )
    ]
