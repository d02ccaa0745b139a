"""What the local GCP takes as an autoscaler's scale-in control."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import LocalGcp, refused, running

CONTROL = {"maxScaledInReplicas": {"percent": 80}, "timeWindowSec": 840}


@pytest.fixture
def pool() -> Iterator[LocalGcp]:
    with running() as gcp:
        gcp.network()
        gcp.subnetwork()
        gcp.template()
        gcp.group()
        yield gcp


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"maxScaledInReplicas": {}}, "Either fixed or percent"),
        ({"maxScaledInReplicas": {"percent": 80, "fixed": 4}}, "Either fixed or percent"),
        ({"maxScaledInReplicas": {"percent": 101}}, "from 0 to 100"),
        ({"maxScaledInReplicas": {"fixed": 0}}, "a fixed number is positive"),
        ({"timeWindowSec": 0}, "from 1 to 3600"),
        ({"timeWindowSec": 3601}, "from 1 to 3600"),
    ],
)
def test_bad_controls_are_refused(pool: LocalGcp, changes: dict[str, Any], message: str) -> None:
    with refused(400, message):
        pool.autoscaler(scaleInControl=CONTROL | changes)


def test_a_good_one_is_kept(pool: LocalGcp) -> None:
    pool.autoscaler(scaleInControl=CONTROL)
    assert pool.seen_autoscaler()["autoscalingPolicy"]["scaleInControl"] == CONTROL
