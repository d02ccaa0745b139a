"""The agent on AWS: whatever happens around it, no job that the cloud would wait for is killed."""

import re
from itertools import pairwise

import pytest

from components.boot.vm.agent.aws import HEARTBEAT_SECONDS, HOOK
from tests.unit.agent.fakes import HOUR, MINUTE, Aws, Vm, World, aws_world

LIMIT = 48 * HOUR


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    """What the agent told, each line as its fields."""
    told = capsys.readouterr().out.splitlines()
    assert all(line.startswith("executor-agent: event=") for line in told)
    return [dict(re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', line)) for line in told]


def decisions(capsys: pytest.CaptureFixture[str]) -> list[tuple[str, ...]]:
    return [
        (line["action"], line.get("reason", ""))
        for line in lines(capsys)
        if line["event"] == "decision"
    ]


def test_scale_in_waits_for_the_jobs(
    vm: Vm, aws: Aws, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    vm.jobs = [vm.now + 45 * MINUTE, vm.now + 80 * MINUTE]
    world.pass_time(5 * MINUTE)
    aws.terminate()
    world.pass_time(3 * HOUR)
    assert (vm.alive, vm.killed, vm.signals) == (False, 0, 1)
    assert vm.now < 100 + 82 * MINUTE
    assert aws.replacements == 0
    beats = aws.named("RecordLifecycleActionHeartbeat")
    assert max(b - a for a, b in pairwise(beats)) < HEARTBEAT_SECONDS / 2
    assert decisions(capsys) == [
        ("hold", ""),
        ("drain", "scale-in"),
        ("heartbeat", "scale-in"),
        ("complete", "scale-in"),
    ]


def test_an_idle_vm_leaves_at_once(vm: Vm, aws: Aws, world: World) -> None:
    aws.terminate()
    world.pass_time(MINUTE)
    assert not vm.alive
    assert aws.named("TerminateInstanceInAutoScalingGroup") == []


def test_an_expired_vm_is_replaced_without_a_smaller_group(
    vm: Vm, aws: Aws, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    vm.state = "inactive"
    world.pass_time(2 * MINUTE)
    assert (vm.alive, vm.killed, aws.replacements) == (False, 0, 1)
    assert decisions(capsys) == [
        ("drain", "executor-finished"),
        ("retire", "executor-finished"),
        ("complete", "executor-finished"),
    ]


@pytest.mark.parametrize("minutes", [1, 30])
def test_a_spot_notice_stops_dequeuing_at_once_and_says_what_is_lost(
    vm: Vm, aws: Aws, world: World, minutes: int, capsys: pytest.CaptureFixture[str]
) -> None:
    vm.jobs = [vm.now + minutes * MINUTE]
    aws.interrupted = True
    world.pass_time(10, step=10)
    assert vm.signals == 1
    world.pass_time(110, step=10)
    told = [line for line in lines(capsys) if line["event"] == "jobs-at-risk"]
    assert all(line["reason"] == "spot-interruption" for line in told)
    assert told[-1]["jobs"] == f"job-{100 + minutes * MINUTE}"
    if minutes == 1:
        assert (vm.alive, vm.killed, aws.replacements) == (False, 0, 1)
    else:
        assert len(told) >= 10
        assert vm.alive
        vm.end()
        assert vm.killed == 1


def test_a_rebalance_recommendation_drains_a_settled_vm_only(
    vm: Vm, aws: Aws, world: World
) -> None:
    vm.jobs = [vm.now + 2 * HOUR]
    aws.rebalance = True
    world.pass_time(20 * MINUTE)
    assert vm.signals == 0
    world.pass_time(15 * MINUTE)
    assert vm.signals == 1
    world.pass_time(2 * HOUR)
    assert (vm.alive, vm.killed, aws.replacements) == (False, 0, 1)


@pytest.mark.parametrize("killed_for", [10, 5 * MINUTE, 25 * MINUTE])
def test_an_agent_that_is_killed_in_mid_drain_goes_on_where_it_was(
    vm: Vm, aws: Aws, world: World, killed_for: float
) -> None:
    vm.jobs = [vm.now + 90 * MINUTE]
    aws.terminate()
    for _ in range(2):
        world.pass_time(MINUTE)
        world.agent = None
        world.pass_time(killed_for)
        world.start_agent()
    world.pass_time(2 * HOUR)
    assert (vm.alive, vm.killed, vm.signals) == (False, 0, 1)


def test_an_agent_that_is_killed_after_every_round_still_leaves(
    vm: Vm, aws: Aws, world: World
) -> None:
    vm.jobs = [vm.now + 40 * MINUTE]
    vm.expire()
    for _ in range(100 * 2):
        world.pass_time(30)
        world.start_agent()
        if vm.now > 50 * MINUTE and vm.state == "active":
            vm.state = "inactive"
    assert (vm.alive, vm.killed) == (False, 0)
    assert aws.replacements == 1


def test_no_executor_starts_on_a_vm_that_leaves(vm: Vm, aws: Aws, world: World) -> None:
    vm.jobs = [vm.now + 20 * MINUTE]
    aws.terminate()
    world.pass_time(MINUTE)
    assert vm.leaving.exists()
    vm.state, vm.jobs = "inactive", []
    vm.command("systemctl", "start", "--no-block", "executor.service")
    assert (vm.state, vm.starts) == ("inactive", 0)


@pytest.mark.parametrize("when", ["before", "draining", "drained"])
def test_metadata_that_is_down_for_a_minute_changes_nothing(
    vm: Vm, aws: Aws, world: World, when: str
) -> None:
    vm.jobs = [vm.now + 10 * MINUTE]
    if when == "before":
        aws.down = True
        world.pass_time(MINUTE)
        assert vm.signals == 0
    aws.terminate()
    if when != "before":
        world.pass_time({"draining": 2, "drained": 9}[when] * MINUTE)
        aws.down = True
        world.pass_time(2 * MINUTE)
    assert (vm.alive, vm.killed) == (True, 0)
    aws.down = False
    world.pass_time(20 * MINUTE)
    assert (vm.alive, vm.killed, vm.signals) == (False, 0, 1)


def test_an_expired_token_is_renewed(vm: Vm, aws: Aws, world: World) -> None:
    world.pass_time(MINUTE)
    aws.token = "token-2"
    aws.terminate()
    world.pass_time(MINUTE)
    assert not vm.alive


def test_a_throttled_api_is_asked_again_more_and_more_slowly(
    vm: Vm, aws: Aws, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    vm.jobs = [vm.now + 20 * MINUTE]
    aws.terminate()
    world.pass_time(10)
    aws.throttled = True
    world.pass_time(18 * MINUTE)
    told = [line for line in lines(capsys) if line["event"] == "refused"]
    pauses = [b - a for a, b in pairwise(aws.refused)]
    assert len(pauses) > 4
    assert (pauses, pauses[-1]) == (sorted(pauses), 120)
    assert len(told) == 1
    assert told[0] == {
        "event": "refused", "call": "heartbeat",
        "error": '"HTTP status 400, Throttling: Rate exceeded"',
    }  # fmt: skip
    aws.throttled = False
    world.pass_time(HOUR)
    assert (vm.alive, vm.killed) == (False, 0)


def test_power_off_is_the_last_resort(
    vm: Vm, aws: Aws, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    vm.jobs = [vm.now + 5 * MINUTE]
    aws.throttled = True
    aws.terminate()
    world.pass_time(14 * MINUTE)
    assert (vm.alive, vm.killed) == (True, 0)
    world.pass_time(3 * MINUTE)
    assert (vm.alive, vm.killed) == (False, 0)
    assert decisions(capsys)[-1] == ("power-off", "scale-in")


@pytest.mark.parametrize("skew", [-3 * HOUR, 3 * HOUR])
def test_a_wrong_clock_is_corrected_by_the_server_s(vm: Vm, aws: Aws, skew: float) -> None:
    world = aws_world(vm, aws, skew)
    vm.jobs = [vm.now + 40 * MINUTE]
    aws.terminate()
    world.pass_time(HOUR)
    assert (vm.alive, vm.killed) == (False, 0)
    assert aws.named("RecordLifecycleActionHeartbeat")


def test_the_longest_wait_ends_with_a_warning(
    vm: Vm, aws: Aws, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    vm.jobs = [vm.now + 100 * HOUR]
    aws.terminate()
    world.pass_time(2 * MINUTE)
    world.pass_time(LIMIT - HOUR, step=25 * MINUTE)
    world.pass_time(2 * HOUR, step=3 * MINUTE)
    assert vm.killed == 1
    assert vm.now - 100 > LIMIT - 6 * MINUTE
    assert lines(capsys)[-1]["event"] == "jobs-at-risk"


@pytest.mark.parametrize(("state", "started"), [("inactive", False), ("failed", True)])
def test_a_vm_that_cannot_work_leaves_after_an_hour(
    vm: Vm, aws: Aws, world: World, state: str, started: bool
) -> None:
    vm.state, vm.ever_started = state, started
    world.pass_time(58 * MINUTE)
    assert vm.alive
    assert aws.calls == []
    world.pass_time(3 * MINUTE)
    assert (vm.alive, aws.replacements) == (False, 1)


def test_a_systemd_that_does_not_answer_is_waited_for(
    vm: Vm, aws: Aws, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.terminate()
    vm.broken = True
    world.pass_time(MINUTE)
    assert vm.alive
    assert {line["event"] for line in lines(capsys)} == {"failed"}
    vm.broken = False
    world.pass_time(MINUTE)
    assert not vm.alive


def test_the_journal_holds_no_credential(
    vm: Vm, aws: Aws, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.throttled = True
    vm.state = "inactive"
    world.pass_time(20 * MINUTE)
    told = capsys.readouterr()
    for secret in ("token-1", "AKID", "session", "Signature"):
        assert secret not in told.out + told.err


def test_the_hook_is_what_the_fake_waits_for(aws: Aws) -> None:
    assert aws.hook == (HOOK, HEARTBEAT_SECONDS)
    assert 100 * HEARTBEAT_SECONDS >= LIMIT
