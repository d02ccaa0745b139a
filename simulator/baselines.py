"""The official modules' scaling, version 6.10, with the values that they declare.

`modules/executors/main.tf` of terraform-aws-executors and of terraform-google-executors: queries,
steps and defaults as there. Slots, sizes and jobs are those of the pool that is compared.
"""

from dataclasses import replace
from typing import Any

from components.scaling import AWS_METRIC, AWS_NAMESPACE
from simulator.declared import AwsPool, GcpPool, Pool
from simulator.machine import Machine
from simulator.read import System
from simulator.read_aws import alarm, policy

AWS_JOBS_PER_INSTANCE = 360
"""Default of `jobs_per_instance_scaling`."""
GCP_STABILIZATION = 600.0
"""Compute Engine's default, which the module keeps."""
STOP_SECONDS = 90.0
"""systemd's default, which the image keeps."""


def aws(system: System, jobs_per_instance: int) -> System:
    """The AWS module in place of a system's pools."""
    first = system.pools[0]
    pool = AwsPool(
        **_common(system, active_time="2h", total_jobs=1800),
        alarms=tuple(
            alarm(
                f"official-{change:+d}",
                {
                    "metricQueries": _queries(first.machine.queues, jobs_per_instance),
                    "comparisonOperator": comparison,
                    "threshold": 0,
                    "evaluationPeriods": 1,
                    "datapointsToAlarm": 1,
                },
                policy({"adjustmentType": "ChangeInCapacity", "scalingAdjustment": change}, {}),
            )
            for comparison, change in (("GreaterThanThreshold", 1), ("LessThanThreshold", -1))
        ),
        hook=None,
    )
    return replace(system, pools=(pool,), allocations={})


def gcp(system: System, jobs_per_instance: int) -> System:
    """The GCP module in place of a system's pools."""
    pool = GcpPool(
        **_common(system, active_time="12h", total_jobs=200),
        mode="ON",
        series={_label(system.pools[0].machine.queues): float(jobs_per_instance)},
        stabilization=GCP_STABILIZATION,
    )
    return replace(system, pools=(replace(pool, replaces_running=True),), allocations={})


def _common(system: System, *, active_time: str, total_jobs: int) -> dict[str, Any]:
    first: Pool = system.pools[0]
    smallest = sum(pool.smallest for pool in system.pools)
    machine: Machine = replace(
        first.machine,
        active_time=active_time,
        total_jobs=total_jobs,
        spread=False,
        stop_seconds=STOP_SECONDS,
        agent=False,
    )
    return {
        "name": "official",
        "machine": machine,
        "smallest": smallest,
        "largest": system.largest,
        "first_size": smallest,
        # One market for the whole group, one zone.
        "spot_part": 1.0 if first.spot_part else 0.0,
    }


def _label(queues: tuple[str, ...]) -> str:
    return "_".join(queues)


def _queries(queues: tuple[str, ...], jobs_per_instance: int) -> list[dict[str, Any]]:
    return [
        {
            "id": "queueSize",
            "metric": {
                "namespace": AWS_NAMESPACE,
                "metricName": AWS_METRIC,
                "dimensions": {"queueName": _label(queues)},
            },
        },
        {
            "id": "instanceCount",
            "metric": {
                "namespace": "AWS/AutoScaling",
                "metricName": "GroupTotalInstances",
                "dimensions": {},
            },
        },
        {
            "id": "utilization",
            "expression": f"CEIL(queueSize / {jobs_per_instance}) - instanceCount",
            "returnData": True,
        },
    ]
