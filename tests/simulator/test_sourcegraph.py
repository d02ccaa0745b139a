"""Sourcegraph queues lost jobs again, and publishes what it counts."""

import pytest

from simulator.assumptions import Assumptions
from simulator.sourcegraph import Sourcegraph, Worker
from tests.simulator.worlds import EXACT, arrive, until, vm, world


def test_a_lost_job_counts_as_running_until_the_resetter_looks_after_25_seconds() -> None:
    of = world()
    made, _ = vm(of)
    arrive(of, 600)
    until(of, 50)
    made.end("test")
    # Stalled at 75; the resetter looks at 120.
    until(of, 119)
    assert (of.sourcegraph.queued, of.sourcegraph.processing) == (0, 1)
    until(of, 121)
    assert (of.sourcegraph.queued, of.sourcegraph.processing) == (1, 0)


def test_a_job_is_lost_three_times_and_fails_the_fourth() -> None:
    of = world()
    arrive(of, 1000)
    for turn in range(4):
        made, _ = vm(of)
        assert of.sourcegraph.processing == 1, turn
        until(of, of.clock.now + 10)
        made.end("test")
        until(of, of.clock.now + 200)
    assert (of.ledger.failed, of.ledger.done) == (1, 0)
    assert of.sourcegraph.unfinished == of.sourcegraph.queued == of.sourcegraph.processing == 0


def test_a_wait_ends_with_the_run_that_ends_the_job() -> None:
    of = world()
    first, _ = vm(of)
    arrive(of, 100)
    until(of, 50)
    first.end("test")
    until(of, 200)
    vm(of)
    until(of, 400)
    assert list(of.ledger.waits) == [200]
    assert list(of.ledger.starts) == [0]


@pytest.mark.parametrize(("metric", "size"), [("outstanding", 5), ("queued", 3)])
def test_the_two_meanings_of_the_metric(metric: str, size: int) -> None:
    of = world(Assumptions.of([f"metric={metric}"]))
    vm(of)
    arrive(of, 60, 60, 60, 60, 60)
    assert of.sourcegraph.size("q") == size


class Values:
    """Notes what is published, and when."""

    def __init__(self, sourcegraph: Sourcegraph) -> None:
        self.sourcegraph = sourcegraph
        self.all: list[tuple[str, int]] = []

    def publish(self, label: str, value: int) -> None:
        self.all.append((label, value))


def test_a_part_is_rounded_down_so_one_job_of_two_halves_is_none() -> None:
    of = world()
    worker = Worker(of.clock, of.sourcegraph, ("q",), {("q", "aws"): 0.5, ("q", "gcp"): 0.5})
    clouds = {cloud: Values(of.sourcegraph) for cloud in ("aws", "gcp")}
    worker.sinks = dict(clouds)
    arrive(of, 60)
    until(of, 4)
    assert [values.all for values in clouds.values()] == [[("q", 0)], [("q", 0)]]
    arrive(of, 60, 60)
    until(of, 6)
    assert clouds["aws"].all[-1] == ("q", 1)


def test_several_queues_have_a_series_each_and_one_together() -> None:
    of = world(EXACT)
    of.sourcegraph.serve(["a"])
    worker = Worker(of.clock, of.sourcegraph, ("a", "q"), {})
    values = Values(of.sourcegraph)
    worker.sinks = {"aws": values}
    arrive(of, 60, 60)
    until(of, 29)
    assert values.all.count(("q", 2)) == 6
    assert values.all.count(("a", 0)) == 6
    assert values.all.count(("a_q", 2)) == 1


def test_a_silent_worker_publishes_nothing() -> None:
    of = world()
    worker = Worker(of.clock, of.sourcegraph, ("q",), {})
    values = Values(of.sourcegraph)
    worker.sinks = {"aws": values}
    of.clock.at(7, worker.fall_silent, 20)
    until(of, 26)
    assert len(values.all) == 2
    until(of, 31)
    assert len(values.all) == 3
