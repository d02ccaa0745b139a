"""Pools on AWS, from the resources of a preview."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.scaling import AWS_METRIC, AWS_NAMESPACE
from components.tags import POOL
from preview import PreviewError, Resource, Resources
from simulator.declared import Alarm, AwsPool, Hook, Metric, Policy, ScheduledAction, Step
from simulator.machine import Machine
from simulator.metric_math import Query
from simulator.week import weekly

DEFAULT_COOLDOWN = 300.0
"""Seconds; also the warm-up where none is stated (Auto Scaling guide)."""


def groups(resources: Resources) -> Iterator[tuple[Resource, Resource]]:
    """Groups with their launch templates. Raises PreviewError."""
    for group in resources.of_type("autoscaling/group:Group"):
        template = resources.behind(group, "mixedInstancesPolicy", ":LaunchTemplate")
        if template is None:
            raise PreviewError(f"the group {group.name} has no launch template in the preview")
        yield group, template


def pool(resources: Resources, group: Resource, machine: Machine) -> AwsPool:
    """What a group and everything that refers to it declare. Raises PreviewError."""
    inputs = group.inputs
    distribution = inputs.get("mixedInstancesPolicy", {}).get("instancesDistribution", {})
    smallest = int(inputs["minSize"])
    return AwsPool(
        name=_pool_name(group),
        machine=machine,
        smallest=smallest,
        largest=int(inputs["maxSize"]),
        first_size=smallest,
        zones=_zones(group),
        on_demand_base=int(distribution.get("onDemandBaseCapacity") or 0),
        spot_part=1 - distribution.get("onDemandPercentageAboveBaseCapacity", 100) / 100,
        replaces_running="instanceRefresh" in inputs,
        alarms=tuple(_alarms(resources, group)),
        hook=_hook(resources, group),
        termination_policies=tuple(inputs.get("terminationPolicies") or ["Default"]),
        rebalances="AZRebalance" not in inputs.get("suspendedProcesses", ()) and _zones(group) > 1,
        actions=tuple(_actions(resources, group)),
    )


def _pool_name(group: Resource) -> str:
    tags = {tag["key"]: tag["value"] for tag in group.inputs.get("tags", ())}
    return tags.get(POOL, group.name)


def _zones(group: Resource) -> int:
    """One for each subnet; those of a new network have no ids yet, but they are referred to."""
    subnets = group.inputs.get("vpcZoneIdentifiers")
    if isinstance(subnets, Sequence) and not isinstance(subnets, str):
        return len(subnets)
    referred = group.refers_to.get("vpcZoneIdentifiers", ())
    return max(1, sum(":Subnet::" in urn for urn in referred))


def _hook(resources: Resources, group: Resource) -> Hook | None:
    for hook in resources.of_type(":LifecycleHook"):
        terminating = "TERMINATING" in hook.inputs["lifecycleTransition"]
        if terminating and resources.behind(hook, "autoscalingGroupName", ":Group") is group:
            return Hook(timeout=float(hook.inputs.get("heartbeatTimeout", 3600)))
    return None


def _actions(resources: Resources, group: Resource) -> Iterator[ScheduledAction]:
    for one in sorted(resources.of_type("autoscaling/schedule:Schedule"), key=lambda one: one.name):
        if resources.behind(one, "autoscalingGroupName", ":Group") is group:
            yield action(one.name, one.inputs)


def action(name: str, inputs: Mapping[str, Any]) -> ScheduledAction:
    """A scheduled action from its inputs. Raises PreviewError."""
    bounded = [key for key in ("startTime", "endTime") if inputs.get(key)]
    if bounded:
        raise PreviewError(f"{name} has {bounded[0]}, which is not simulated; a recurrence is")
    # The provider sends 0 for a size that is left out, and nothing for -1.
    smallest, largest, desired = (
        None if inputs.get(key, 0) == -1 else int(inputs.get(key, 0))
        for key in ("minSize", "maxSize", "desiredCapacity")
    )
    return ScheduledAction(
        at=weekly(name, inputs.get("recurrence", ""), inputs.get("timeZone")),
        smallest=smallest,
        largest=largest,
        desired=desired,
    )


def _alarms(resources: Resources, group: Resource) -> Iterator[Alarm]:
    # The engine registers them in any order.
    for one in sorted(resources.of_type(":MetricAlarm"), key=lambda alarm: alarm.name):
        action = resources.behind(one, "alarmActions", "autoscaling/policy:Policy")
        if action and resources.behind(action, "autoscalingGroupName", ":Group") is group:
            yield alarm(one.name, one.inputs, policy(action.inputs, group.inputs))


def alarm(name: str, inputs: Mapping[str, Any], action: Policy) -> Alarm:
    """An alarm from its inputs."""
    queries = inputs["metricQueries"]
    return Alarm(
        name=name,
        queries=tuple(
            Query(query["id"], query.get("expression"), bool(query.get("returnData")))
            for query in queries
        ),
        metrics={query["id"]: _metric(query["metric"]) for query in queries if "metric" in query},
        comparison=inputs["comparisonOperator"],
        threshold=float(inputs["threshold"]),
        periods=int(inputs["evaluationPeriods"]),
        datapoints=int(inputs.get("datapointsToAlarm", inputs["evaluationPeriods"])),
        missing=inputs.get("treatMissingData", "missing"),
        policy=action,
    )


def _metric(inputs: Mapping[str, Any]) -> Metric:
    worker = inputs["namespace"] == AWS_NAMESPACE and inputs["metricName"] == AWS_METRIC
    return Metric(
        name=inputs["metricName"],
        queue=inputs["dimensions"]["queueName"] if worker else None,
    )


def policy(inputs: Mapping[str, Any], group: Mapping[str, Any]) -> Policy:
    """A policy from its inputs and its group's. Raises PreviewError."""
    kind, adjustment = inputs.get("policyType", "SimpleScaling"), inputs.get("adjustmentType")
    if kind not in ("StepScaling", "SimpleScaling"):
        raise PreviewError(f"{kind} is not simulated; step and simple scaling are")
    if adjustment not in ("ExactCapacity", "ChangeInCapacity"):
        raise PreviewError(f"{adjustment} is not simulated; ExactCapacity, ChangeInCapacity are")
    cooldown = float(group.get("defaultCooldown", DEFAULT_COOLDOWN))
    warmup = group.get("defaultInstanceWarmup") or cooldown
    return Policy(
        kind=kind,
        adjustment_type=adjustment,
        steps=tuple(
            Step(
                lower=float(step.get("metricIntervalLowerBound", -math.inf)),
                upper=float(step.get("metricIntervalUpperBound", math.inf)),
                adjustment=int(step["scalingAdjustment"]),
            )
            for step in inputs.get("stepAdjustments", ())
        ),
        adjustment=int(inputs.get("scalingAdjustment", 0)),
        cooldown=float(inputs.get("cooldown", cooldown)),
        warmup=float(inputs.get("estimatedInstanceWarmup", warmup)),
    )
