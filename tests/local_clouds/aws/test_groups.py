"""Auto Scaling groups of the local AWS: their VMs, their references, their policies."""

from typing import Any

import pytest

from local_clouds.aws.clients import Clients
from local_clouds.resource import CloudError
from tests.local_clouds.aws.inputs import (
    ALARM,
    GROUP,
    POLICY,
    TEMPLATE,
    alarm,
    group_inputs,
    instances,
    steps,
    template_inputs,
)
from tests.local_clouds.driver import Engine, Made


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
