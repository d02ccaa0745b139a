"""The AWS provider on a moto server: strictness, lifecycles, and what moto has afterwards."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from local_clouds import aws, schema
from local_clouds.aws.clients import Clients
from local_clouds.resource import CloudError
from local_clouds.values import UNKNOWN
from tests.local_clouds.driver import Engine, Made

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


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    aws.seed(address)
    yield address
    server.stop()


@pytest.fixture(scope="module")
def provider(endpoint: str) -> aws.AwsProvider:
    return aws.provider(endpoint)


@pytest.fixture(scope="module")
def clients(endpoint: str) -> Clients:
    return Clients(endpoint)


@pytest.fixture
def engine(provider: aws.AwsProvider) -> Iterator[Engine]:
    engine = Engine(provider)
    engine.configure(region="us-east-1", defaultTags='{"tags": {"stack": "dev"}}')
    yield engine
    engine.delete_all()


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


@pytest.fixture
def network(engine: Engine) -> dict[str, Made]:
    vpc = engine.create(VPC, {"cidrBlock": "10.0.0.0/16"})
    subnet = {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1a"}
    return {
        "vpc": vpc,
        "subnet": engine.create(SUBNET, subnet),
        "firewall": engine.create(SECURITY_GROUP, {"vpcId": vpc.id, "name": "executors"}),
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


class TestGroup:
    def test_its_vms_carry_the_tags_of_group_and_template(
        self, engine: Engine, network: dict[str, Made], clients: Clients
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network))
        engine.create(GROUP, group_inputs(network, template))
        (instance,) = instances(clients)
        tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
        assert tags.items() >= {("pool", "p"), ("kind", "instance")}
        client = clients("ec2", "us-east-1")
        (disk,) = client.describe_volumes()["Volumes"]
        (card,) = client.describe_network_interfaces()["NetworkInterfaces"]
        assert {"Key": "kind", "Value": "volume"} in disk["Tags"]
        assert {"Key": "kind", "Value": "network-interface"} in card["TagSet"]
        assert [one["GroupName"] for one in card["Groups"]] == ["executors"]

    def test_a_new_template_version_reaches_new_vms_only(
        self, engine: Engine, network: dict[str, Made], clients: Clients
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network))
        pool = engine.create(GROUP, group_inputs(network, template))
        engine.update(template, template_inputs(network, instanceType="m5n.metal"))
        assert template["latestVersion"] == 2
        engine.update(pool, group_inputs(network, template, minSize=2))
        assert sorted(one["InstanceType"] for one in instances(clients)) == [
            "c5n.metal",
            "m5n.metal",
        ]

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"template": {"instanceMarketOptions": {"marketType": "spot"}}}, "market options"),
            ({"template": {"iamInstanceProfile": {"name": "nobody"}}}, "profile nobody does not"),
            (
                {"template": {"networkInterfaces": [{"securityGroups": ["sg-0a"]}]}},
                "sg-0a does not",
            ),
            ({"group": {"vpcZoneIdentifiers": ["subnet-0a"]}}, "subnet-0a does not exist"),
            ({"version": "7"}, "Version 7"),
            ({"overrides": [{"instanceType": "c5n.huge"}]}, "no instance type c5n.huge"),
        ],
    )
    def test_a_bad_reference_is_refused_when_the_group_is_made(
        self, engine: Engine, network: dict[str, Made], wrong: dict[str, Any], says: str
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network, **wrong.get("template", {})))
        inputs = group_inputs(network, template, **wrong.get("group", {}))
        policy = inputs["mixedInstancesPolicy"]["launchTemplate"]
        policy["overrides"] = wrong.get("overrides", [])
        if "version" in wrong:
            policy["launchTemplateSpecification"]["version"] = wrong["version"]
        with pytest.raises(CloudError, match=says):
            engine.create(GROUP, inputs)

    def test_protected_vms_block_a_deletion_that_is_not_forced(
        self, engine: Engine, network: dict[str, Made], clients: Clients
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network))
        inputs = group_inputs(network, template, protectFromScaleIn=True)
        pool = engine.create(GROUP, inputs | {"forceDelete": False})
        with pytest.raises(CloudError, match="forceDelete"):
            engine.delete(pool)
        engine.update(pool, inputs)
        engine.delete(pool)
        assert instances(clients) == []

    def test_what_moto_keeps_is_refreshed_and_the_rest_echoed(
        self, engine: Engine, network: dict[str, Made], clients: Clients
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network))
        inputs = group_inputs(
            network,
            template,
            defaultInstanceWarmup=0,
            suspendedProcesses=["AZRebalance"],
            enabledMetrics=["GroupDesiredCapacity"],
        )
        pool = engine.create(GROUP, inputs)
        assert pool["defaultInstanceWarmup"] == 0
        clients("autoscaling", "us-east-1").resume_processes(
            AutoScalingGroupName=pool.id, ScalingProcesses=["AZRebalance"]
        )
        read = engine.read(pool)
        assert read is not None
        assert engine.diff(read, inputs).diffs == ["suspendedProcesses"]

    def test_a_size_that_is_not_changed_is_not_sent(
        self, engine: Engine, network: dict[str, Made], clients: Clients
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network))
        pool = engine.create(GROUP, group_inputs(network, template))
        client, name = clients("autoscaling", "us-east-1"), {"AutoScalingGroupName": pool.id}
        client.update_auto_scaling_group(**name, MinSize=2)
        with pytest.raises(CloudError, match="Min bound, 2, must be at most max bound, 1"):
            engine.update(pool, group_inputs(network, template, maxSize=1))
        engine.update(pool, group_inputs(network, template, maxSize=4))
        assert (pool["minSize"], pool["maxSize"]) == (2, 4)

    def test_an_ignored_property_stays_as_it_is(
        self, engine: Engine, network: dict[str, Made]
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network))
        pool = engine.create(GROUP, group_inputs(network, template))
        engine.update(
            pool, group_inputs(network, template, minSize=0, maxSize=4), ignore=["minSize"]
        )
        assert (pool["minSize"], pool["maxSize"]) == (1, 4)

    def test_an_alarm_action_must_be_a_policy_that_exists(
        self, engine: Engine, network: dict[str, Made]
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network))
        pool = engine.create(GROUP, group_inputs(network, template))
        scaler = steps((None, "1", 0), ("1", None, 1)) | {"autoscalingGroupName": pool.id}
        policy = engine.create(POLICY, scaler)
        engine.create(ALARM, alarm(alarmActions=[policy["arn"]]))
        with pytest.raises(CloudError, match="no scaling policy"):
            engine.create(ALARM, alarm(name="b", alarmActions=[policy["arn"] + "x"]))

    def test_an_alarm_reaches_topics_of_its_own_region_only(self, engine: Engine) -> None:
        topic = "arn:aws:sns:{}:123456789012:executors"
        made = engine.create(ALARM, alarm(okActions=[topic.format("us-east-1")]))
        assert engine.read(made) == made
        with pytest.raises(CloudError, match="Only us-east-1 is supported"):
            engine.create(ALARM, alarm(name="b", alarmActions=[topic.format("eu-west-1")]))

    def test_a_policy_needs_its_group(self, engine: Engine) -> None:
        with pytest.raises(CloudError, match="g does not exist"):
            engine.create(POLICY, steps((None, None, 1)))


class TestSecrets:
    def test_a_deleted_secret_blocks_its_name_through_its_recovery_window(
        self, engine: Engine, clients: Clients
    ) -> None:
        engine.delete(engine.create(SECRET, {"name": "kept"}))
        with pytest.raises(CloudError, match="scheduled for deletion"):
            engine.create(SECRET, {"name": "kept"})
        client = clients("secretsmanager", "us-east-1")
        client.delete_secret(SecretId="kept", ForceDeleteWithoutRecovery=True)

    def test_without_a_window_the_name_is_free_at_once(self, engine: Engine) -> None:
        inputs = {"name": "free", "recoveryWindowInDays": 0}
        engine.delete(engine.create(SECRET, inputs))
        engine.create(SECRET, inputs)

    def test_a_new_value_replaces_the_version_and_stays_secret(self, engine: Engine) -> None:
        secret = engine.create(SECRET, {"recoveryWindowInDays": 0})
        version = engine.create(SECRET_VERSION, {"secretId": secret.id, "secretString": "one"})
        assert version.outputs["secretString"].is_secret
        diff = engine.diff(version, {"secretId": secret.id, "secretString": "two"})
        assert diff.replaces == ["secretString"]


class TestIam:
    def test_a_key_tells_its_secret_once_and_keeps_it(self, engine: Engine) -> None:
        user = engine.create(USER, {})
        key = engine.create(ACCESS_KEY, {"user": user["name"]})
        read = engine.read(key)
        assert read is not None
        assert read["secret"] == key["secret"]
        assert key.outputs["secret"].is_secret

    def test_a_user_with_keys_is_not_deleted_unless_forced(self, engine: Engine) -> None:
        user = engine.create(USER, {})
        key = engine.create(ACCESS_KEY, {"user": user["name"]})
        with pytest.raises(CloudError, match="has access keys"):
            engine.delete(user)
        engine.delete(key)

    def test_inline_policies_of_a_role_share_one_limit(self, engine: Engine) -> None:
        role = engine.create(ROLE, {"assumeRolePolicy": document(TRUST)})
        wide = document({**ALLOW, "Resource": [f"arn:aws:s3:::{'b' * 60}{i}" for i in range(70)]})
        engine.create(ROLE_POLICY, {"role": role["name"], "policy": wide}, name="one")
        with pytest.raises(CloudError, match="10240"):
            engine.create(ROLE_POLICY, {"role": role["name"], "policy": wide}, name="two")


class TestConfiguration:
    def test_default_tags_are_applied_and_shown_in_tags_all_only(
        self, engine: Engine, clients: Clients
    ) -> None:
        logs = engine.create(LOGS, {"tags": {"own": "1"}})
        assert logs["tags"] == {"own": "1"}
        assert logs["tagsAll"] == {"own": "1", "stack": "dev"}
        client = clients("logs", "us-east-1")
        assert client.list_tags_for_resource(resourceArn=logs["arn"])["tags"] == logs["tagsAll"]

    def test_changed_default_tags_update_the_resource(self, engine: Engine) -> None:
        logs = engine.create(LOGS, {})
        engine.configure(region="us-east-1", defaultTags='{"tags": {"stack": "prod"}}')
        assert engine.diff(logs, {}).diffs == ["tagsAll"]
        assert engine.update(logs, {})["tagsAll"] == {"stack": "prod"}

    def test_a_resource_can_live_in_another_region_and_partition(self, engine: Engine) -> None:
        logs = engine.create(LOGS, {"region": "us-gov-west-1"})
        assert logs["arn"].startswith("arn:aws-us-gov:logs:us-gov-west-1:")

    def test_the_newest_image_of_a_release_is_found(self, engine: Engine) -> None:
        names = [{"name": "name", "values": ["sourcegraph-executors-6-10-*"]}]
        query = {"owners": ["185007729374"], "filters": names, "mostRecent": True}
        image = engine.invoke("aws:ec2/getAmi:getAmi", **query)
        assert image["name"].startswith("sourcegraph-executors-6-10-")
        names[0]["values"] = ["sourcegraph-executors-9-9-*"]
        with pytest.raises(CloudError, match="no results"):
            engine.invoke("aws:ec2/getAmi:getAmi", **query)

    def test_the_users_aws_environment_does_not_leak_in(
        self, endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        client = Clients(endpoint)("sts", "us-east-1")
        assert client.get_caller_identity()["Account"] == "123456789012"

    def test_requests_that_the_service_model_forbids_never_reach_moto(
        self, clients: Clients
    ) -> None:
        client = clients("autoscaling", "us-east-1")
        with pytest.raises(CloudError, match="AutoScalingGroupName has length 256"):
            client.describe_scaling_activities(AutoScalingGroupName="g" * 256)


class TestSchedules:
    @pytest.fixture
    def pool(self, engine: Engine, network: dict[str, Made]) -> Made:
        template = engine.create(TEMPLATE, template_inputs(network))
        return engine.create(GROUP, group_inputs(network, template))

    def test_a_size_of_minus_one_is_not_sent(
        self, engine: Engine, pool: Made, clients: Clients
    ) -> None:
        made = engine.create(SCHEDULE, schedule(autoscalingGroupName=pool.id))
        (action,) = clients("autoscaling", "us-east-1").describe_scheduled_actions()[
            "ScheduledUpdateGroupActions"
        ]
        assert action["MinSize"] == 2
        assert action.keys().isdisjoint({"MaxSize", "DesiredCapacity"})
        assert (made["maxSize"], made["desiredCapacity"]) == (-1, -1)
        assert engine.read(made) == made

    def test_no_two_start_at_one_time_and_none_is_made_twice(
        self, engine: Engine, pool: Made
    ) -> None:
        morning = schedule(autoscalingGroupName=pool.id)
        engine.create(SCHEDULE, morning)
        with pytest.raises(CloudError, match="start time exists already"):
            engine.create(SCHEDULE, morning | {"scheduledActionName": "other"})
        with pytest.raises(CloudError, match="morning already"):
            engine.create(SCHEDULE, morning | {"recurrence": "0 9 * * *"})
        with pytest.raises(CloudError, match="g does not exist"):
            engine.create(SCHEDULE, schedule(scheduledActionName="nobodys"))

    def test_a_recorded_start_is_not_sent_again(self, engine: Engine, pool: Made) -> None:
        morning = schedule(autoscalingGroupName=pool.id)
        made = engine.create(SCHEDULE, morning)
        with pytest.raises(CloudError, match="replace the action"):
            engine.update(made, morning | {"minSize": 3})

    def test_a_group_has_a_limited_number_of_them(
        self, engine: Engine, pool: Made, clients: Clients
    ) -> None:
        client = clients("autoscaling", "us-east-1")
        for number in range(125):
            name = {"AutoScalingGroupName": pool.id, "ScheduledActionName": f"a{number}"}
            client.put_scheduled_update_group_action(
                **name, MinSize=1, Recurrence=f"{number % 60} {number // 60} * * *"
            )
        with pytest.raises(CloudError, match="125 scheduled actions already"):
            engine.create(SCHEDULE, schedule(autoscalingGroupName=pool.id))


class TestDrift:
    def test_a_resource_deleted_by_hand_reads_as_gone(
        self, engine: Engine, clients: Clients
    ) -> None:
        for token, inputs, call in (
            (
                LOGS,
                {},
                lambda made: clients("logs", "us-east-1").delete_log_group(logGroupName=made.id),
            ),
            (USER, {}, lambda made: clients("iam", "us-east-1").delete_user(UserName=made.id)),
            (
                VPC,
                {"cidrBlock": "10.1.0.0/16"},
                lambda made: clients("ec2", "us-east-1").delete_vpc(VpcId=made.id),
            ),
            (
                ALARM,
                alarm(),
                lambda made: clients("cloudwatch", "us-east-1").delete_alarms(AlarmNames=[made.id]),
            ),
        ):
            made = engine.create(token, inputs)
            call(made)
            assert engine.read(made) is None
            engine.delete(made)

    def test_an_untouched_resource_reads_as_it_was_made(
        self, engine: Engine, network: dict[str, Made]
    ) -> None:
        template = engine.create(TEMPLATE, template_inputs(network))
        pool = engine.create(GROUP, group_inputs(network, template))
        for made in (*network.values(), template, pool):
            assert engine.read(made) == made
