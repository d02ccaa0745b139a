"""What the agent does, decided from what it sees; pure.

Times are seconds since the VM started (CLOCK_MONOTONIC), so no clock can be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

SETTLED_SECONDS = 1800
"""A younger VM ignores a rebalance recommendation: its replacement would come from that market."""
BUSY_SECONDS = 300
"""A VM with jobs leaves only when its group has been too large for so long. While it drains it
takes no jobs, and the autoscaler, which counts it as a member, adds none that would."""
BROKEN_SECONDS = 3600
"""A VM whose boot gave up, or whose executor systemd gave up, leaves when it is this old. So a
broken stack makes at most one VM an hour in each place, and somebody can look at it until then."""
LAST_RESORT_SECONDS = 600
"""A drained VM that is still here after so long is not let go: its calls are refused."""
WAIT_LIMIT_SECONDS = 48 * 3600
"""The longest that a lifecycle hook holds a VM; 100 times its timeout, where that is less."""


class Executor(Enum):
    """What systemd says of the executor."""

    UNSTARTED = "unstarted"
    """Not since the VM started: it boots, or its boot gave up."""
    RUNNING = "running"
    """Also when it starts, or waits to be started again."""
    STOPPING = "stopping"
    """It dequeues nothing and finishes its jobs."""
    FINISHED = "finished"
    """It ended by itself, without an error."""
    FAILED = "failed"
    """systemd does not start it again."""


class Reason(Enum):
    """Why a VM leaves."""

    SCALE_IN = "scale-in"
    """Its AWS group ends it: a smaller size, an instance refresh, its health."""
    SPOT = "spot-interruption"
    """EC2 takes the VM in two minutes."""
    REBALANCE = "rebalance-recommendation"
    """EC2 will probably take the VM."""
    PREEMPTED = "preempted"
    """Compute Engine takes the VM in thirty seconds."""
    MAINTENANCE = "host-maintenance"
    """Compute Engine stops the VM for its host's maintenance."""
    SURPLUS = "surplus"
    """It is among the oldest VMs that its GCP group no longer needs."""
    EXPIRED = "executor-finished"
    """The executor reached its time or its number of jobs."""
    BROKEN = "broken"
    """No executor runs here, and none will."""


class Action(Enum):
    """What to do about it."""

    HOLD = "hold"
    DRAIN = "drain"
    """Note that the VM leaves, which also keeps the executor from starting, and stop it once."""
    BEAT = "heartbeat"
    """Ask the lifecycle hook for more time."""
    WARN = "jobs-at-risk"
    """Say which jobs the cloud will not wait for."""
    RESUME = "resume"
    """Start the executor again."""
    RETIRE = "retire"
    """Ask the group to end this VM."""
    COMPLETE = "complete"
    """Let the lifecycle hook go."""
    POWER_OFF = "power-off"


@dataclass(frozen=True)
class Observation:
    """One look at the VM and its cloud."""

    executor: Executor
    notice: Reason | None = None
    """Why the cloud takes the VM, if it does."""
    surplus: bool | None = None
    """Whether the group can do without this VM; None when that was not looked at or not found."""
    surplus_for: float = 0.0
    """Since how many seconds every look has found that."""
    idle: bool = False
    """Whether it runs no job; not looked at while nobody needs to know."""
    held: bool = False
    """Whether a lifecycle hook waits for this VM."""


@dataclass(frozen=True)
class Drain:
    """A VM on its way out; what outlives a restart of the agent."""

    reason: Reason
    since: float
    idle_since: float | None = None
    """When the last job was done."""
    retiring: bool = False
    """Whether the group was asked to end it: then it must not start again, whatever is listed."""


def decide(seen: Observation, drain: Drain | None, now: float) -> tuple[Action, Reason | None]:
    """The next step, and why."""
    if drain is None:
        reason = _reason_to_leave(seen, now)
        return (Action.HOLD if reason is None else Action.DRAIN), reason
    return _step_of(drain, seen, now), drain.reason


def _reason_to_leave(seen: Observation, now: float) -> Reason | None:
    if seen.notice is not None and (seen.notice != Reason.REBALANCE or now >= SETTLED_SECONDS):
        return seen.notice
    if seen.executor == Executor.FINISHED:
        return Reason.EXPIRED
    if seen.executor in (Executor.UNSTARTED, Executor.FAILED):
        return Reason.BROKEN if now >= BROKEN_SECONDS else None
    leaves = seen.surplus and (seen.idle or seen.surplus_for >= BUSY_SECONDS)
    return Reason.SURPLUS if leaves else None


def _step_of(drain: Drain, seen: Observation, now: float) -> Action:
    if seen.executor == Executor.RUNNING:
        return Action.DRAIN
    if seen.executor == Executor.STOPPING:
        return _while_jobs_run(drain, seen, now)
    overdue = drain.idle_since is not None and now - drain.idle_since >= LAST_RESORT_SECONDS
    if drain.reason == Reason.SURPLUS and seen.notice is None and not drain.retiring:
        # An unknown group is no reason to leave it, and an idle VM serves nobody.
        if overdue or seen.surplus is False:
            return Action.RESUME
        return Action.RETIRE if seen.surplus else Action.HOLD
    if overdue:
        return Action.POWER_OFF
    return Action.COMPLETE if seen.held else Action.RETIRE


def _while_jobs_run(drain: Drain, seen: Observation, now: float) -> Action:
    ends = seen.held and now - drain.since >= WAIT_LIMIT_SECONDS - LAST_RESORT_SECONDS
    if ends or seen.notice in (Reason.SPOT, Reason.PREEMPTED):
        return Action.WARN
    return Action.BEAT if seen.held else Action.HOLD
