"""One VM and the executor on it."""

from typing import Protocol

from components.boot.vm.agent.decision import Executor, Reason
from simulator.clock import Clock
from simulator.ledger import Ledger
from simulator.machine import Machine
from simulator.sourcegraph import Job, Sourcegraph

NEVER = float("inf")


class Watcher(Protocol):
    """Who is told what happens on a VM: the agent, or the image's own script."""

    def booted(self) -> None:
        """The VM is up, and the executor starts next."""

    def gave_up(self) -> None:
        """It does not: the boot has given up."""

    def idle(self) -> None:
        """The executor has ended: it dequeues no more, and its last job is done."""

    def noticed(self) -> None:
        """The cloud has said that it takes the VM."""


class Vm:
    """A VM from its request on. Its executor fills its slots until it expires or is stopped."""

    watcher: Watcher

    def __init__(
        self, name: str, machine: Machine, clock: Clock, sourcegraph: Sourcegraph, ledger: Ledger
    ) -> None:
        self.name, self.machine = name, machine
        self.queues = machine.queues
        self.created = clock.now
        self.zone = 0
        self.spot = False
        self.notice: Reason | None = None
        self.held_since: float | None = None
        """Since when a lifecycle hook waits for the VM."""
        self.broken = False
        """Whether its boot gives up."""
        self.jobs: set[Job] = set()
        self.booted = self.stopped = self.gone = False
        self._dequeues = False
        self._clock, self._sourcegraph, self._ledger = clock, sourcegraph, ledger
        self._taken = 0
        self._starts = 0
        self._idle_since = NEVER

    @property
    def free_slots(self) -> int:
        """Slots that could take a job now."""
        return self.machine.slots - len(self.jobs) if self._dequeues else 0

    @property
    def dequeues(self) -> bool:
        """Whether the executor takes jobs."""
        return self._dequeues

    @property
    def state(self) -> Executor:
        """What systemd says of the executor; one that has expired still runs until its last job."""
        if not self._starts:
            return Executor.UNSTARTED
        if self._dequeues or (self.jobs and not self.stopped):
            return Executor.RUNNING
        return Executor.STOPPING if self.jobs else Executor.FINISHED

    def boot(self) -> None:
        """The VM is up, unless it is gone before."""
        if not self.gone:
            self.booted = True
            # The agent is there before the executor, which does not start on a VM that leaves.
            self.watcher.booted()
            if self.broken:
                self.watcher.gave_up()
                return
            self._idle_since = self._clock.now
            if not self.stopped:
                self.start()

    def start(self) -> None:
        """Start the executor, with a new active time."""
        self._dequeues, self.stopped = True, False
        self._taken = 0
        self._starts += 1
        active = self.machine.active_seconds(self.name)
        if active:
            self._clock.after(active, self._expire, self._starts)
        self._sourcegraph.offer(self)

    def stop(self, cause: str = "drain timeout") -> None:
        """Let the executor finish its jobs; those that take longer than systemd waits are lost."""
        self._close()
        self.stopped = True
        if self.jobs:
            self._clock.after(self.machine.stop_seconds, self._overdue, self._starts, cause)

    def run(self, job: Job) -> None:
        """Take a job."""
        if not self.jobs:
            self._count_idle()
        self.jobs.add(job)
        job.vm = self
        self._clock.after(min(job.duration, self.machine.job_seconds), self._finish, job)
        self._taken += 1
        if self._taken == self.machine.total_jobs:
            self._expire(self._starts)

    def _finish(self, job: Job) -> None:
        if job.vm is not self or self.gone:
            return
        self._leave(job)
        self._sourcegraph.done(job)
        if self._dequeues:
            self._sourcegraph.offer(self)
        elif not self.jobs:
            self.watcher.idle()

    def _leave(self, job: Job) -> None:
        job.vm = None
        self.jobs.remove(job)
        if not self.jobs:
            self._idle_since = self._clock.now

    def _expire(self, start: int) -> None:
        if start == self._starts and self._dequeues and not self.gone:
            self._close()
            if not self.jobs:
                self.watcher.idle()

    def _close(self) -> None:
        self._dequeues = False
        self._sourcegraph.withdraw(self)

    def _overdue(self, start: int, cause: str) -> None:
        if start == self._starts and self.stopped and self.jobs and not self.gone:
            self._lose(cause)
            self.watcher.idle()

    def end(self, cause: str) -> None:
        """The VM is gone, with the jobs that still run."""
        if self.gone:
            return
        self._close()
        self._lose(cause)
        self._count_idle()
        self.gone = True
        seconds = self._clock.now - self.created
        self._ledger.vm_seconds += seconds
        if self.broken and self.booted:
            self._ledger.broken += 1
            self._ledger.broken_seconds += seconds

    def _lose(self, cause: str) -> None:
        for job in sorted(self.jobs, key=lambda job: (job.arrival, job.duration)):
            self._leave(job)
            self._sourcegraph.lost(job, cause)

    def _count_idle(self) -> None:
        if self._idle_since != NEVER:
            self._ledger.idle_seconds += self._clock.now - self._idle_since
        self._idle_since = NEVER
