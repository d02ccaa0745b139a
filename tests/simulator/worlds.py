"""Small worlds for hand-worked cases: no chance, and times that are easy to add up."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from simulator.assumptions import Assumptions
from simulator.aws import AwsGroup
from simulator.clock import Clock
from simulator.cloudwatch import CloudWatch
from simulator.declared import Alarm, AwsPool, GcpPool, Hook, Policy, Step
from simulator.gcp import GcpGroup, Monitoring
from simulator.group import World
from simulator.ledger import Ledger
from simulator.machine import Machine
from simulator.metric_math import Query
from simulator.sourcegraph import Job, Sourcegraph
from simulator.vm import Vm
from simulator.week import MONDAY

HOUR = 3600.0
SPRING = "2026-03-29 00:00 Europe/Berlin"
"""When the clocks skip the hour from two to three."""
AUTUMN = "2026-10-25 00:00 Europe/Berlin"
"""When they show it twice."""

EXACT = Assumptions(boot=100.0, boot_spread=0.0, metric_delay=0.0, group_metric_delay=0.0)

MACHINE = Machine(
    queues=("q",),
    slots=2,
    active_time="0",
    spread=True,
    total_jobs=0,
    job_seconds=1800.0,
    stop_seconds=2100.0,
    agent=True,
)
OFFICIAL = replace(MACHINE, agent=False, spread=False, stop_seconds=90.0)


def world(assumptions: Assumptions = EXACT, start: datetime = MONDAY) -> World:
    """Nothing in it yet but the queue `q`."""
    clock, random, ledger = Clock(start), Random(1), Ledger()  # noqa: S311 - a simulation
    sourcegraph = Sourcegraph(clock, random, assumptions, ledger)
    sourcegraph.serve(["q"])
    return World(clock, random, assumptions, ledger, sourcegraph)


def until(of: World, time: float) -> None:
    """Let time pass."""
    of.clock.at(time, lambda: None)
    of.clock.run(lambda: of.clock.now >= time)


def arrive(of: World, *durations: float) -> list[Job]:
    """Jobs that arrive now."""
    jobs = [Job("q", of.clock.now, duration) for duration in durations]
    for job in jobs:
        of.sourcegraph.arrive(job)
    return jobs


@dataclass
class Watched:
    """A watcher that notes what it is told."""

    told: list[str] = field(default_factory=list)

    def booted(self) -> None:
        self.told.append("booted")

    def gave_up(self) -> None:
        self.told.append("gave up")

    def idle(self) -> None:
        self.told.append("idle")

    def noticed(self) -> None:
        self.told.append("noticed")


def vm(of: World, machine: Machine = MACHINE, name: str = "vm") -> tuple[Vm, Watched]:
    """A booted VM without a group."""
    made, watcher = Vm(name, machine, of.clock, of.sourcegraph, of.ledger), Watched()
    made.watcher = watcher
    made.boot()
    return made, watcher


EXACTLY = Policy(
    kind="StepScaling",
    adjustment_type="ExactCapacity",
    steps=tuple(Step(lower=size, upper=size + 1, adjustment=size) for size in range(10)),
)


def alarm(policy: Policy = EXACTLY, **more: Any) -> Alarm:
    """An alarm on a query `m`; its threshold is 0."""
    fields: dict[str, Any] = {
        "name": "alarm",
        "queries": (Query("m", None, True),),
        "metrics": {},
        "comparison": "GreaterThanOrEqualToThreshold",
        "threshold": 0.0,
        "periods": 1,
        "datapoints": 1,
        "missing": "missing",
        "policy": policy,
    }
    return Alarm(**{**fields, **more})


def aws(of: World, **more: Any) -> AwsGroup:
    """An Auto Scaling group of 0 to 9 VMs with a hook and without alarms."""
    fields: dict[str, Any] = {
        "name": "pool",
        "machine": MACHINE,
        "smallest": 0,
        "largest": 9,
        "first_size": 0,
        "alarms": (),
        "hook": Hook(timeout=1800.0),
        "termination_policies": ("OldestInstance",),
    }
    group = AwsGroup(of, AwsPool(**{**fields, **more}), CloudWatch(of.clock))
    group.start()
    return group


def gcp(of: World, **more: Any) -> tuple[GcpGroup, Callable[[int], None]]:
    """A managed instance group of 0 to 9 VMs, two jobs a VM, and what publishes a queue size."""
    fields: dict[str, Any] = {
        "name": "pool",
        "machine": MACHINE,
        "smallest": 0,
        "largest": 9,
        "first_size": 0,
        "mode": "ONLY_SCALE_OUT",
        "series": {"q": 2.0},
        "stabilization": 180.0,
    }
    monitoring = Monitoring(of.clock)
    group = GcpGroup(of, GcpPool(**{**fields, **more}), monitoring)
    group.start()
    sizes = [0]
    of.clock.every(5.0, lambda: monitoring.publish("q", sizes[0]) if sizes[0] >= 0 else None)

    def publish(size: int) -> None:
        sizes[0] = size

    return group, publish
