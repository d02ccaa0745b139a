"""What the groups of both clouds have in common: VMs that stay, and VMs that leave."""

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from components.boot.vm.agent.decision import Reason
from simulator.agent import Agent, AgentsCloud, ImageScript
from simulator.assumptions import Assumptions
from simulator.clock import Clock
from simulator.declared import Bounds, Pool
from simulator.ledger import Ledger
from simulator.sourcegraph import Sourcegraph
from simulator.vm import Vm

SHUTDOWN_SECONDS = 90
"""What a job gets when a VM is ended under it: systemd's default, and GCE's shutdown scripts."""


@dataclass(frozen=True)
class World:
    """What everything in one simulation shares."""

    clock: Clock
    random: Random
    assumptions: Assumptions
    ledger: Ledger
    sourcegraph: Sourcegraph
    used: Counter[str] = field(default_factory=Counter)
    """VMs that exist, by cloud."""


class Group(ABC):
    """VMs by age. `size` is how many should stay."""

    cloud: str
    notice: tuple[Reason, float]
    """What a spot VM is told before it is taken, and how many seconds before."""

    def __init__(self, world: World, pool: Pool) -> None:
        self.world, self.pool = world, pool
        self.size = 0
        self._coming = pool.bounds(world.clock.start)
        _, self.bounds = next(self._coming)
        self.staying: dict[Vm, None] = {}
        self.leaving: dict[Vm, None] = {}
        self.by_zone: Counter[int] = Counter()
        """VMs that stay, by the number of their zone."""
        self.refused = 0
        """VMs that were asked for and that the cloud does not have."""
        self._by_spot: Counter[bool] = Counter()
        self._made = 0
        self._retries = False

    def start(self) -> None:
        """The group as it has been for a while: its VMs are up."""
        self._next_bounds()
        self._ask_for(self.within(self.pool.first_size))
        given = self._given(self.size)
        for _ in range(given):
            self._launch().boot()
        self._refuse(self.size - given)

    def _next_bounds(self) -> None:
        """Have the bounds change when the pool's schedules say; what they said before counts."""
        for time, bounds in self._coming:
            if time > self.world.clock.now:
                self.world.clock.at(time, self.rebound, bounds)
                return
            self.bounds = bounds

    def rebound(self, bounds: Bounds) -> None:
        """Other sizes are allowed from now on."""
        self.bounds = bounds
        self._next_bounds()

    def within(self, size: int) -> int:
        """The nearest size that is allowed now."""
        return min(max(size, self.bounds.smallest), self.bounds.largest)

    def resize(self, size: int) -> None:
        """Ask for a size."""
        self._ask_for(size)
        self.reconcile()

    def _ask_for(self, size: int) -> None:
        self.size = size
        self.world.ledger.requested(self.world.clock.now, self.pool.name, size)

    def reconcile(self) -> None:
        """Launch what is missing, and let go what is too much."""
        missing = self.size - len(self.staying)
        if missing < 0:
            self.shrink(-missing)
        given = self._given(missing)
        for _ in range(given):
            seconds, vm = self._boot_seconds(), self._launch()
            vm.broken = self._is_broken()
            self.world.clock.after(seconds, vm.boot)
        self._refuse(max(0, missing - given))

    def _given(self, number: int) -> int:
        """How many of so many VMs the cloud has."""
        free = self.world.assumptions.capacity - self.world.used[self.cloud]
        return max(0, min(number, free))

    def _refuse(self, number: int) -> None:
        """So many VMs are still wanted; they are asked for again and again."""
        if number != self.refused:
            self.refused = number
            self.world.ledger.refused(self.world.clock.now, self.pool.name, number)
        if number and not self._retries:
            self._retries = True
            self.world.clock.after(self.world.assumptions.retry, self._retry)

    def _retry(self) -> None:
        self._retries = False
        self.reconcile()

    @abstractmethod
    def shrink(self, number: int) -> None:
        """End so many VMs of the group's choice."""

    def _launch(self) -> Vm:
        world, pool = self.world, self.pool
        self._made += 1
        name = f"{pool.name}-{self._made:06d}"
        vm = Vm(name, pool.machine, world.clock, world.sourcegraph, world.ledger)
        vm.zone = min(range(pool.zones), key=self.by_zone.__getitem__)
        vm.spot = pool.is_spot(self._by_spot[False], self._by_spot[True])
        if pool.machine.agent:
            vm.watcher = Agent(vm, self.agents_cloud(), world.clock)
        else:
            vm.watcher = ImageScript(vm, self.powered_off)
        self.staying[vm] = None
        self._count(vm, 1)
        world.used[self.cloud] += 1
        return vm

    def _count(self, vm: Vm, number: int) -> None:
        self.by_zone[vm.zone] += number
        self._by_spot[vm.spot] += number

    def _boot_seconds(self) -> float:
        spread = self.world.assumptions.boot_spread
        return self.world.assumptions.boot * self.world.random.uniform(1 - spread, 1 + spread)

    def _is_broken(self) -> bool:
        part = self.world.assumptions.boot_failures
        return part > 0 and self.world.random.random() < part

    @abstractmethod
    def agents_cloud(self) -> AgentsCloud:
        """What the VMs' agents talk to."""

    def depart(self, vm: Vm) -> None:
        """The VM counts no longer."""
        if vm in self.staying:
            del self.staying[vm]
            self._count(vm, -1)
            self.leaving[vm] = None

    def shut_down(self, vm: Vm, cause: str) -> None:
        """End a VM from outside: what runs on after 90 seconds is lost."""
        self.depart(vm)
        vm.stop(cause)
        self.world.clock.after(SHUTDOWN_SECONDS if vm.jobs else 0, self.end, vm, cause)

    def end(self, vm: Vm, cause: str = "") -> None:
        """The VM is gone."""
        self.depart(vm)
        self.leaving.pop(vm, None)
        self._gone(vm, cause)

    def _gone(self, vm: Vm, cause: str) -> None:
        if not vm.gone:
            vm.end(cause)
            self.world.used[self.cloud] -= 1

    def powered_off(self, vm: Vm) -> None:
        """A VM powered itself off; the group has it replaced when it notices."""
        self._gone(vm, "power off")
        self.world.clock.after(self.world.assumptions.repair, self._replace, vm)

    def _replace(self, vm: Vm) -> None:
        self.end(vm)
        self.reconcile()

    def interrupt(self, part: float) -> None:
        """The cloud takes a part of the spot VMs."""
        reason, seconds = self.notice
        spot = [vm for vm in self.staying if vm.spot and vm.notice is None]
        for vm in self.world.random.sample(spot, round(part * len(spot))):
            vm.notice = reason
            vm.watcher.noticed()
            self.world.clock.after(seconds, self._taken, vm)

    def _taken(self, vm: Vm) -> None:
        if not vm.gone:
            self._gone(vm, "spot")
            self.world.clock.after(self.world.assumptions.repair, self._replace, vm)

    def roll_out(self) -> None:
        """The pool's template changes; running VMs keep theirs unless the group replaces them."""
        if self.pool.replaces_running:
            old = list(self.staying)
            for vm in old:
                self.shut_down(vm, "rollout")
            self.reconcile()
