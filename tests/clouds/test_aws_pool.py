"""What a pool on AWS is made of."""

import base64
import gzip
import json
from typing import Any

import pytest

from tests import stacks
from tests.recorder import PROJECT, Recorder, run


@pytest.fixture(scope="module")
def dev() -> Recorder:
    return run(stacks.dev())


def changed(**settings: Any) -> Recorder:
    return run(stacks.with_pool("codeintel", **settings))


def test_the_metadata_service_answers_the_vm_and_not_its_jobs(dev: Recorder) -> None:
    assert dev.one("LaunchTemplate")["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
    }


def test_the_root_volume_is_encrypted_gp3_of_the_configured_size(dev: Recorder) -> None:
    (mapping,) = dev.one("LaunchTemplate")["blockDeviceMappings"]
    assert mapping["ebs"]["encrypted"] == "true"
    assert mapping["ebs"]["volumeType"] == "gp3"
    assert mapping["ebs"]["volumeSize"] == 200


def test_a_vm_that_powers_off_is_gone(dev: Recorder) -> None:
    assert dev.one("LaunchTemplate")["instanceInitiatedShutdownBehavior"] == "terminate"


def test_nested_virtualization_is_asked_of_families_that_have_it_only() -> None:
    assert changed().one("LaunchTemplate")["cpuOptions"] == {"nestedVirtualization": "enabled"}
    metal = changed(aws={"machineTypes": ["c5n.metal"]})
    assert "cpuOptions" not in metal.one("LaunchTemplate").inputs
    plain = changed(firecracker={"enabled": False}, aws={"machineTypes": ["m5.4xlarge"]})
    assert "cpuOptions" not in plain.one("LaunchTemplate").inputs


def test_the_template_never_chooses_the_market_since_the_group_does(dev: Recorder) -> None:
    template = dev.one("LaunchTemplate")
    assert "instanceMarketOptions" not in template.inputs
    assert "instanceType" not in template.inputs


def test_spot_is_a_matter_of_the_groups_distribution() -> None:
    on_demand = changed().one("Group")["mixedInstancesPolicy"]["instancesDistribution"]
    spot = changed(aws={"spot": True}).one("Group")["mixedInstancesPolicy"]["instancesDistribution"]
    assert on_demand["onDemandPercentageAboveBaseCapacity"] == 100
    assert spot["onDemandPercentageAboveBaseCapacity"] == 0
    # The provider keeps the base of before when none is stated.
    assert on_demand["onDemandBaseCapacity"] == spot["onDemandBaseCapacity"] == 0


def test_a_part_of_a_spot_pool_may_be_on_demand() -> None:
    group = changed(aws={"spot": True, "onDemandBase": 2, "spotPercent": 70}).one("Group")
    distribution = group["mixedInstancesPolicy"]["instancesDistribution"]
    assert distribution["onDemandBaseCapacity"] == 2
    assert distribution["onDemandPercentageAboveBaseCapacity"] == 30


def test_the_group_pins_the_templates_version_and_never_refreshes(dev: Recorder) -> None:
    group = dev.one("Group")
    template = group["mixedInstancesPolicy"]["launchTemplate"]
    assert template["launchTemplateSpecification"]["version"] == "7"
    assert [o["instanceType"] for o in template["overrides"]] == ["m8i.4xlarge", "m7i.4xlarge"]
    assert "instanceRefresh" not in group.inputs


def test_nobody_but_the_policies_sets_the_size(dev: Recorder) -> None:
    group = dev.one("Group")
    assert "desiredCapacity" not in group.inputs
    assert (group["minSize"], group["maxSize"]) == (0, 10)
    assert group["waitForCapacityTimeout"] == "0"
    assert group["suspendedProcesses"] == ["AZRebalance"]


def test_tags_reach_instances_volumes_and_interfaces(dev: Recorder) -> None:
    specifications = dev.one("LaunchTemplate")["tagSpecifications"]
    tagged = {each["resourceType"]: each["tags"] for each in specifications}
    assert tagged.keys() == {"instance", "volume", "network-interface"}
    for tags in tagged.values():
        assert tags["executor_tag"] == "executors-dev"
        assert tags["executor_pool"] == "codeintel"


