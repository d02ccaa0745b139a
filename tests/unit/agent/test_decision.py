"""Every rule of the decision, one by one, and what the agent remembers and tells."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.boot.vm.agent import journal
from components.boot.vm.agent.decision import (
    BROKEN_SECONDS,
    BUSY_SECONDS,
    LAST_RESORT_SECONDS,
    SETTLED_SECONDS,
    Action,
    Drain,
    Executor,
    Observation,
    Reason,
    decide,
)
from components.boot.vm.agent.executor import ExecutorUnit
from components.boot.vm.agent.memory import Memory
from components.boot.vm.agent.pacing import LONGEST_SECONDS, Pacing
from components.boot.vm.failures import BootError

BUSY = (Executor.RUNNING, Executor.STOPPING)
EXECUTORS = st.sampled_from(Executor)
TIMES = st.floats(0, 10**6)
OBSERVATIONS = st.builds(
    Observation,
    EXECUTORS,
    st.none() | st.sampled_from(Reason),
    surplus=st.none() | st.booleans(),
    surplus_for=TIMES,
    idle=st.booleans(),
    held=st.booleans(),
)
DRAINS = st.builds(Drain, st.sampled_from(Reason), TIMES, st.none() | TIMES, st.booleans())


@given(OBSERVATIONS, st.none() | DRAINS, TIMES)
def test_a_vm_with_jobs_is_never_ended(seen: Observation, drain: Drain | None, now: float) -> None:
    action, _ = decide(seen, drain, now)
    if seen.executor in BUSY or drain is None:
        ending = (Action.RETIRE, Action.COMPLETE, Action.POWER_OFF, Action.RESUME)
        assert action not in ending


@given(OBSERVATIONS, DRAINS, TIMES)
def test_one_that_asked_to_be_ended_never_starts_again(
    seen: Observation, drain: Drain, now: float
) -> None:
    asked = replace(drain, reason=Reason.SURPLUS, retiring=True)
    assert decide(replace(seen, notice=None), asked, now)[0] != Action.RESUME


def busy_surplus(seconds: float) -> Observation:
    return Observation(Executor.RUNNING, surplus=True, surplus_for=seconds)


def idle(reason: Reason, since: float = 0) -> Drain:
    return Drain(reason, 0, since)


@pytest.mark.parametrize(
    ("seen", "drain", "now", "action"),
    [
        (Observation(Executor.RUNNING), None, 10**5, Action.HOLD),
        (Observation(Executor.STOPPING), None, 10**5, Action.HOLD),
        (Observation(Executor.UNSTARTED), None, BROKEN_SECONDS - 1, Action.HOLD),
        (Observation(Executor.UNSTARTED), None, BROKEN_SECONDS, Action.DRAIN),
        (Observation(Executor.FAILED), None, BROKEN_SECONDS - 1, Action.HOLD),
        (Observation(Executor.FAILED), None, BROKEN_SECONDS, Action.DRAIN),
        (Observation(Executor.UNSTARTED, surplus=True, idle=True), None, 9, Action.HOLD),
        (Observation(Executor.RUNNING, surplus=True, idle=True), None, 9, Action.DRAIN),
        (busy_surplus(BUSY_SECONDS - 1), None, 10**5, Action.HOLD),
        (busy_surplus(BUSY_SECONDS), None, 10**5, Action.DRAIN),
        (Observation(Executor.RUNNING, surplus=False, idle=True), None, 9, Action.HOLD),
        (Observation(Executor.RUNNING, Reason.REBALANCE), None, SETTLED_SECONDS - 1, Action.HOLD),
        (Observation(Executor.RUNNING, Reason.SPOT), None, 1, Action.DRAIN),
        (Observation(Executor.FINISHED), idle(Reason.SURPLUS), 9, Action.HOLD),
        (Observation(Executor.FINISHED, surplus=True), idle(Reason.SURPLUS), 9, Action.RETIRE),
        (Observation(Executor.FINISHED, surplus=False), idle(Reason.SURPLUS), 9, Action.RESUME),
        (
            Observation(Executor.FINISHED),
            idle(Reason.SURPLUS),
            LAST_RESORT_SECONDS,
            Action.RESUME,
        ),
        (
            Observation(Executor.FINISHED, Reason.PREEMPTED, surplus=False),
            idle(Reason.SURPLUS),
            9,
            Action.RETIRE,
        ),
        (
            Observation(Executor.FINISHED),
            idle(Reason.EXPIRED),
            LAST_RESORT_SECONDS,
            Action.POWER_OFF,
        ),
        (Observation(Executor.FAILED, held=True), idle(Reason.SCALE_IN), 9, Action.COMPLETE),
    ],
)
def test_the_rules(seen: Observation, drain: Drain | None, now: float, action: Action) -> None:
    assert decide(seen, drain, now)[0] == action


@settings(max_examples=20, deadline=None)
@given(DRAINS)
def test_a_drain_is_remembered_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, drain: Drain
) -> None:
    memory = Memory(tmp_path_factory.mktemp("run") / "agent/leaving.json")
    assert memory.load() is None
    memory.save(drain)
    assert memory.load() == drain
    memory.save(None)
    memory.save(None)
    assert memory.load() is None


@pytest.mark.parametrize("text", ["", "{", "[]", '["no reason", 1, null, false]', "7"])
def test_an_unreadable_memory_is_a_vm_that_leaves(tmp_path: Path, text: str) -> None:
    (tmp_path / "leaving.json").write_text(text)
    drain = Memory(tmp_path / "leaving.json").load()
    assert drain is not None
    assert drain.reason == Reason.EXPIRED


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ("ActiveState=active\nInactiveExitTimestampMonotonic=9", Executor.RUNNING),
        ("ActiveState=activating\nInactiveExitTimestampMonotonic=9", Executor.RUNNING),
        ("ActiveState=reloading\nInactiveExitTimestampMonotonic=9", Executor.RUNNING),
        ("ActiveState=deactivating\nInactiveExitTimestampMonotonic=9", Executor.STOPPING),
        ("ActiveState=deactivating\nJob=7\nInactiveExitTimestampMonotonic=9", Executor.STOPPING),
        ("ActiveState=inactive\nInactiveExitTimestampMonotonic=9", Executor.FINISHED),
        ("ActiveState=inactive\nJob=0\nInactiveExitTimestampMonotonic=9", Executor.FINISHED),
        ("ActiveState=inactive\nJob=7\nInactiveExitTimestampMonotonic=9", Executor.RUNNING),
        ("ActiveState=failed\nInactiveExitTimestampMonotonic=9", Executor.FAILED),
        ("ActiveState=inactive\nInactiveExitTimestampMonotonic=0", Executor.UNSTARTED),
        ("ActiveState=inactive\nInactiveExitTimestampMonotonic=", Executor.UNSTARTED),
    ],
)
def test_what_systemd_says(shown: str, state: Executor) -> None:
    assert ExecutorUnit(lambda *_: shown + "\n").state() == state


def test_an_unknown_number_of_jobs_is_no_failure() -> None:
    def command(*_: str, seconds: float | None = None) -> str:
        assert seconds is not None, "a docker that hangs must not hold up the agent"
        raise BootError("docker does not end")

    assert ExecutorUnit(command).jobs() == "unknown"


def test_pauses_grow_and_begin_anew() -> None:
    pacing = Pacing()
    pauses = list(_pauses(pacing))
    limits = [10, 20, 40, 80, *[LONGEST_SECONDS] * 6]
    for pause, limit in zip(pauses, limits, strict=True):
        assert limit / 2 <= pause <= limit + 1
    pacing.done("call", 0, 5)
    assert not pacing.due("call", 4)
    assert pacing.due("call", 5)
    assert pacing.due("another call", 0)
    assert next(_pauses(pacing)) <= 11


def _pauses(pacing: Pacing) -> Iterator[int]:
    for _ in range(10):
        pacing.refused("call", 0)
        yield next(second for second in range(1000) if pacing.due("call", second))


def test_a_line_is_words_and_quoted_texts(capsys: pytest.CaptureFixture[str]) -> None:
    journal.tell("refused", call=Action.RETIRE, error='no "x"\nor y', none=None, jobs="")
    assert capsys.readouterr().out == (
        'executor-agent: event=refused call=retire error="no \\"x\\"\\nor y" jobs=""\n'
    )
