"""One simulation: the pools of a system, a trace, assumptions and a seed."""

import math
from collections.abc import Iterator
from random import Random

from simulator.assumptions import Assumptions
from simulator.aws import AwsGroup
from simulator.clock import Clock
from simulator.cloudwatch import MINUTE, CloudWatch
from simulator.declared import AwsPool, GcpPool
from simulator.gcp import GcpGroup, Monitoring
from simulator.group import Group, World
from simulator.ledger import Ledger, Sample
from simulator.read import System
from simulator.result import Result
from simulator.sourcegraph import Job, Sourcegraph, Worker
from simulator.traces import Trace

TAIL_SECONDS = 2 * 3600
"""Time after the trace in which a fleet shrinks; VM-hours count until it is over."""
LONGEST_SECONDS = 60 * 24 * 3600
"""Of a simulation whose jobs never end, as no VM ever comes."""


def simulate(system: System, trace: Trace, assumptions: Assumptions, seed: int) -> Result:
    """What becomes of a trace's jobs, and what the VMs cost. The same for the same arguments."""
    world = _world(trace, assumptions, seed)
    simulation = _Simulation(system, trace, world)
    world.clock.run(simulation.is_done)
    return simulation.result()


def _world(trace: Trace, assumptions: Assumptions, seed: int) -> World:
    clock, random, ledger = Clock(trace.start), Random(seed), Ledger()
    return World(
        clock, random, assumptions, ledger, Sourcegraph(clock, random, assumptions, ledger)
    )


class _Simulation:
    def __init__(self, system: System, trace: Trace, world: World) -> None:
        self._system, self._trace, self._world = system, trace, world
        clock = world.clock
        world.sourcegraph.serve(system.queues)
        self._worker = Worker(clock, world.sourcegraph, system.queues, system.allocations)
        self._cloudwatch, self._monitoring = CloudWatch(clock), Monitoring(clock)
        self._worker.sinks = {"aws": self._cloudwatch, "gcp": self._monitoring}
        self._groups = [self._group(pool) for pool in system.pools]
        for group in self._groups:
            group.start()
        clock.every(MINUTE, self._sample)
        self._jobs = self._arriving()
        self._arrived = False
        self._arrive_next()
        for start, seconds in trace.silences:
            clock.at(start, self._worker.fall_silent, seconds)
        for group in self._groups:
            for time, part in trace.storms:
                clock.at(time, group.interrupt, part)
            for time in trace.rollouts:
                clock.at(time, group.roll_out)

    def _group(self, pool: AwsPool | GcpPool) -> Group:
        if isinstance(pool, AwsPool):
            return AwsGroup(self._world, pool, self._cloudwatch)
        return GcpGroup(self._world, pool, self._monitoring)

    def _arriving(self) -> Iterator[Job]:
        queues = self._system.queues
        for number, (arrival, duration) in enumerate(self._trace.jobs):
            yield Job(queues[number % len(queues)], arrival, duration)

    def _arrive_next(self) -> None:
        job = next(self._jobs, None)
        if job is None:
            self._arrived = True
        else:
            self._world.clock.at(job.arrival, self._arrive, job)

    def _arrive(self, job: Job) -> None:
        self._world.sourcegraph.arrive(job)
        self._arrive_next()

    def _sample(self) -> None:
        sourcegraph, ledger = self._world.sourcegraph, self._world.ledger
        staying = [vm for group in self._groups for vm in group.staying]
        running = sum(vm.dequeues for vm in staying)
        expired = sum(vm.booted and not (vm.dequeues or vm.broken) for vm in staying)
        leaving = sum(len(group.leaving) for group in self._groups)
        wanted = sum(group.size for group in self._groups)
        need = math.ceil((sourcegraph.queued + sourcegraph.processing) / self._system.slots)
        ledger.largest_need = max(ledger.largest_need, min(need, self._system.largest))
        ledger.sample(
            Sample(self._world.clock.now, sourcegraph.queued, wanted, running, leaving + expired)
        )

    def is_done(self) -> bool:
        now = self._world.clock.now
        ended = self._arrived and not self._world.sourcegraph.unfinished
        return now >= LONGEST_SECONDS or (ended and now >= self._trace.length + TAIL_SECONDS)

    def result(self) -> Result:
        for group in self._groups:
            for vm in [*group.staying, *group.leaving]:
                vm.end("end of the simulation")
            self._world.ledger.refused(self._world.clock.now, group.pool.name, 0)
        return Result.of(self._trace, self._world.ledger, self._world.clock)
