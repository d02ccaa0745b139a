"""The oracle is a bound: nothing that was simulated is cheaper at its waits."""

from dataclasses import replace

import pytest

from simulator.assumptions import Assumptions
from simulator.oracle import foresee
from simulator.read import System
from simulator.simulate import TAIL_SECONDS, simulate
from simulator.traces import Trace, trace
from tests import stacks
from tests.simulator.previews import systems_of
from tests.simulator.worlds import MACHINE

POOL = replace(systems_of(stacks.dev())["codeintel"].pools[0], machine=MACHINE, largest=3)
SYSTEM = System(name="s", pools=(POOL,), allocations={})
BOOT = 150.0


def cost(jobs: list[tuple[float, float]], system: System = SYSTEM) -> float:
    """Seconds of VMs; two slots each, 150 seconds to boot."""
    scene = Trace(name="t", jobs=tuple(jobs), length=1000.0)
    return foresee(system, scene, Assumptions()).vm_hours * 3600


@pytest.mark.parametrize(
    ("jobs", "seconds"),
    [
        ([(0, 100)], BOOT + 100),
        ([(0, 100), (0, 60)], BOOT + 100),
        ([(0, 100), (0, 100), (0, 60)], 2 * BOOT + 100 + 60),
        # A gap shorter than a boot is bridged, a longer one is not.
        ([(0, 100), (200, 100)], BOOT + 300),
        ([(0, 100), (400, 100)], 2 * BOOT + 200),
        # Six slots: the seventh job waits for one of them.
        ([(0, 100)] * 7, 3 * BOOT + 3 * 100 + 100),
    ],
)
def test_hand_worked(jobs: list[tuple[float, float]], seconds: float) -> None:
    assert cost(jobs) == pytest.approx(seconds)


def test_a_minimum_is_paid_all_the_time() -> None:
    system = replace(SYSTEM, pools=(replace(POOL, smallest=1),))
    assert cost([(0, 100)] * 3, system) == pytest.approx(1000 + TAIL_SECONDS + BOOT + 100)


def test_expiry_costs_boots() -> None:
    machine = replace(MACHINE, active_time="10m", spread=False)
    system = replace(SYSTEM, pools=(replace(POOL, machine=machine),))
    assert cost([(0, 1500)], system) == pytest.approx(3 * BOOT + 1500)


@pytest.mark.parametrize("name", ["burst", "ramp", "many-small", "few-long"])
@pytest.mark.parametrize("pool", ["codeintel", "batches"])
def test_no_policy_that_serves_at_once_is_cheaper(name: str, pool: str) -> None:
    system = systems_of(stacks.dev())[pool]
    scene = trace(name, system.largest, system.slots, 1)
    oracle = foresee(system, scene, Assumptions())
    result = simulate(system, scene, Assumptions(), 1)
    # A simulation ends at the last event before the hour that the oracle counts to.
    assert result.vm_hours >= oracle.vm_hours - system.pools[0].smallest / 60
    assert result.wait_p95 >= oracle.wait_p95
