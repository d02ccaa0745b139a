"""What the provider's configuration does, and what drift is."""

from typing import Any

import pytest

from local_clouds.aws.clients import Clients
from local_clouds.resource import CloudError
from tests.local_clouds.aws.inputs import (
    ALARM,
    GROUP,
    LOGS,
    TEMPLATE,
    USER,
    VPC,
    alarm,
    group_inputs,
    template_inputs,
)
from tests.local_clouds.driver import Engine, Made


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

    @pytest.mark.parametrize(
        ("token", "inputs"),
        [
            ("aws:ec2/eip:Eip", {"domain": "vpc"}),
            ("aws:ec2/internetGateway:InternetGateway", {}),
            (VPC, {"cidrBlock": "10.0.0.0/16"}),
        ],
    )
    def test_tags_of_ec2_change_in_place(
        self, engine: Engine, token: str, inputs: dict[str, Any]
    ) -> None:
        made = engine.create(token, inputs | {"tags": {"kept": "1", "changed": "1", "gone": "1"}})
        changed = inputs | {"tags": {"kept": "1", "changed": "2", "new": "1"}}
        assert engine.diff(made, changed).replaces == []
        engine.update(made, changed)
        read = engine.read(made)
        assert read is not None
        assert read["tags"] == changed["tags"]

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
