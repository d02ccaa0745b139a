"""What the AWS provider refuses before anything is made, and what it lets pass."""

import base64
import json
from typing import Any

import pytest

from local_clouds import aws, schema
from local_clouds.values import UNKNOWN
from tests.local_clouds.aws.inputs import (
    ACCESS_KEY,
    ALARM,
    ALLOW,
    EGRESS,
    GROUP,
    HOOK,
    IMAGE,
    LOGS,
    POLICY,
    ROLE,
    ROLE_POLICY,
    SCHEDULE,
    SECRET,
    SECRET_VERSION,
    SECURITY_GROUP,
    SPOT,
    SUBNET,
    TEMPLATE,
    TRUST,
    USER,
    VPC,
    alarm,
    document,
    group,
    query,
    schedule,
    spot,
    steps,
    volume,
)
from tests.local_clouds.driver import Engine

BAD = [
    (VPC, {"cidrBlock": "10.0.0.1/16"}, "cidrBlock"),
    (VPC, {"cidrBlock": "10.0.0.0/8"}, "cidrBlock"),
    (VPC, {}, ""),
    (VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"aws:x": "y"}}, "tags.aws:x"),
    (SUBNET, {"cidrBlock": "10.0.0.0/24"}, "vpcId"),
    (SECURITY_GROUP, {"name": "sg-x"}, "name"),
    (SECURITY_GROUP, {"description": "a*b?"}, "description"),
    (EGRESS, {"securityGroupId": "sg-1", "ipProtocol": "-1"}, "cidrIpv4"),
    (
        EGRESS,
        {"securityGroupId": "sg-1", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0", "toPort": 1},
        "toPort",
    ),
    (EGRESS, {"securityGroupId": "sg-1", "ipProtocol": "tcp", "cidrIpv4": "0.0.0.0/0"}, "fromPort"),
    (TEMPLATE, {"imageId": "ubuntu"}, "imageId"),
    (TEMPLATE, {"userData": "#!/bin/sh"}, "userData"),
    (TEMPLATE, {"userData": base64.b64encode(b"x" * 16385).decode()}, "userData"),
    (TEMPLATE, volume(iops=80001), "blockDeviceMappings[0].ebs.iops"),
    (TEMPLATE, volume(iops=3000, throughput=751), "blockDeviceMappings[0].ebs.throughput"),
    (TEMPLATE, volume(volumeType="gp4"), "blockDeviceMappings[0].ebs.volumeType"),
    (TEMPLATE, volume(volumeType="gp2", iops=3000), "blockDeviceMappings[0].ebs.iops"),
    (TEMPLATE, volume(encrypted=True), "blockDeviceMappings[0].ebs.encrypted"),
    (TEMPLATE, {"metadataOptions": {"httpTokens": "require"}}, "metadataOptions.httpTokens"),
    (TEMPLATE, {"metadataOptions": {"httpTokenz": "required"}}, "metadataOptions.httpTokenz"),
    (TEMPLATE, {"iamInstanceProfile": {"arn": "role"}}, "iamInstanceProfile.arn"),
    (
        TEMPLATE,
        {"tagSpecifications": [{"resourceType": "vpc"}]},
        "tagSpecifications[0].resourceType",
    ),
    (
        TEMPLATE,
        {"vpcSecurityGroupIds": ["sg-1"], "networkInterfaces": [{"deviceIndex": 0}]},
        "vpcSecurityGroupIds",
    ),
    (GROUP, {"minSize": 0, "maxSize": 1, "vpcZoneIdentifiers": ["s"]}, "launchTemplate"),
    (GROUP, group(minSize=2), "maxSize"),
    (GROUP, group(maxInstanceLifetime=3600), "maxInstanceLifetime"),
    (GROUP, group(suspendedProcesses=["AzRebalance"]), "suspendedProcesses[0]"),
    (GROUP, group(enabledMetrics=["GroupSize"]), "enabledMetrics[0]"),
    (GROUP, group(waitForCapacityTimeout="ten minutes"), "waitForCapacityTimeout"),
    (GROUP, group(tags=[{"key": "a", "value": "b"}]), "tags[0].propagateAtLaunch"),
    (POLICY, steps(("0", "1", -1), ("1", None, 2)), "stepAdjustments[0].scalingAdjustment"),
    (POLICY, steps(("0", "1", 1), ("2", None, 2)), "stepAdjustments"),
    (POLICY, steps(("0", "2", 1), ("1", None, 2)), "stepAdjustments"),
    (POLICY, steps(("1", "1", 1)), "stepAdjustments[0]"),
    (POLICY, steps(("x", None, 1)), "stepAdjustments[0]"),
    (POLICY, steps(*((str(i), str(i + 1), i) for i in range(21))), "stepAdjustments"),
    (POLICY, steps((None, None, 1)) | {"cooldown": 60}, "cooldown"),
    (POLICY, {"autoscalingGroupName": "g", "policyType": "StepScaling"}, "adjustmentType"),
    (
        HOOK,
        {"autoscalingGroupName": "g", "lifecycleTransition": "TERMINATING"},
        "lifecycleTransition",
    ),
    (GROUP, group(**spot(onDemandBaseCapacity=-1)), f"{SPOT}.onDemandBaseCapacity"),
    (
        GROUP,
        group(**spot(onDemandPercentageAboveBaseCapacity=101)),
        f"{SPOT}.onDemandPercentageAboveBaseCapacity",
    ),
    (SCHEDULE, {"autoscalingGroupName": "g", "scheduledActionName": "a"}, "maxSize"),
    (SCHEDULE, schedule(minSize=-1), "minSize"),
    (SCHEDULE, schedule(minSize=2, maxSize=1), "minSize"),
    (SCHEDULE, schedule(minSize=-2), "minSize"),
    (SCHEDULE, schedule(recurrence="0 8 * *"), "recurrence"),
    (SCHEDULE, schedule(recurrence="0 24 * * *"), "recurrence"),
    (SCHEDULE, schedule(recurrence="@daily"), "recurrence"),
    (SCHEDULE, schedule(timeZone="UTC"), "timeZone"),
    (SCHEDULE, schedule(timeZone="Europe/Atlantis"), "timeZone"),
    (SCHEDULE, schedule(startTime="tomorrow"), "startTime"),
    (ALARM, alarm(treatMissingData="zero"), "treatMissingData"),
    (ALARM, alarm(datapointsToAlarm=2), "datapointsToAlarm"),
    (ALARM, alarm(period=45), "period"),
    (ALARM, alarm(evaluationPeriods=1441), "evaluationPeriods"),
    (ALARM, alarm(alarmActions=["scale-out"]), "alarmActions[0]"),
    (ALARM, alarm(metricQueries=[query("a")]), "metricQueries"),
    (ALARM, alarm(metricQueries=[query("A", returnData=True)]), "metricQueries[0].id"),
    (
        ALARM,
        alarm(metricQueries=[query("e", "q * 2", returnData=True)]),
        "metricQueries[0].expression",
    ),
    (ALARM, alarm(statistic="p99"), "statistic"),
    (LOGS, {"retentionInDays": 10}, "retentionInDays"),
    (LOGS, {"name": "a b"}, "name"),
    (ROLE, {"assumeRolePolicy": "{"}, "assumeRolePolicy"),
    (ROLE, {"assumeRolePolicy": document(ALLOW)}, "assumeRolePolicy"),
    (ROLE, {"assumeRolePolicy": document(TRUST), "name": "a" * 65}, "name"),
    (ROLE, {"assumeRolePolicy": document(TRUST), "path": "executors"}, "path"),
    (ROLE, {"assumeRolePolicy": document({**TRUST, "Sid": "x" * 2000})}, "assumeRolePolicy"),
    (ROLE_POLICY, {"role": "r", "policy": document()}, "policy"),
    (ROLE_POLICY, {"role": "r", "policy": json.dumps({"Statement": [ALLOW]})}, "policy"),
    (ROLE_POLICY, {"role": "r", "policy": document({**ALLOW, "Action": "putLogs"})}, "policy"),
    (ROLE_POLICY, {"role": "r", "policy": document({**ALLOW, "Resource": "x"})}, "policy"),
    (ROLE_POLICY, {"role": "r", "policy": document({**ALLOW, "Sid": "a-b"})}, "policy"),
    (USER, {"permissionsBoundary": "boundary"}, "permissionsBoundary"),
    (ACCESS_KEY, {"user": "u", "status": "active"}, "status"),
    (SECRET, {"recoveryWindowInDays": 3}, "recoveryWindowInDays"),
    (SECRET, {"name": "a b"}, "name"),
    (SECRET_VERSION, {"secretId": "s", "secretString": "x" * 65537}, "secretString"),
]


