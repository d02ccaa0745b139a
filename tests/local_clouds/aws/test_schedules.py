"""Scheduled actions of the local AWS."""

import pytest

from local_clouds.aws.clients import Clients
from local_clouds.resource import CloudError
from tests.local_clouds.aws.inputs import (
    GROUP,
    SCHEDULE,
    TEMPLATE,
    group_inputs,
    schedule,
    template_inputs,
)
from tests.local_clouds.driver import Engine, Made


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
