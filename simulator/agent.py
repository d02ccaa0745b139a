"""The agent on a VM: its own decisions (`components.boot.vm.agent`), at the times when they matter.

The real one looks every ten seconds. Here a look takes place, on the same grid, only when its
outcome can differ from that of the look before.
"""

import math
from dataclasses import replace
from typing import Protocol

from components.boot.vm.agent.decision import (
    BROKEN_SECONDS,
    Action,
    Drain,
    Executor,
    Observation,
    decide,
)
from components.boot.vm.agent.loop import ASKED_SECONDS, LOOK_SECONDS, POLL_SECONDS
from simulator.clock import Clock
from simulator.vm import Vm


class AgentsCloud(Protocol):
    """What an agent can ask of its group."""

    beat_seconds: float

    def surplus(self, vm: Vm) -> bool | None:
        """Whether the group can do without the VM."""

    def retire(self, vm: Vm) -> None:
        """End the VM."""

    def beat(self, vm: Vm) -> None:
        """Have the lifecycle hook wait on."""

    def complete(self, vm: Vm) -> None:
        """Let the lifecycle hook go."""


class Agent:
    """Drains the VM when it has to leave, and has it ended after its last job."""

    def __init__(self, vm: Vm, cloud: AgentsCloud, clock: Clock) -> None:
        self._vm, self._cloud, self._clock = vm, cloud, clock
        self._start = 0.0
        self._drain: Drain | None = None
        self._next = math.inf
        self._look_at = math.inf
        self._surplus_since = self._last_look = -math.inf

    def booted(self) -> None:
        """The program runs from now on, before the executor does."""
        self._start = self._next = self._clock.now
        self._tick(self._next)

    def gave_up(self) -> None:
        """The executor will not start."""
        self._wake(BROKEN_SECONDS - (self._clock.now - self._vm.created))

    def idle(self) -> None:
        """The executor has ended."""
        self._wake(0.0)

    def noticed(self) -> None:
        """The cloud takes the VM, as its metadata says from now on."""
        if self._vm.booted:
            self._wake(0.0)

    def elected(self) -> None:
        """A look at the group would find that it can do without this VM."""
        running = self._vm.state == Executor.RUNNING
        if running and self._drain is None and self._look_at == math.inf:
            self._look_at = self._on_grid(self._clock.now, LOOK_SECONDS)
            self._wake(self._look_at - self._clock.now)

    def _wake(self, delay: float) -> None:
        """Look at the first time on the VM's grid that is not before so many seconds from now."""
        time = self._on_grid(self._clock.now + delay, POLL_SECONDS)
        if time < self._next:
            self._next = time
            self._clock.at(time, self._tick, time)

    def _on_grid(self, time: float, pause: float) -> float:
        return self._start + math.ceil(round((time - self._start) / pause, 6)) * pause

    def _tick(self, time: float) -> None:
        if self._vm.gone or time != self._next:
            return
        self._next = math.inf
        now, state = self._clock.now - self._vm.created, self._vm.state
        self._note_idle(state, now)
        action, reason = decide(self._look(state), self._drain, now)
        if action == Action.DRAIN and reason is not None:
            self._drain = self._drain or Drain(reason, now)
            self._vm.stop()
            self._wake(POLL_SECONDS)
        elif action == Action.RESUME:
            self._drain = None
            self._vm.start()
        elif action == Action.BEAT:
            self._cloud.beat(self._vm)
            self._wake(self._cloud.beat_seconds)
        elif action == Action.COMPLETE:
            self._cloud.complete(self._vm)
        elif action == Action.RETIRE and self._drain is not None:
            self._drain = replace(self._drain, retiring=True)
            self._cloud.retire(self._vm)
            self._wake(ASKED_SECONDS)
        elif state == Executor.FINISHED and self._drain is not None:
            self._wake(POLL_SECONDS)

    def _note_idle(self, state: Executor, now: float) -> None:
        drain = self._drain
        if drain is not None:
            busy = state in (Executor.RUNNING, Executor.STOPPING)
            if busy == (drain.idle_since is not None):
                self._drain = replace(drain, idle_since=None if busy else now)

    def _look(self, state: Executor) -> Observation:
        surplus = None
        drained = self._drain is not None and self._drain.idle_since is not None
        if drained or (self._drain is None and self._clock.now >= self._look_at):
            self._look_at = math.inf
            if drained or state == Executor.RUNNING:
                surplus = self._cloud.surplus(self._vm)
        return Observation(
            state,
            self._vm.notice,
            surplus=surplus,
            surplus_for=self._surplus_for() if surplus else 0.0,
            idle=not self._vm.jobs,
            held=self._vm.held_since is not None,
        )

    def _surplus_for(self) -> float:
        """Since when looks have found a surplus: one that was left out would have found none."""
        now = self._clock.now
        if now - self._last_look > 1.5 * LOOK_SECONDS:
            self._surplus_since = now
        self._last_look = now
        return now - self._surplus_since


class ImageScript:
    """What the image does without our agent: it powers the VM off when its executor ends."""

    def __init__(self, vm: Vm, power_off: "PowerOff") -> None:
        self._vm, self._power_off = vm, power_off

    def booted(self) -> None:
        """Nothing watches."""

    def gave_up(self) -> None:
        """Nothing watches."""

    def idle(self) -> None:
        """`/shutdown_executor.sh` (`vm-image/install.sh`)."""
        self._power_off(self._vm)

    def noticed(self) -> None:
        """Nothing watches."""


class PowerOff(Protocol):
    """What a VM that powers itself off means to its group."""

    def __call__(self, vm: Vm) -> None:
        """The VM is off."""