def test_the_role_may_do_no_more_than_its_vms_need(dev: Recorder) -> None:
    statements = json.loads(dev.one("RolePolicy")["policy"])["Statement"]
    secret = next(s for s in statements if s["Action"] == "secretsmanager:GetSecretValue")
    assert secret["Resource"] == [dev.one("SecretVersion", "us-east-1")["secretId"]]
    logs = next(s for s in statements if "logs:PutLogEvents" in s["Action"])
    assert logs["Resource"].endswith(f"log-group:{dev.one('LogGroup').name}-0a1b2c3:*")
    everywhere = [s for s in statements if s["Resource"] == "*"]
    unconditional, draining = everywhere
    services = {action.split(":")[0] for action in unconditional["Action"]}
    assert services == {"ssm", "ssmmessages", "autoscaling"}
    assert "autoscaling:DescribeAutoScalingInstances" in unconditional["Action"]
    assert draining["Condition"]["StringEquals"] == {
        "autoscaling:ResourceTag/executor_tag": "executors-dev",
        "autoscaling:ResourceTag/executor_pool": "codeintel",
    }


def test_a_hook_holds_a_vm_that_the_group_ends(dev: Recorder) -> None:
    hook = dev.one("LifecycleHook")
    assert hook["lifecycleTransition"] == "autoscaling:EC2_INSTANCE_TERMINATING"
    assert hook["heartbeatTimeout"] == 1800
    assert hook["autoscalingGroupName"] == "executors-codeintel-0a1b2c3"


def test_the_metric_writer_may_write_into_one_namespace(dev: Recorder) -> None:
    (statement,) = json.loads(dev.one("UserPolicy")["policy"])["Statement"]
    assert statement["Action"] == "cloudwatch:PutMetricData"
    condition = {"StringEquals": {"cloudwatch:namespace": "sourcegraph-executor"}}
    assert statement["Condition"] == condition


def test_both_directions_request_exact_sizes_from_one_metric(dev: Recorder) -> None:
    policies = {
        made.name.rsplit("-", 2)[1]: made
        for made in dev.all
        if made.type.endswith("scaling/policy:Policy")
    }
    assert policies.keys() == {"out", "in"}
    assert {p["adjustmentType"] for p in policies.values()} == {"ExactCapacity"}
    assert {p["estimatedInstanceWarmup"] for p in policies.values()} == {0}
    sizes = {d: [s["scalingAdjustment"] for s in p["stepAdjustments"]] for d, p in policies.items()}
    assert sizes == {"out": list(range(1, 11)), "in": list(range(10))}


def test_the_alarms_read_the_queue_that_the_worker_publishes(dev: Recorder) -> None:
    for alarm in dev.of("MetricAlarm"):
        metric = alarm["metricQueries"][0]["metric"]
        assert metric["namespace"] == "sourcegraph-executor"
        assert metric["metricName"] == "src_executors_queue_size"
        assert metric["dimensions"] == {"queueName": "codeintel", "environment": "dev"}
        assert alarm["treatMissingData"] == "notBreaching"
    assert dev.one("MetricAlarm", "-out-")["evaluationPeriods"] == 1
    assert dev.one("MetricAlarm", "-in-")["evaluationPeriods"] == 3


def test_the_oldest_vm_leaves_first(dev: Recorder) -> None:
    assert dev.one("Group")["terminationPolicies"] == ["OldestInstance"]


def test_a_fixed_size_has_no_policy_and_a_paused_pool_no_vm() -> None:
    fixed = changed(min=2, max=2)
    assert (fixed.one("Group")["minSize"], fixed.one("Group")["maxSize"]) == (2, 2)
    assert fixed.of("MetricAlarm") == []
    paused = changed(paused=True)
    assert (paused.one("Group")["minSize"], paused.one("Group")["maxSize"]) == (0, 0)
    assert paused.of("MetricAlarm") == []


