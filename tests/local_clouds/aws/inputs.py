"""What tests of the local AWS make: type tokens, and inputs to be changed."""

import base64
import json
from typing import Any

from local_clouds.aws.clients import Clients
from tests.local_clouds.driver import Made

VPC = "aws:ec2/vpc:Vpc"
SUBNET = "aws:ec2/subnet:Subnet"
SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup"
EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP = "aws:autoscaling/group:Group"
POLICY = "aws:autoscaling/policy:Policy"
HOOK = "aws:autoscaling/lifecycleHook:LifecycleHook"
SCHEDULE = "aws:autoscaling/schedule:Schedule"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
USER = "aws:iam/user:User"
ACCESS_KEY = "aws:iam/accessKey:AccessKey"
SECRET = "aws:secretsmanager/secret:Secret"
SECRET_VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
IMAGE = "ami-0123456789abcdef0"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


ALLOW = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
TRUST = {
    "Effect": "Allow",
    "Action": "sts:AssumeRole",
    "Principal": {"Service": "ec2.amazonaws.com"},
}


def steps(*rows: tuple[Any, Any, int]) -> dict[str, Any]:
    found = [
        {"metricIntervalLowerBound": low, "metricIntervalUpperBound": high, "scalingAdjustment": n}
        for low, high, n in rows
    ]
    return {
        "autoscalingGroupName": "g",
        "policyType": "StepScaling",
        "adjustmentType": "ExactCapacity",
        "stepAdjustments": [{k: v for k, v in row.items() if v is not None} for row in found],
    }


def volume(**ebs: Any) -> dict[str, Any]:
    return {
        "blockDeviceMappings": [{"deviceName": "/dev/sda1", "ebs": {"volumeType": "gp3", **ebs}}]
    }


def group(**more: Any) -> dict[str, Any]:
    template = {"launchTemplateSpecification": {"launchTemplateId": "lt-1", "version": "1"}}
    return {
        "minSize": 0,
        "maxSize": 1,
        "vpcZoneIdentifiers": ["subnet-1"],
        "mixedInstancesPolicy": {"launchTemplate": template},
        **more,
    }


SPOT = "mixedInstancesPolicy.instancesDistribution"


def spot(**distribution: Any) -> dict[str, Any]:
    policy = group()["mixedInstancesPolicy"]
    return {"mixedInstancesPolicy": policy | {"instancesDistribution": distribution}}


def schedule(**more: Any) -> dict[str, Any]:
    return {
        "autoscalingGroupName": "g",
        "scheduledActionName": "morning",
        "recurrence": "0 8 * * 1-5",
        "timeZone": "Europe/Berlin",
        "minSize": 2,
        "maxSize": -1,
        "desiredCapacity": -1,
        **more,
    }


def alarm(**more: Any) -> dict[str, Any]:
    rest = {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "threshold": 0}
    metric = {"namespace": "n", "metricName": "m", "period": 60, "statistic": "Sum"}
    return {**rest, **({} if "metricQueries" in more else metric), **more}


def query(name: str, expression: str | None = None, **more: Any) -> dict[str, Any]:
    metric = {"namespace": "n", "metricName": "m", "period": 60, "stat": "Maximum"}
    return {
        "id": name,
        **({"expression": expression} if expression else {"metric": metric}),
        **more,
    }


def template_inputs(network: dict[str, Made], **more: Any) -> dict[str, Any]:
    kinds = ("instance", "volume", "network-interface")
    return {
        "imageId": IMAGE,
        "instanceType": "c5n.metal",
        "userData": base64.b64encode(b"#!/bin/sh").decode(),
        "networkInterfaces": [
            {"associatePublicIpAddress": "true", "securityGroups": [network["firewall"].id]}
        ],
        "tagSpecifications": [{"resourceType": kind, "tags": {"kind": kind}} for kind in kinds],
        **more,
    }


def group_inputs(network: dict[str, Made], template: Made, **more: Any) -> dict[str, Any]:
    specification = {"launchTemplateId": template.id, "version": str(template["latestVersion"])}
    return {
        "minSize": 1,
        "maxSize": 3,
        "vpcZoneIdentifiers": [network["subnet"].id],
        "mixedInstancesPolicy": {"launchTemplate": {"launchTemplateSpecification": specification}},
        "tags": [{"key": "pool", "value": "p", "propagateAtLaunch": True}],
        "forceDelete": True,
        **more,
    }


def instances(clients: Clients, state: str = "running") -> list[dict[str, Any]]:
    filters = [{"Name": "instance-state-name", "Values": [state]}]
    reservations = clients("ec2", "us-east-1").describe_instances(Filters=filters)["Reservations"]
    return [instance for one in reservations for instance in one["Instances"]]
