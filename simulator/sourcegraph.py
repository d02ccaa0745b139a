"""Sourcegraph's side: queues, lost jobs, and the queue sizes that its worker publishes."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Protocol

from simulator.assumptions import Assumptions
from simulator.clock import Clock
from simulator.ledger import Ledger
from simulator.lottery import Lottery

if TYPE_CHECKING:
    from simulator.vm import Vm

HEARTBEAT_LOSS_SECONDS = 25
"""A job without a heartbeat for so long is stalled (worker store options of both queues)."""
MAX_RESETS = 3
"""A job that stalls more often fails (the same options)."""
PUBLISH_SECONDS = 5
"""Between two values of one queue (`cmd/worker/internal/executorqueue/reporter.go`)."""
COMBINED_SECONDS = 30
"""The same for the series of all queues together."""
WEIGHTS = {"batches": 4}
"""How an executor of several queues picks among those with jobs; others weigh 1."""


@dataclass(eq=False, slots=True)
class Job:
    """One job; `duration` is what it takes from a start to its end."""

    queue: str
    arrival: float
    duration: float
    resets: int = 0
    started: float | None = None
    """When it started for the first time."""
    began: float = 0.0
    """When it started for the last time."""
    vm: "Vm | None" = None
    """Where it runs."""


class Sourcegraph:
    """Queued jobs go to executors that ask; which of them asks first is chance."""

    def __init__(
        self, clock: Clock, random: Random, assumptions: Assumptions, ledger: Ledger
    ) -> None:
        self._clock, self._random, self._ledger = clock, random, ledger
        self._assumptions = assumptions
        self._queued: dict[str, deque[Job]] = {}
        self._processing: Counter[str] = Counter()
        self._free: dict[str, Lottery[Vm]] = {}
        self.unfinished = 0
        """Jobs that have arrived and have neither ended nor failed."""

    def serve(self, queues: Iterable[str]) -> None:
        """Make queues known."""
        for queue in queues:
            self._queued.setdefault(queue, deque())
            self._free.setdefault(queue, Lottery(self._random))

    @property
    def queued(self) -> int:
        """Jobs that wait, in all queues."""
        return sum(map(len, self._queued.values()))

    @property
    def processing(self) -> int:
        """Jobs that run, or are believed to."""
        return self._processing.total()

    def outstanding(self, queue: str) -> int:
        """Jobs of a queue that wait or run."""
        return len(self._queued[queue]) + self._processing[queue]

    def size(self, queue: str) -> int:
        """What the worker counts."""
        if self._assumptions.metric == "queued":
            return len(self._queued[queue])
        return self.outstanding(queue)

    def arrive(self, job: Job) -> None:
        """A new job: it starts at once when an executor has a free slot."""
        self.unfinished += 1
        self._enqueue(job)

    def _enqueue(self, job: Job) -> None:
        self._queued[job.queue].append(job)
        free = self._free[job.queue]
        if free:
            self._start(job.queue, free.draw())

    def offer(self, vm: "Vm") -> None:
        """An executor asks for jobs until its slots are full or no job waits."""
        while vm.free_slots:
            waiting = [queue for queue in vm.queues if self._queued[queue]]
            if not waiting:
                for queue in vm.queues:
                    self._free[queue].add(vm)
                return
            if len(waiting) > 1:
                weights = [WEIGHTS.get(queue, 1) for queue in waiting]
                waiting = self._random.choices(waiting, weights)
            self._start(waiting[0], vm)

    def withdraw(self, vm: "Vm") -> None:
        """An executor asks no more."""
        for queue in vm.queues:
            self._free[queue].discard(vm)

    def _start(self, queue: str, vm: "Vm") -> None:
        job = self._queued[queue].popleft()
        self._processing[queue] += 1
        if job.started is None:
            job.started = self._clock.now
        job.began = self._clock.now
        vm.run(job)
        if not vm.free_slots:
            self.withdraw(vm)

    def done(self, job: Job) -> None:
        """A job has ended."""
        self._processing[job.queue] -= 1
        self.unfinished -= 1
        self._ledger.ended(
            self._clock.now, job.began - job.arrival, (job.started or 0.0) - job.arrival
        )

    def lost(self, job: Job, cause: str) -> None:
        """A job's VM is gone. The job counts as running until somebody looks for its heartbeat."""
        self._ledger.interrupted[cause] += 1
        pause = self._assumptions.resetter
        stalled = self._clock.now + HEARTBEAT_LOSS_SECONDS
        self._clock.at((stalled // pause + 1) * pause, self._reset, job)

    def _reset(self, job: Job) -> None:
        self._processing[job.queue] -= 1
        job.resets += 1
        if job.resets > MAX_RESETS:
            self.unfinished -= 1
            self._ledger.failed += 1
        else:
            self._enqueue(job)


class Sink(Protocol):
    """Where a cloud keeps the published sizes."""

    def publish(self, label: str, value: int) -> None:
        """Take the newest value of a series by the name of its queue."""


class Worker:
    """Publishes sizes to each cloud; silent during outages."""

    def __init__(
        self,
        clock: Clock,
        sourcegraph: Sourcegraph,
        queues: tuple[str, ...],
        allocations: Mapping[tuple[str, str], float],
    ) -> None:
        self._clock, self._sourcegraph, self._queues = clock, sourcegraph, queues
        self._allocations = allocations
        self.sinks: dict[str, Sink] = {}
        self.silent = False
        clock.every(PUBLISH_SECONDS, self._single)
        if len(queues) > 1:
            clock.every(COMBINED_SECONDS, self._combined)

    def _single(self) -> None:
        for queue in self._queues:
            self._publish(queue, self._sourcegraph.size(queue), queue)

    def _combined(self) -> None:
        total = sum(self._sourcegraph.size(queue) for queue in self._queues)
        self._publish("_".join(self._queues), total, self._queues[0])

    def _publish(self, label: str, size: int, queue: str) -> None:
        if self.silent:
            return
        for cloud, sink in self.sinks.items():
            # Rounded down, and the first queue's part for all together (`external_emitter.go`).
            sink.publish(label, int(size * self._allocations.get((queue, cloud), 1.0)))

    def fall_silent(self, seconds: float) -> None:
        """Publish nothing for a while."""
        self.silent = True
        self._clock.after(seconds, self._speak)

    def _speak(self) -> None:
        self.silent = False
