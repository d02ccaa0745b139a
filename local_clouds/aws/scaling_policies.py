"""Scaling policy, step or simple.

Force-new properties: the provider document aws_autoscaling_policy. Limits: Auto Scaling API and
quotas (20 step adjustments a policy).
"""

from itertools import pairwise
from typing import Any

import pulumi_aws as aws

from local_clouds.aws.clients import Clients
from local_clouds.aws.of_group import OfGroup
from local_clouds.aws.shapes import from_api, to_api
from local_clouds.resource import Autoname, CloudError, Failure, Properties, ResourceType
from local_clouds.rules import all_of, between, length, matches, one_of
from local_clouds.values import contains_unknown

MAX_STEPS = 20
_NAME = r"[\x20-\x7e]{1,255}"
_POLICY = {
    "policyType": "PolicyType",
    "adjustmentType": "AdjustmentType",
    "scalingAdjustment": "ScalingAdjustment",
    "cooldown": "Cooldown",
    "minAdjustmentMagnitude": "MinAdjustmentMagnitude",
    "metricAggregationType": "MetricAggregationType",
    "estimatedInstanceWarmup": "EstimatedInstanceWarmup",
}


class Policy(OfGroup):
    """aws_autoscaling_policy, step or simple."""

    unstored = frozenset({"enabled"})

    def make(self, inputs: Properties) -> str:
        """Create the policy."""
        self.require_group(inputs)
        name, group = inputs["name"], inputs["autoscalingGroupName"]
        for other in self.client(inputs).describe_policies(PolicyNames=[name])["ScalingPolicies"]:
            if other["AutoScalingGroupName"] != group:
                # AWS keeps policies by group, moto by name alone: one would overwrite the other.
                message = f"moto cannot hold two policies named {name}; use autonames."
                raise CloudError(message)
        self._put(inputs)
        return name

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the policy."""
        query = {"AutoScalingGroupName": state["autoscalingGroupName"]}
        found = self.client(state).describe_policies(**query, PolicyNames=[resource_id])
        if not found["ScalingPolicies"]:
            return None
        policy = found["ScalingPolicies"][0]
        plain = {key: policy[api] for key, api in _POLICY.items() if api in policy}
        steps = [
            {key: _text(value) for key, value in from_api(step).items()}
            for step in policy.get("StepAdjustments", [])
        ]
        return {
            "arn": policy["PolicyARN"],
            "name": policy["PolicyName"],
            "autoscalingGroupName": policy["AutoScalingGroupName"],
            "enabled": True,
            **({"stepAdjustments": steps} if steps else {}),
            **plain,
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Put the policy again."""
        del resource_id, state
        self._put(inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the policy."""
        self.client(state).delete_policy(
            AutoScalingGroupName=state["autoscalingGroupName"], PolicyName=resource_id
        )

    def _put(self, inputs: Properties) -> None:
        plain = {api: inputs[key] for key, api in _POLICY.items() if key in inputs}
        steps = [
            {k: int(v) if k == "ScalingAdjustment" else float(v) for k, v in to_api(step).items()}
            for step in inputs.get("stepAdjustments", [])
        ]
        self.client(inputs).put_scaling_policy(
            AutoScalingGroupName=inputs["autoscalingGroupName"],
            PolicyName=inputs["name"],
            **({"StepAdjustments": steps} if steps else {}),
            **plain,
        )


def _text(value: Any) -> Any:
    """Return a step's bound as the provider writes it: a text without needless digits."""
    return f"{value:.15g}" if isinstance(value, float) else value


def _check_policy(inputs: Properties) -> list[Failure]:
    if contains_unknown({key: inputs.get(key) for key in (*_POLICY, "stepAdjustments")}):
        return []
    kind = inputs.get("policyType", "SimpleScaling")
    step, simple = kind == "StepScaling", kind == "SimpleScaling"
    failures = []
    if "adjustmentType" not in inputs:
        failures.append(Failure("adjustmentType", f"is required for {kind}."))
    for name, wanted in {"stepAdjustments": step, "scalingAdjustment": simple}.items():
        if wanted != (name in inputs):
            word = "is required" if wanted else "is not allowed"
            failures.append(Failure(name, f"{word} for {kind}."))
    for name, allowed in {
        "cooldown": simple,
        "metricAggregationType": step,
        "estimatedInstanceWarmup": step,
        "minAdjustmentMagnitude": inputs.get("adjustmentType") == "PercentChangeInCapacity",
    }.items():
        if name in inputs and not allowed:
            failures.append(Failure(name, f"is not allowed for {kind} as it is set here."))
    return failures or _check_steps(inputs)


def _check_steps(inputs: Properties) -> list[Failure]:
    """Steps must neither overlap nor leave a gap, and at most one end may be open on each side."""
    infinity = float("inf")
    exact = inputs.get("adjustmentType") == "ExactCapacity"
    failures = []
    ranges = []
    for index, step in enumerate(inputs.get("stepAdjustments", [])):
        path = f"stepAdjustments[{index}]"
        try:
            low = float(step.get("metricIntervalLowerBound", -infinity))
            high = float(step.get("metricIntervalUpperBound", infinity))
        except ValueError:
            failures.append(Failure(path, "has a bound that is no number."))
            continue
        if low >= high:
            failures.append(Failure(path, "has a lower bound that is not below the upper one."))
        if exact and step["scalingAdjustment"] < 0:
            reason = "cannot be negative for ExactCapacity."
            failures.append(Failure(f"{path}.scalingAdjustment", reason))
        ranges.append((low, high))
    ranges.sort()
    for (_, high), (low, _) in pairwise(ranges):
        if high != low:
            fault = "overlap" if high > low else "leave a gap"
            failures.append(Failure("stepAdjustments", f"{fault} between {high:g} and {low:g}."))
    return failures


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    adjustments = ("ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity")
    return [
        ResourceType(
            token="aws:autoscaling/policy:Policy",  # noqa: S106
            args=aws.autoscaling.PolicyArgs,
            lifecycle=Policy(clients),
            force_new=frozenset({"region", "name", "autoscalingGroupName", "policyType"}),
            in_place=frozenset({*_POLICY, "stepAdjustments", "enabled"} - {"policyType"}),
            autoname=Autoname(max_length=255, pattern=_NAME),
            check=all_of(
                matches("name", _NAME, "1 to 255 printable characters"),
                one_of("policyType", "SimpleScaling", "StepScaling"),
                one_of("adjustmentType", *adjustments),
                one_of("metricAggregationType", "Average", "Minimum", "Maximum"),
                one_of("enabled", True),
                between("estimatedInstanceWarmup", 0, float("inf")),
                length("stepAdjustments", 1, MAX_STEPS),
                _check_policy,
            ),
        ),
    ]
