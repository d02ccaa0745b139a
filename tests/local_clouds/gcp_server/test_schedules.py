"""Scaling schedules of the local GCP, and what an agent reads of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from components.boot.vm.agent.election import recommended_size
from tests.local_clouds.gcp_cloud import LocalGcp, refused

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
OFFICE = {
    "schedule": "30 7 * * 1,2,3,4,5",
    "timeZone": "Europe/Berlin",
    "durationSec": 36000,
    "minRequiredReplicas": 4,
}


@pytest.fixture
def pool(pool: LocalGcp) -> LocalGcp:
    pool.clock.moment = MONDAY
    return pool


def at(pool: LocalGcp, hour: int, minute: int = 0, day: int = 1) -> None:
    """Set the clock, in UTC; Berlin is two hours ahead in June."""
    pool.clock.moment = datetime(2026, 6, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"durationSec": 299}, "at least 300"),
        ({"durationSec": None}, "durationSec"),
        ({"schedule": "30 7 * *"}, "cron expression"),
        ({"schedule": "30 24 * * *"}, "from 0 to 23"),
        ({"schedule": "30 7 * * 5-1"}, "from 0 to 7"),
        ({"schedule": "30 7 * * MONDAY"}, "from 0 to 7"),
        ({"schedule": "x 7 * * *"}, "from 0 to 59"),
        ({"schedule": "1,, 7 * * *"}, "no minute"),
        ({"timeZone": "Europe/Atlantis"}, "tz database"),
        ({"minRequiredReplicas": -1}, "at least 0"),
    ],
)
def test_bad_schedules_are_refused(pool: LocalGcp, changes: dict[str, Any], message: str) -> None:
    with refused(400, message):
        pool.autoscaler(scalingSchedules={"office": OFFICE | changes})


def test_names_numbers_and_company_are_checked(pool: LocalGcp) -> None:
    with refused(400, "match of regex"):
        pool.autoscaler(scalingSchedules={"Office": OFFICE})
    with refused(400, "At most 128"):
        pool.autoscaler(scalingSchedules={f"s{i}": OFFICE for i in range(129)})
    with refused(400, "another autoscaling signal"):
        pool.autoscaler(scalingSchedules={"a": OFFICE}, customMetricUtilizations=[])


def test_a_schedule_raises_the_recommendation_while_it_is_in_force(pool: LocalGcp) -> None:
    pool.autoscaler(scalingSchedules={"office": OFFICE})
    for hour, minute, size, state in (
        (5, 29, 0, "READY"),
        (5, 30, 4, "ACTIVE"),
        (15, 29, 4, "ACTIVE"),
        (15, 30, 0, "READY"),
    ):
        at(pool, hour, minute)
        pool.write_queue_size(0)
        at(pool, hour, minute)
        seen = pool.seen_autoscaler()
        assert (seen["recommendedSize"], hour, minute) == (size, hour, minute)
        assert seen["scalingScheduleStatus"]["office"]["state"] == state
        # What VMs ask before they leave holds the schedule's minimum.
        assert recommended_size(seen) == size
    assert len(pool.instances()) == 4


def test_more_work_than_the_minimum_still_counts(pool: LocalGcp) -> None:
    pool.autoscaler(scalingSchedules={"office": OFFICE})
    at(pool, 9)
    pool.write_queue_size(36)
    assert pool.seen_autoscaler()["recommendedSize"] == 9


def test_of_overlapping_schedules_the_largest_counts(pool: LocalGcp) -> None:
    more = {"schedule": "0 8 * * *", "durationSec": 3600, "minRequiredReplicas": 7}
    pool.autoscaler(scalingSchedules={"office": OFFICE, "more": more})
    at(pool, 8, 30)
    pool.write_queue_size(0)
    assert pool.seen_autoscaler()["recommendedSize"] == 7


def test_a_window_passes_midnight_and_a_disabled_one_does_nothing(pool: LocalGcp) -> None:
    late = {"schedule": "0 23 * * SUN", "durationSec": 10800, "minRequiredReplicas": 2}
    pool.autoscaler(scalingSchedules={"late": late, "off": OFFICE | {"disabled": True}})
    at(pool, 1, 59)
    pool.write_queue_size(0)
    at(pool, 1, 59)
    seen = pool.seen_autoscaler()
    assert seen["recommendedSize"] == 2
    assert seen["scalingScheduleStatus"]["off"]["state"] == "DISABLED"
    at(pool, 9)
    pool.write_queue_size(0)
    assert pool.seen_autoscaler()["recommendedSize"] == 0


def test_without_data_nobody_leaves_whatever_the_schedule_says(pool: LocalGcp) -> None:
    pool.autoscaler(scalingSchedules={"office": OFFICE})
    at(pool, 9)
    seen = pool.seen_autoscaler()
    assert seen["recommendedSize"] == 4
    assert recommended_size(seen) is None


def test_sizes_outside_of_the_limits_are_told(pool: LocalGcp) -> None:
    low, high = OFFICE | {"minRequiredReplicas": 1}, OFFICE | {"minRequiredReplicas": 11}
    pool.autoscaler(minNumReplicas=2, scalingSchedules={"low": low, "high": high})
    at(pool, 9)
    pool.write_queue_size(0)
    seen = pool.seen_autoscaler()
    kinds = {detail["type"] for detail in seen["statusDetails"]}
    assert seen["recommendedSize"] == 10
    assert kinds >= {
        "SCHEDULED_INSTANCES_GREATER_THAN_AUTOSCALER_MAX",
        "SCHEDULED_INSTANCES_LESS_THAN_AUTOSCALER_MIN",
    }
    # Warnings of this kind are no reason to hold.
    assert recommended_size(seen) == 10
