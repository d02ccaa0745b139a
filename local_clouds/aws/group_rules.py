"""What the provider and AWS refuse in an Auto Scaling group, before anything is looked up.

Sources: the provider document aws_autoscaling_group; Auto Scaling API, CreateAutoScalingGroup.
"""

import re

from local_clouds.resource import Failure, Properties
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

NAME = r"[\x20-\x39\x3b-\x7e]{1,255}"
_PROCESSES = (
    *("Launch", "Terminate", "HealthCheck", "ReplaceUnhealthy", "AZRebalance", "InstanceRefresh"),
    *("AlarmNotification", "ScheduledActions", "AddToLoadBalancer"),
)
_METRICS = (
    *("GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity"),
    *("GroupInServiceInstances", "GroupInServiceCapacity"),
    *("GroupPendingInstances", "GroupPendingCapacity"),
    *("GroupStandbyInstances", "GroupStandbyCapacity"),
    *("GroupTerminatingInstances", "GroupTerminatingCapacity"),
    *("GroupTotalInstances", "GroupTotalCapacity"),
    *("GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity"),
    *("WarmPoolDesiredCapacity", "WarmPoolWarmedCapacity", "WarmPoolPendingCapacity"),
    *("WarmPoolTerminatingCapacity", "WarmPoolTotalCapacity", "WarmPoolMinSize"),
)
_TERMINATION = (
    *("Default", "AllocationStrategy", "OldestInstance", "NewestInstance"),
    *("OldestLaunchTemplate", "OldestLaunchConfiguration", "ClosestToNextInstanceHour"),
)


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


_DISTRIBUTION = "mixedInstancesPolicy.instancesDistribution"

check_group = all_of(
    matches("name", NAME, "1 to 255 printable characters without a colon"),
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
    between(f"{_DISTRIBUTION}.onDemandBaseCapacity", 0, float("inf")),
    between(f"{_DISTRIBUTION}.onDemandPercentageAboveBaseCapacity", 0, 100),
    one_of(f"{_DISTRIBUTION}.onDemandAllocationStrategy", "prioritized", "lowest-price"),
    one_of(
        f"{_DISTRIBUTION}.spotAllocationStrategy",
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
    one_of("instanceRefresh.strategy", "Rolling"),
    # Only this much is built here: the group ends all its instances, then starts new ones.
    one_of("instanceRefresh.preferences.minHealthyPercentage", 0),
    between("instanceRefresh.preferences.maxHealthyPercentage", 100, 200),
    _check_sizes,
    _check_tags,
    _check_timeout,
)
"""Judges the inputs of a group."""
