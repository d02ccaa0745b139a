"""What the agent does when a cloud's answers are late, lost or unreadable."""

from collections.abc import Iterator

import pytest

from components.boot.vm.agent.decision import Reason
from components.boot.vm.web import UnavailableError
from tests.unit.agent.fakes import MINUTE, Vm, World


class Scripted:
    """A cloud that says what a test wants; an exception among the answers is raised."""

    beat_seconds = 450.0

    def __init__(self) -> None:
        self.reason: Reason | None = None
        self.needed: bool | Exception | None = True
        self.refusals: Iterator[BaseException] = iter(())
        self.retired = 0

    def notice(self) -> tuple[Reason | None, bool]:
        return self.reason, False

    def surplus(self) -> bool | None:
        if isinstance(self.needed, Exception):
            raise self.needed
        return None if self.needed is None else not self.needed

    def retire(self) -> None:
        self.retired += 1
        for refusal in self.refusals:
            raise refusal

    def beat(self) -> None:
        raise AssertionError

    def complete(self) -> None:
        raise AssertionError


@pytest.fixture
def cloud() -> Scripted:
    return Scripted()


@pytest.fixture
def world(vm: Vm, cloud: Scripted) -> World:
    made = World(vm, lambda: cloud, lambda: None)
    made.start_agent()
    return made


def drain(world: World, cloud: Scripted) -> None:
    """Elected, drained, and asked to be deleted once."""
    world.pass_time(30)
    cloud.needed = False
    while not cloud.retired:
        world.pass_time(30)


def test_one_that_is_being_deleted_does_not_start_again(
    vm: Vm, cloud: Scripted, world: World
) -> None:
    drain(world, cloud)
    cloud.needed = True
    world.pass_time(4 * MINUTE)
    assert (vm.starts, cloud.retired, vm.alive) == (0, 1, True)


def test_a_call_without_an_answer_may_have_been_heard(
    vm: Vm, cloud: Scripted, world: World
) -> None:
    cloud.refusals = iter([UnavailableError("no answer"), UnavailableError("HTTP 503", 503)])
    drain(world, cloud)
    cloud.needed = True
    world.pass_time(4 * MINUTE)
    assert vm.starts == 0
    assert cloud.retired == 3


def test_a_call_that_was_refused_leaves_the_choice(vm: Vm, cloud: Scripted, world: World) -> None:
    cloud.refusals = iter([UnavailableError("HTTP 429", 429)])
    drain(world, cloud)
    cloud.needed = True
    world.pass_time(MINUTE)
    assert (vm.starts, vm.state) == (1, "active")


def test_an_agent_killed_while_it_asks_knows_that_it_asked(
    vm: Vm, cloud: Scripted, world: World
) -> None:
    cloud.refusals = iter([KeyboardInterrupt()])
    with pytest.raises(KeyboardInterrupt):
        drain(world, cloud)
    cloud.needed = True
    world.start_agent()
    world.pass_time(4 * MINUTE)
    assert vm.starts == 0


@pytest.mark.parametrize("answer", [KeyError("items"), UnavailableError("HTTP 403", 403), None])
def test_a_group_that_cannot_be_known_keeps_its_vms(
    vm: Vm, cloud: Scripted, world: World, answer: Exception | None
) -> None:
    cloud.needed = answer
    world.pass_time(10 * MINUTE)
    assert vm.signals == 0
    cloud.needed = False
    vm.jobs = [vm.now + 10 * MINUTE]
    world.pass_time(8 * MINUTE)
    assert vm.signals == 1
    cloud.needed = answer
    world.pass_time(10 * MINUTE)
    assert (vm.starts, cloud.retired) == (0, 0)
    world.pass_time(5 * MINUTE)
    assert (vm.starts, vm.state, cloud.retired) == (1, "active", 0)


def test_a_busy_vm_that_is_needed_in_between_begins_to_wait_anew(
    vm: Vm, cloud: Scripted, world: World
) -> None:
    vm.jobs = [vm.now + 60 * MINUTE]
    for _ in range(5):
        cloud.needed = False
        world.pass_time(4 * MINUTE)
        cloud.needed = True
        world.pass_time(2 * MINUTE)
    assert vm.signals == 0
    cloud.needed = False
    world.pass_time(7 * MINUTE)
    assert vm.signals == 1


def test_a_vm_whose_jobs_end_does_not_wait(vm: Vm, cloud: Scripted, world: World) -> None:
    vm.jobs = [vm.now + 2 * MINUTE]
    cloud.needed = False
    world.pass_time(MINUTE)
    assert vm.signals == 0
    world.pass_time(3 * MINUTE)
    assert (vm.signals, cloud.retired) == (1, 1)


def test_a_notice_is_heard_while_the_group_is_unreadable(
    vm: Vm, cloud: Scripted, world: World
) -> None:
    cloud.needed = KeyError("status")
    cloud.reason = Reason.MAINTENANCE
    world.pass_time(30)
    assert vm.signals == 1
    world.pass_time(MINUTE)
    assert cloud.retired == 1


def test_a_drained_vm_that_still_has_a_notice_leaves(vm: Vm, cloud: Scripted, world: World) -> None:
    cloud.needed = False
    vm.jobs = [vm.now + 5 * MINUTE]
    world.pass_time(2 * MINUTE)
    cloud.needed, cloud.reason = True, Reason.PREEMPTED
    world.pass_time(5 * MINUTE)
    assert (vm.starts, cloud.retired) == (0, 1)
