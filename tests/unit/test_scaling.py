"""The plan names the series that the worker publishes, and one VM's part of each."""

import pytest

from components.scaling import aws_plan, gcp_plan
from components.step_scaling import bands, metric_queries
from tests.unit.stacks import AWS, GCP, deployed

BOTH = {"queues": ["codeintel", "batches"], "max": 9, "maximumNumJobs": 4}


def test_several_queues_are_several_series_on_aws() -> None:
    deployment = deployed({"pools": {"both": {**BOTH, "aws": AWS}}})
    plan = aws_plan(deployment, deployment.pools[0])
    assert [series.label for series in plan.series] == ["batches", "codeintel"]


def test_several_queues_are_their_one_combined_series_on_gcp() -> None:
    deployment = deployed({"pools": {"both": {**BOTH, "gcp": GCP}}})
    [series] = gcp_plan(deployment, deployment.pools[0]).series
    assert (series.label, series.jobs_per_vm) == ("batches_codeintel", 4)


def test_the_combined_series_has_every_queue_that_the_worker_knows() -> None:
    changes = {
        "sourcegraph.extraQueues": ["aaa"],
        "pools": {"all": {"queues": ["batches", "codeintel", "aaa"], "gcp": GCP}},
    }
    deployment = deployed(changes)
    [series] = gcp_plan(deployment, deployment.pools[0]).series
    assert series.label == "aaa_batches_codeintel"


def test_a_vm_is_started_for_its_slots_unless_told_otherwise() -> None:
    for changes, jobs in (({}, 4), ({"pools.codeintel.jobsPerInstance": 20}, 20)):
        deployment = deployed(changes)
        [pool] = deployment.pools_on("aws")
        assert aws_plan(deployment, pool).series[0].jobs_per_vm == jobs


@pytest.mark.parametrize(
    ("changes", "scales", "size"),
    [
        ({}, True, (0, 10)),
        ({"pools.codeintel.min": 10}, False, (10, 10)),
        ({"pools.codeintel.min": 2, "pools.codeintel.paused": True}, False, (0, 0)),
    ],
)
def test_a_pool_scales_when_its_size_can_change(
    changes: dict, scales: bool, size: tuple[int, int]
) -> None:
    deployment = deployed(changes)
    plan = aws_plan(deployment, deployment.pools_on("aws")[0])
    assert (plan.scales, (plan.smallest, plan.largest)) == (scales, size)
    assert scales or not [*bands(plan, "out"), *bands(plan, "in")]


def test_alarms_read_what_the_worker_publishes() -> None:
    deployment = deployed({"pools.codeintel.environment": {"X": "y"}})
    plan = aws_plan(deployment, deployment.pools_on("aws")[0])
    [band] = bands(plan, "out")
    queue, group = [q["metric"] for q in metric_queries(plan, "out", band, "g") if "metric" in q]
    assert (queue["namespace"], queue["metric_name"]) == (
        "sourcegraph-executor",
        "src_executors_queue_size",
    )
    assert queue["dimensions"] == {"queueName": "codeintel", "environment": "prod"}
    assert group["metric_name"] == "GroupDesiredCapacity", "the total counts VMs that drain"
    assert group["dimensions"] == {"AutoScalingGroupName": "g"}