def test_metrics_are_closed_until_a_range_is_named() -> None:
    assert changed().of("SecurityGroupIngressRule") == []
    rule = changed(metricsAccessCidrs=["10.9.0.0/16"]).one("SecurityGroupIngressRule")
    assert (rule["fromPort"], rule["toPort"], rule["cidrIpv4"]) == (6060, 6060, "10.9.0.0/16")


def test_existing_security_groups_are_used_and_none_is_made() -> None:
    network = {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]}
    groups = ["sg-0123456789abcdef0", "sg-0123456789abcdef1"]
    made = changed(aws={"network": {**network, "securityGroupIds": groups}})
    assert made.of("SecurityGroup") == []
    (interface,) = made.one("LaunchTemplate")["networkInterfaces"]
    assert interface["securityGroups"] == groups


def test_members_of_a_security_group_reach_the_metrics() -> None:
    made = changed(aws={"metricsAccessSecurityGroupIds": ["sg-0123456789abcdef0"]})
    rule = made.one("SecurityGroupIngressRule")
    assert (rule["fromPort"], rule["toPort"]) == (6060, 6060)
    assert rule["referencedSecurityGroupId"] == "sg-0123456789abcdef0"
    assert "cidrIpv4" not in rule.inputs


def test_a_boundary_is_around_every_role_and_user() -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    made = run({**stacks.dev(), f"{PROJECT}:permissionsBoundary": boundary})
    bounded = [*made.of("Role"), *made.of("User")]
    assert len(bounded) == 2
    assert {each["permissionsBoundary"] for each in bounded} == {boundary}


def test_an_existing_network_is_used_and_none_is_made() -> None:
    network = {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]}
    made = changed(aws={"network": network})
    assert made.of("Vpc") == []
    assert made.one("SecurityGroup")["vpcId"] == network["vpcId"]
    assert made.one("Group")["vpcZoneIdentifiers"] == network["subnetIds"]


def test_a_new_zone_moves_no_subnet() -> None:
    before = changed().of("Subnet")
    after = changed(aws={"zones": ["us-east-1b", "us-east-1c"]}).of("Subnet")
    ranges = [
        {made["availabilityZone"]: made["cidrBlock"] for made in subnets}
        for subnets in (before, after)
    ]
    assert ranges[0]["us-east-1b"] == ranges[1]["us-east-1b"]
    assert len({*ranges[0].values(), *ranges[1].values()}) == 3


def test_a_pool_elsewhere_says_its_region_on_every_resource() -> None:
    far = changed(min=1, max=1, aws={"region": "eu-west-1", "zones": ["eu-west-1a"]})
    regional = [
        made for made in far.all if made.type.startswith("aws:") and ":iam" not in made.type
    ]
    assert {made["region"] for made in regional if not made.type.startswith("aws:iam")} == {
        "eu-west-1"
    }


def test_user_data_carries_the_name_of_the_secret_and_fits(dev: Recorder) -> None:
    script = gzip.decompress(base64.b64decode(dev.one("LaunchTemplate")["userData"])).decode()
    assert script.startswith("#!")
    assert "t" * 40 not in script


OFFICE = {"cron": "30 7 * * MON-FRI", "timeZone": "Europe/Berlin", "duration": "10h", "min": 4}


def test_a_schedule_sets_the_minimum_and_its_end_sets_it_back() -> None:
    actions = changed(min=1, schedules={"office": OFFICE}).of("Schedule")
    assert len(actions) == 10
    sizes = {action["scheduledActionName"]: action["minSize"] for action in actions}
    assert (sizes["codeintel-min-mon-0730"], sizes["codeintel-min-mon-1730"]) == (4, 1)
    assert {action["timeZone"] for action in actions} == {"Europe/Berlin"}
    assert {(action["maxSize"], action["desiredCapacity"]) for action in actions} == {(-1, -1)}
    assert "30 17 * * 5" in {action["recurrence"] for action in actions}


def test_without_schedules_the_minimum_is_the_groups_own(dev: Recorder) -> None:
    assert dev.of("Schedule") == []
    assert changed(paused=True, schedules={"office": OFFICE}).of("Schedule") == []
