"""What the guide to sizes compares: one setting at a time, on traces where it matters."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from simulator.assumptions import Assumptions
from simulator.bench import VMS
from simulator.read import System
from simulator.result import Result
from simulator.simulate import simulate
from simulator.traces import trace

Cloud = Literal["aws", "gcp"]
SLOTS = 4
"""Of a VM, unless slots are compared."""
PREFIX = "sourcegraph-executors"
MACHINES: Mapping[int, Mapping[Cloud, str]] = {
    1: {"aws": "m8i.xlarge", "gcp": "n2-standard-4"},
    2: {"aws": "m8i.2xlarge", "gcp": "n2-standard-8"},
    4: {"aws": "m8i.4xlarge", "gcp": "n2-standard-16"},
    8: {"aws": "m8i.8xlarge", "gcp": "n2-standard-32"},
    16: {"aws": "m8i.16xlarge", "gcp": "n2-standard-64"},
}
"""By slots: four CPUs for each."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A setting, and the values to compare."""

    name: str
    """In the names of pools and files."""
    title: str
    values: tuple[int, ...]
    traces: tuple[str, ...]

    def pool_name(self, cloud: Cloud, value: int) -> str:
        """The pool that has a value on a cloud."""
        return f"{cloud}-{self.name}-{value}"


JOBS = Choice(
    name="jobs",
    title="jobs per VM",
    values=(4, 6, 8, 16, 40),
    traces=("ramp", "many-small"),
)
SIZE = Choice(name="slots", title="slots of a VM", values=tuple(MACHINES), traces=("ramp",))
SMALLEST = Choice(
    name="min", title="min", values=(0, 1, 2, 4, 8), traces=("few-long", "many-small")
)
CHOICES = (JOBS, SIZE, SMALLEST)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What one value of a choice gives on one cloud and trace."""

    choice: Choice
    value: int
    cloud: Cloud
    trace: str
    wait: float
    """The 95th percentile, in seconds."""
    hours: float
    """VM-hours; of VMs with other slots, as many as have the same slots."""


def configuration(bench: Mapping[str, Any]) -> dict[str, Any]:
    """The bench's stack with a pool for each value of each choice, each with its own queue."""
    config = copy.deepcopy(dict(bench))
    pools = config[f"{PREFIX}:pools"]
    queues = config[f"{PREFIX}:sourcegraph"]["extraQueues"]
    for choice in CHOICES:
        for cloud in get_args(Cloud):
            for value in choice.values:
                name = choice.pool_name(cloud, value)
                place = pools[cloud][cloud]
                pools[name] = {"queue": name, **_settings(choice, cloud, value, place)}
                queues.append(name)
    return config


def _settings(choice: Choice, cloud: Cloud, value: int, place: Mapping[str, Any]) -> dict[str, Any]:
    if choice is JOBS:
        return {"jobsPerInstance": value, cloud: place}
    if choice is SMALLEST:
        return {"min": value, cloud: place}
    machine = MACHINES[value][cloud]
    machines = {"machineTypes": [machine]} if cloud == "aws" else {"machineType": machine}
    return {
        "maximumNumJobs": value,
        "max": 50 * SLOTS // value,
        cloud: {**place, **machines, "bootDiskSize": 20 * value + 180},
    }


def figures(pools: Mapping[str, System], assumptions: Assumptions, seed: int) -> Iterator[Figure]:
    """All that is compared."""
    for choice in CHOICES:
        for name in choice.traces:
            for cloud in get_args(Cloud):
                for value in choice.values:
                    system = pools[choice.pool_name(cloud, value)]
                    result = replay(system, name, assumptions, seed)
                    yield Figure(
                        choice=choice,
                        value=value,
                        cloud=cloud,
                        trace=name,
                        wait=result.wait_p95,
                        hours=result.vm_hours * system.slots / SLOTS,
                    )


def replay(system: System, name: str, assumptions: Assumptions, seed: int) -> Result:
    """A trace that is sized to 40 VMs of four slots, whatever slots the system's VMs have."""
    scene = trace(name, VMS * SLOTS // system.slots, system.slots, seed)
    return simulate(system, scene, assumptions, seed)
