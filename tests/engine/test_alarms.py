"""Native alarms, made by the real engine in both clouds and taken away again."""

from typing import Any

import pytest

from local_clouds import inventory
from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.gcp.api import Api
from tests import stacks
from tests.engine.conftest import GCP_PROJECT, stack
from tests.recorder import PROJECT

pytestmark = pytest.mark.engine
TOPIC = "arn:aws:sns:us-east-1:123456789012:executors"


def policies(clouds: Clouds) -> list[dict[str, Any]]:
    """What Cloud Monitoring has."""
    listed = Api(clouds.gcp_endpoint).alert_policies.list(name=GCP_PROJECT).execute()
    return listed.get("alertPolicies", [])


def test_alarms_come_and_go(clouds: Clouds, channel: str) -> None:
    alerts = {"aws": [TOPIC], "gcp": [channel]}
    made = stack(clouds, {**stacks.dev(), f"{PROJECT}:alerts": alerts})
    made.up()
    assert made.refresh().is_unchanged
    client = Clients(clouds.aws_endpoint)("cloudwatch", "us-east-1")
    alarms = client.describe_alarms()["MetricAlarms"]
    told = {a["AlarmName"].rsplit("-", 1)[0] for a in alarms if a["AlarmActions"] == [TOPIC]}
    assert told == {"executors-codeintel-silence", "executors-codeintel-launches"}
    assert [policy["notificationChannels"] for policy in policies(clouds)] == [[channel]] * 2
    without = stack(clouds, stacks.dev())
    without.up()
    assert policies(clouds) == []
    without.destroy()
    assert inventory.list_all(clouds, {"us-east-1"}) == {channel}
