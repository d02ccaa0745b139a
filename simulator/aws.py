"""An Auto Scaling group: alarms, step and simple scaling, lifecycle hooks."""

from components.boot.vm.agent.aws import HEARTBEAT_SECONDS
from components.boot.vm.agent.decision import WAIT_LIMIT_SECONDS, Reason
from simulator.agent import AgentsCloud
from simulator.cloudwatch import MINUTE, CloudWatch, Watch
from simulator.declared import Alarm, AwsPool, Bounds, Policy
from simulator.group import Group, World
from simulator.vm import Vm

BEATS = 100
"""A hook waits for at most so many of its timeouts (Auto Scaling guide, lifecycle hooks)."""


class AwsGroup(Group):
    """Alarms alone change its size."""

    cloud = "aws"
    beat_seconds = HEARTBEAT_SECONDS / 4
    notice = (Reason.SPOT, 120.0)

    def __init__(self, world: World, pool: AwsPool, cloudwatch: CloudWatch) -> None:
        super().__init__(world, pool)
        self._pool, self._cloudwatch = pool, cloudwatch
        self._cooling_until = 0.0
        self._warm_at = 0.0
        self._deadlines: dict[Vm, float] = {}
        world.clock.every(MINUTE, self._minute)
        for alarm in pool.alarms:
            watch = Watch(alarm, cloudwatch, pool.name, world.assumptions)
            phase = world.random.uniform(0, MINUTE)
            world.clock.every(
                MINUTE, lambda watch=watch: watch.evaluate(world.clock.now, self), phase
            )

    def agents_cloud(self) -> AgentsCloud:
        return self

    def _minute(self) -> None:
        values = {
            "GroupDesiredCapacity": self.size,
            "GroupInServiceInstances": len(self.staying),
            "GroupTotalInstances": len(self.staying) + len(self.leaving),
        }
        for name, value in values.items():
            self._cloudwatch.put(f"group {self.pool.name} {name}", value)
        if self._pool.rebalances:
            self._rebalance()

    def _rebalance(self) -> None:
        """AZRebalance: one VM a minute from the fullest zone, when two zones differ by two."""
        counts = [self.by_zone[zone] for zone in range(self.pool.zones)]
        if max(counts) - min(counts) >= 2:
            fullest = counts.index(max(counts))
            vm = next(vm for vm in self.staying if vm.zone == fullest)
            self._terminate(vm, "rebalance")
            self.reconcile()

    def rebound(self, bounds: Bounds) -> None:
        """A scheduled action: it sets the size it names, else one that is still allowed stays."""
        super().rebound(bounds)
        size = self.within(self.size if bounds.desired is None else bounds.desired)
        if size != self.size:
            self.resize(size)

    def execute(self, alarm: Alarm, value: float) -> None:
        """One action of an alarm."""
        policy, now = alarm.policy, self.world.clock.now
        if policy.kind == "SimpleScaling":
            # A lifecycle hook pauses it, and a cooldown follows each activity.
            if now < self._cooling_until or self._deadlines:
                return
            size = self.within(self.size + policy.adjustment)
            if size != self.size:
                ends = self.world.assumptions.in_service
                self._cooling_until = now + ends + policy.cooldown
                self.resize(size)
            return
        adjustment = _step(policy, value - alarm.threshold)
        if adjustment is None:
            return
        warming = self._warm_at > now
        if policy.adjustment_type == "ExactCapacity":
            size = self.within(adjustment)
        else:
            counted = self.size - (self._warming(policy) if adjustment > 0 else 0)
            size = self.within(counted + adjustment)
            size = max(size, self.size) if adjustment > 0 else size
        if size < self.size and warming:
            return
        if size > self.size:
            self._warm_at = now + self.world.assumptions.in_service + policy.warmup
        if size != self.size:
            self.resize(size)

    def _warming(self, policy: Policy) -> int:
        since = self.world.clock.now - self.world.assumptions.in_service - policy.warmup
        return sum(vm.created > since for vm in self.staying)

    def shrink(self, number: int) -> None:
        """Zones are kept balanced first; then the termination policy says which VM leaves."""
        for _ in range(number):
            zone = max(range(self.pool.zones), key=self.by_zone.__getitem__)
            candidates = [vm for vm in self.staying if vm.zone == zone]
            match self._pool.termination_policies[0]:
                case "OldestInstance":
                    vm = candidates[0]
                case "NewestInstance":
                    vm = candidates[-1]
                case _:
                    # One template for all: the default policy leaves it to chance.
                    vm = self.world.random.choice(candidates)
            self._terminate(vm, "scale-in")

    def _terminate(self, vm: Vm, cause: str) -> None:
        hook = self._pool.hook
        if hook is None:
            self.shut_down(vm, cause)
            return
        self.depart(vm)
        vm.held_since = self.world.clock.now
        vm.notice = vm.notice or Reason.SCALE_IN
        self.beat(vm)
        vm.watcher.noticed()

    def beat(self, vm: Vm) -> None:
        """The hook waits for another timeout, at most 48 hours and at most 100 timeouts."""
        hook, since = self._pool.hook, vm.held_since
        if hook is None or since is None:
            return
        limit = since + min(WAIT_LIMIT_SECONDS, BEATS * hook.timeout)
        deadline = min(self.world.clock.now + hook.timeout, limit)
        self._deadlines[vm] = deadline
        self.world.clock.at(deadline, self._give_up, vm, deadline)

    def _give_up(self, vm: Vm, deadline: float) -> None:
        if self._deadlines.get(vm) == deadline:
            self._deadlines.pop(vm)
            self.shut_down(vm, "hook timeout")

    def complete(self, vm: Vm) -> None:
        """The hook lets the VM go."""
        self._deadlines.pop(vm, None)
        self.end(vm)

    def retire(self, vm: Vm) -> None:
        """End a VM that asks for it, without a smaller size: the group replaces it."""
        self._terminate(vm, "expiry")
        self.reconcile()

    def surplus(self, vm: Vm) -> bool:
        """The group says by itself which VM leaves."""
        del vm
        return False

    def end(self, vm: Vm, cause: str = "") -> None:
        self._deadlines.pop(vm, None)
        super().end(vm, cause)


def _step(policy: Policy, distance: float) -> int | None:
    """The adjustment for a metric so far above its threshold (below it when negative)."""
    for step in policy.steps:
        above = distance >= 0 and step.lower <= distance < step.upper
        below = distance < 0 and step.lower < distance <= step.upper
        if above or below:
            return step.adjustment
    return None
