"""An executor fills its slots, and ends without losing a job."""

from dataclasses import replace

import pytest

from components.boot.vm import lifetime
from components.boot.vm.agent.decision import Executor
from tests.simulator.worlds import MACHINE, arrive, until, vm, world


def test_a_slot_holds_one_job_and_jobs_start_in_order() -> None:
    of = world()
    arrive(of, 100, 60, 50)
    vm(of)
    assert (of.sourcegraph.queued, of.sourcegraph.processing) == (1, 2)
    until(of, 200)
    assert of.ledger.done == 3
    assert sorted(of.ledger.waits) == [0, 0, 60]
    assert of.ledger.last_done == 110


def test_a_job_is_cut_at_the_executors_limit() -> None:
    of = world()
    vm(of, replace(MACHINE, job_seconds=70.0))
    arrive(of, 500)
    until(of, 600)
    assert of.ledger.last_done == 70


@pytest.mark.parametrize("active", ["10m", "1h"])
def test_an_executor_expires_at_its_vms_own_time(active: str) -> None:
    of = world()
    made, watcher = vm(of, replace(MACHINE, active_time=active, job_seconds=9999.0), name="i-1")
    seconds = float(lifetime.of_vm(active, "i-1").removesuffix("s"))
    arrive(of, seconds + 30)
    until(of, seconds - 1)
    assert made.dequeues
    until(of, seconds + 1)
    # systemd sees a running executor until its last job is done.
    assert (made.dequeues, made.state, watcher.told) == (False, Executor.RUNNING, ["booted"])
    until(of, seconds + 31)
    assert (made.state, watcher.told[-1]) == (Executor.FINISHED, "idle")


def test_the_images_own_executors_expire_together() -> None:
    of = world()
    machine = replace(MACHINE, active_time="10m", spread=False)
    first, second = (vm(of, machine, name)[0] for name in ("i-1", "i-2"))
    until(of, 599)
    assert first.dequeues
    assert second.dequeues
    until(of, 601)
    assert not first.dequeues
    assert not second.dequeues


def test_an_executor_ends_after_its_number_of_jobs() -> None:
    of = world()
    made, watcher = vm(of, replace(MACHINE, total_jobs=3))
    arrive(of, 10, 10, 10, 10)
    until(of, 100)
    assert (of.ledger.done, of.sourcegraph.queued) == (3, 1)
    assert (made.state, watcher.told[-1]) == (Executor.FINISHED, "idle")


def test_a_stopped_executor_finishes_its_jobs_and_takes_none() -> None:
    of = world()
    made, watcher = vm(of)
    arrive(of, 100, 300)
    made.stop()
    arrive(of, 5)
    assert made.state == Executor.STOPPING
    until(of, 300)
    assert (of.ledger.done, of.sourcegraph.queued, watcher.told[-1]) == (2, 1, "idle")
    assert not of.ledger.interrupted


def test_what_systemd_does_not_wait_for_is_lost() -> None:
    of = world()
    made, _ = vm(of, replace(MACHINE, stop_seconds=60.0))
    arrive(of, 300)
    made.stop()
    until(of, 61)
    assert of.ledger.interrupted == {"drain timeout": 1}
    until(of, 400)
    assert (of.ledger.done, of.sourcegraph.queued) == (0, 1), "its end is no news any more"


def test_an_executor_that_starts_again_has_its_whole_active_time() -> None:
    of = world()
    made, _ = vm(of, replace(MACHINE, active_time="10m", spread=False))
    until(of, 500)
    made.stop()
    made.start()
    until(of, 1099)
    assert made.dequeues
    until(of, 1100)
    assert not made.dequeues


def test_hours_of_a_vm_and_of_its_idleness() -> None:
    of = world()
    made, _ = vm(of)
    until(of, 1000)
    arrive(of, 600)
    until(of, 2000)
    made.end("test")
    assert of.ledger.vm_seconds == 2000
    assert of.ledger.idle_seconds == 1000 + 400
