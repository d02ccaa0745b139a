"""The agent's loop: look, decide, act."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

import math
import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from ..failures import BootError
from ..web import UnavailableError
from .decision import Action, Drain, Executor, Observation, Reason, decide
from .executor import ExecutorUnit
from .journal import tell
from .memory import Memory
from .pacing import Pacing

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..paths import Paths

T = TypeVar("T")

POLL_SECONDS = 10
LOOK_SECONDS = 60
"""Between two looks at the group."""
ASKED_SECONDS = 300
"""Time that a cloud has to end a VM before it is asked again."""
BUSY = (Executor.RUNNING, Executor.STOPPING)


class Cloud(Protocol):
    """What differs between the clouds. Every method raises UnavailableError."""

    beat_seconds: float
    """From one heartbeat to the next."""

    def notice(self) -> tuple[Reason | None, bool]:
        """Why the cloud takes the VM, and whether a lifecycle hook waits for it."""

    def surplus(self) -> bool | None:
        """Whether the group can do without this VM; None when that cannot be known."""

    def retire(self) -> None:
        """Ask the group to end this VM."""

    def beat(self) -> None:
        """Ask the lifecycle hook for more time."""

    def complete(self) -> None:
        """Let the lifecycle hook go."""


class Agent:
    """Looks, decides and acts, again and again; a restart loses nothing."""

    def __init__(
        self,
        cloud: Cloud,
        unit: ExecutorUnit,
        memory: Memory,
        clock: Callable[[], float] = time.monotonic,
        pacing: Pacing | None = None,
    ) -> None:
        self._cloud, self._unit, self._memory = cloud, unit, memory
        self._clock = clock
        self._pacing = pacing or Pacing()
        self._notice: Reason | None = None
        self._held = False
        self._surplus_since = math.inf
        self._told: dict[object, object] = {}

    def tick(self) -> None:
        """One round. What fails is told and tried again in a later one."""
        now = self._clock()
        try:
            drain = self._memory.load()
            executor = self._unit.state()
            if drain is not None:
                drain = self._note_idle(drain, executor, now)
            seen = self._look(executor, drain, now)
            action, reason = decide(seen, drain, now)
            self._tell_decision(action, reason, seen)
            if self._pacing.due(action, now):
                self._act(action, reason, drain, now)
        except UnavailableError:
            pass  # It is told, and the next call of its kind waits.
        except (BootError, OSError, LookupError, ValueError, TypeError, AttributeError) as error:
            tell("failed", error=repr(error))

    def _note_idle(self, drain: Drain, executor: Executor, now: float) -> Drain:
        busy = executor in BUSY
        if busy == (drain.idle_since is None):
            return drain
        drain = replace(drain, idle_since=None if busy else now)
        self._memory.save(drain)
        return drain

    def _look(self, executor: Executor, drain: Drain | None, now: float) -> Observation:
        try:
            self._notice, self._held = self._cloud.notice()
            self._told.pop("metadata", None)
        except UnavailableError as error:
            self._tell_refusal("metadata", error)
        surplus = None
        # A drained VM looks at the group as it is now, before it leaves it or starts again.
        drained = drain is not None and drain.idle_since is not None
        if drained or (drain is None and executor == Executor.RUNNING):
            kind, pause = ("look-again", 0) if drained else ("look", LOOK_SECONDS)
            if self._pacing.due(kind, now):
                with suppress(UnavailableError):
                    surplus = self._call(kind, self._cloud.surplus, pause, now)
        if surplus is not None:
            self._surplus_since = min(self._surplus_since, now) if surplus else math.inf
        return Observation(
            executor,
            self._notice,
            surplus=surplus,
            surplus_for=max(0.0, now - self._surplus_since),
            idle=bool(surplus) and drain is None and self._unit.idle(),
            held=self._held,
        )

    def _tell_decision(self, action: Action, reason: Reason | None, seen: Observation) -> None:
        fields = {"action": action, "reason": reason, "executor": seen.executor}
        self._tell_news("decision", "decision", {**fields, "notice": seen.notice})

    def _tell_refusal(self, call: Action | str, error: Exception) -> None:
        self._tell_news(call, "refused", {"call": call, "error": str(error)})

    def _tell_news(self, about: Action | str, event: str, fields: dict[str, object]) -> None:
        if self._told.get(about) != fields:
            tell(event, **fields)
        self._told[about] = fields

    def _act(self, action: Action, reason: Reason | None, drain: Drain | None, now: float) -> None:
        if action == Action.DRAIN and reason is not None:
            self._memory.save(drain or Drain(reason, now))
            self._unit.stop()
        elif action == Action.RESUME:
            self._memory.save(None)
            self._unit.start()
        elif action == Action.POWER_OFF:
            self._unit.power_off()
        elif action == Action.WARN:
            tell("jobs-at-risk", reason=reason, jobs=self._unit.jobs())
        elif action == Action.BEAT:
            self._call(action, self._cloud.beat, self._cloud.beat_seconds, now)
        elif action == Action.COMPLETE:
            self._call(action, self._cloud.complete, ASKED_SECONDS, now)
        elif action == Action.RETIRE and drain is not None:
            self._retire(drain, now)

    def _retire(self, drain: Drain, now: float) -> None:
        # Noted first: a call without an answer may have been accepted.
        self._memory.save(replace(drain, retiring=True))
        try:
            self._call(Action.RETIRE, self._cloud.retire, ASKED_SECONDS, now)
        except UnavailableError as error:
            if error.status is not None and error.status < 500:
                self._memory.save(drain)
            raise

    def _call(self, kind: Action | str, attempt: Callable[[], T], pause: float, now: float) -> T:
        """Make a call, and the next one not before `pause`, or a back-off when it is refused."""
        try:
            result = attempt()
        except (UnavailableError, LookupError, ValueError, TypeError, AttributeError) as error:
            self._pacing.refused(kind, now)
            self._tell_refusal(kind, error)
            if isinstance(error, UnavailableError):
                raise
            raise UnavailableError(f"unreadable answer: {error!r}") from None
        self._told.pop(kind, None)
        self._pacing.done(kind, now, pause)
        return result


def watch(cloud: Cloud, paths: Paths) -> None:
    """Run the agent for ever."""
    agent = Agent(cloud, ExecutorUnit(), Memory(paths.leaving))
    while True:
        agent.tick()
        time.sleep(POLL_SECONDS)