@pytest.mark.parametrize(("token", "inputs", "path"), BAD)
def test_what_the_provider_or_aws_refuses_fails_the_check(
    engine: Engine, token: str, inputs: dict[str, Any], path: str
) -> None:
    assert path in engine.failures(token, inputs)


@pytest.mark.parametrize(
    ("token", "inputs"),
    [
        (TEMPLATE, {"userData": base64.b64encode(b"x" * 16384).decode(), "imageId": IMAGE}),
        (TEMPLATE, volume(volumeSize=100, iops=4000, throughput=1000, encrypted="true")),
        (GROUP, group(waitForCapacityTimeout="0", maxInstanceLifetime=0)),
        (POLICY, steps((None, "0.5", 0), ("0.5", "2", 1), ("2", None, 2))),
        (POLICY, steps((UNKNOWN, None, 1)) | {"stepAdjustments": UNKNOWN}),
        (ALARM, alarm(metricQueries=[query("e", "CEIL(q) - q", returnData=True), query("q")])),
        (ALARM, alarm(alarmActions=[UNKNOWN])),
        (GROUP, group(**spot(onDemandBaseCapacity=2, onDemandPercentageAboveBaseCapacity=30))),
        (SCHEDULE, schedule(recurrence="*/5 0,12 1-31/2 * 7", timeZone="Etc/UTC")),
        (SCHEDULE, schedule(autoscalingGroupName=UNKNOWN, minSize=UNKNOWN)),
        (ROLE_POLICY, {"role": UNKNOWN, "policy": UNKNOWN}),
        (SECRET, {"recoveryWindowInDays": 0}),
    ],
)
def test_what_aws_accepts_passes(engine: Engine, token: str, inputs: dict[str, Any]) -> None:
    assert engine.failures(token, inputs) == {}


def test_every_type_has_names_that_the_sdk_has(provider: aws.AwsProvider) -> None:
    for resource in provider.resources.values():
        known = schema.outputs_of(resource.args) | {"tagsAll"}
        named = resource.force_new | resource.in_place | resource.secret_outputs
        assert named | resource.volatile_outputs <= known, resource.token
