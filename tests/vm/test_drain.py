"""What the agent does on a VM that must leave: no job is killed, whatever else goes wrong.

The machines run side by side, each through its own story; the tests ask how each one ended.
"""

import json
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest

from components.boot.vm.agent.decision import BUSY_SECONDS
from components.boot.vm.agent.loop import LOOK_SECONDS
from tests.vm.aws_side import AwsSide
from tests.vm.conftest import PROJECT, World
from tests.vm.gcp_side import GcpSide
from tests.vm.machine import VirtualMachine, wait_for
from tests.vm.side import CloudSide, boot

pytestmark = pytest.mark.engine
LONG = 15
"""Seconds that a job takes: longer than the agent needs to see why the VM leaves."""
PATIENCE = 240
Story = Callable[[World], None]
STORIES: dict[str, Story] = {}


def story(tell: Story) -> Story:
    """A VM's life, told to its end."""
    STORIES[getattr(tell, "__name__")] = tell  # noqa: B009
    return tell


class Vm(NamedTuple):
    """A machine whose executor runs jobs."""

    machine: VirtualMachine
    side: Any

    @property
    def jobs(self) -> dict[str, set[str]]:
        """The names of the jobs that are in each state."""
        folder = self.machine.root / "jobs"
        states = ("todo", "running", "done", "killed")
        return {state: {job.name for job in (folder / state).iterdir()} for state in states}

    def add(self, **lengths: int) -> None:
        """Queue jobs, by name and seconds."""
        for name, seconds in lengths.items():
            file = self.machine.root / "jobs" / f".{name}"
            file.write_text(str(seconds))
            file.rename(self.machine.root / "jobs/todo" / name)

    def until(self, look: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Wait, and show the agent's journal when it is in vain."""
        return wait_for(look, seconds, lambda: self.machine.journal("executor-agent"))

    def stops(self) -> bool:
        """Whether the executor dequeues nothing any more and has jobs."""
        return self.is_active("executor") == "deactivating"

    def is_active(self, unit: str) -> str:
        return self.machine.run("systemctl", "is-active", unit, check=False).strip()

    def says(self, words: str) -> bool:
        return words in self.machine.journal("executor-agent")

    def leaves_with_its_jobs_done(self, *names: str) -> None:
        """The group has let it go, and it has ended what it had begun."""
        self.until(lambda: self.side.state is None)
        assert self.jobs["done"] == set(names)
        assert not self.jobs["killed"] | self.jobs["running"]
        stops = self.machine.run("systemctl", "show", "--property=Result", "--value", "executor")
        assert stops == "success\n"


@contextmanager
def working(world: World, side: CloudSide, **lengths: int) -> Generator[Vm]:
    """A booted VM that runs the jobs."""
    with world.machine(side) as machine:
        boot(machine, side)
        vm = Vm(machine, side)
        vm.add(**lengths)
        vm.until(lambda: lengths.keys() <= vm.jobs["running"] | vm.jobs["done"])
        yield vm


def aws_vm(world: World, pool: str = "plain-aws") -> AwsSide:
    side = world.side(pool)
    assert isinstance(side, AwsSide)
    return side


def leave(vm: Vm, *, smaller: bool) -> None:
    """Scale-in makes the group smaller, an instance refresh does not."""
    vm.side.client("autoscaling").terminate_instance_in_auto_scaling_group(
        InstanceId=vm.side.instance, ShouldDecrementDesiredCapacity=smaller
    )


@story
def scale_in_by_the_group(world: World) -> None:
    with working(world, aws_vm(world, "full-aws"), a=LONG, b=2 * LONG) as vm:
        world.resize("full-aws", 0)
        assert vm.side.state == "Terminating:Wait"
        vm.until(vm.stops)
        vm.add(late=1)
        vm.leaves_with_its_jobs_done("a", "b")
        assert vm.jobs["todo"] == {"late"}
        assert "autoscaling:RecordLifecycleActionHeartbeat" in vm.side.calls
        assert vm.side.calls[-1] == "autoscaling:CompleteLifecycleAction"


@story
def instance_refresh(world: World) -> None:
    with working(world, aws_vm(world), a=LONG) as vm:
        leave(vm, smaller=False)
        vm.leaves_with_its_jobs_done("a")


@story
def expiry(world: World) -> None:
    with working(world, aws_vm(world, "short-aws"), a=2 * LONG) as vm:
        size = len(world.instances("short-aws"))
        vm.leaves_with_its_jobs_done("a")
        assert vm.says("reason=executor-finished")
        assert len(world.instances("short-aws")) == size, "somebody takes its place"


@story
def spot_interruption(world: World) -> None:
    with working(world, aws_vm(world), short=LONG, endless=3600) as vm:
        notice = {"action": "terminate", "time": "2026-01-01T00:00:00Z"}
        vm.side.events["spot/instance-action"] = json.dumps(notice)
        vm.until(lambda: vm.says("event=jobs-at-risk reason=spot-interruption jobs="))
        vm.add(late=1)
        vm.until(lambda: vm.jobs["done"] == {"short"})
        vm.until(lambda: vm.says("jobs=endless"))
        assert (vm.jobs["running"], vm.jobs["todo"]) == ({"endless"}, {"late"})


@story
def agent_killed_in_mid_drain(world: World) -> None:
    with working(world, aws_vm(world), a=4 * LONG) as vm:
        leave(vm, smaller=True)
        vm.until(vm.stops)
        show = ("systemctl", "show", "--property=MainPID", "--value", "executor-agent")
        vm.machine.run("kill", "-KILL", vm.machine.run(*show).strip())
        vm.until(lambda: vm.is_active("executor-agent") == "active" and vm.stops(), 30)
        vm.leaves_with_its_jobs_done("a")


@story
def metadata_down_for_a_minute(world: World) -> None:
    with working(world, aws_vm(world), a=LONG) as vm:
        vm.side.metadata_is_down = True
        leave(vm, smaller=True)
        time.sleep(60)
        assert vm.side.state == "Terminating:Wait"
        vm.add(b=LONG)
        vm.until(lambda: "b" in vm.jobs["running"])
        vm.side.metadata_is_down = False
        vm.leaves_with_its_jobs_done("a", "b")


@story
def metadata_slow(world: World) -> None:
    with working(world, aws_vm(world), a=LONG) as vm:
        vm.side.metadata_delay = 1.0
        leave(vm, smaller=True)
        vm.leaves_with_its_jobs_done("a")


@story
def api_throttled(world: World) -> None:
    with working(world, aws_vm(world), a=LONG) as vm:
        vm.side.is_throttled = True
        leave(vm, smaller=True)
        vm.until(lambda: vm.says("Throttling: Rate exceeded"))
        vm.until(lambda: vm.jobs["done"] == {"a"})
        vm.side.is_throttled = False
        vm.leaves_with_its_jobs_done("a")


@story
def clock_a_quarter_of_an_hour_off(world: World) -> None:
    with working(world, aws_vm(world), a=LONG) as vm:
        vm.side.skew = 900.0
        leave(vm, smaller=True)
        vm.leaves_with_its_jobs_done("a")


@story
def role_that_may_not_let_go(world: World) -> None:
    """IAM judges: with the stack's policy all others may, without it this one may not."""
    with working(world, aws_vm(world, "denied-aws"), a=LONG) as vm:
        iam, role = vm.side.client("iam"), vm.side.role
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            iam.delete_role_policy(RoleName=role, PolicyName=name)
        leave(vm, smaller=True)
        vm.until(lambda: vm.jobs["done"] == {"a"})
        vm.until(lambda: vm.says("call=complete error="))
        assert vm.says("AccessDenied: not authorized to perform")
        assert vm.side.state == "Terminating:Wait"


@story
def preemption(world: World) -> None:
    side = world.side("plain-gcp")
    with working(world, side, short=LONG, endless=3600) as vm:
        vm.side.events["preempted"] = "TRUE"
        vm.until(lambda: vm.says("event=jobs-at-risk reason=preempted jobs="))
        vm.until(lambda: vm.jobs["done"] == {"short"})
        assert vm.jobs["running"] == {"endless"}


@story
def expiry_in_a_group_of_fixed_size(world: World) -> None:
    side = world.side("short-gcp")
    assert isinstance(side, GcpSide)
    with working(world, side, a=2 * LONG) as vm:
        vm.until(lambda: not side.exists)
        assert (vm.jobs["done"], vm.jobs["running"]) == ({"a"}, set())
        (successor,) = world.gcp_instances("short-gcp")
        assert (successor["name"], successor["id"]) != (side.name, side.instance["id"])


class Worker:
    """Sourcegraph's worker: it publishes the size of a queue, at most every six seconds."""

    def __init__(self, world: World) -> None:
        self._gcp, self._published = world.gcp, 0.0

    def publish(self, jobs: int) -> None:
        if time.monotonic() - self._published < 6:
            return
        self._published = time.monotonic()
        labels = {"queueName": "hooks", "environment": "dev"}
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        series = {
            "metric": {"type": "custom.googleapis.com/executors/queue/size", "labels": labels},
            "resource": {"type": "global", "labels": {"project_id": PROJECT}},
            "points": [{"interval": {"endTime": now}, "value": {"int64Value": str(jobs)}}],
        }
        request = self._gcp.time_series.create(
            name=f"projects/{PROJECT}", body={"timeSeries": [series]}
        )
        self._gcp.call(request)


@story
def surplus_of_a_group(world: World) -> None:
    """Of three VMs the two oldest are too many: the idle one leaves at once, the busy one waits
    before it drains, and is needed again before it has left."""
    worker = Worker(world)

    def seen(look: Callable[[], bool], *, jobs: int) -> Callable[[], bool]:
        def published() -> bool:
            worker.publish(jobs)
            return look()

        return published

    wait_for(seen(lambda: len(world.gcp_instances("scaled-gcp")) == 3, jobs=12), 30)
    sides = [GcpSide(world.clouds.gcp_endpoint, vm) for vm in world.gcp_instances("scaled-gcp")]
    with (
        working(world, sides[0], a=LONG) as first,
        working(world, sides[1], b=LONG) as second,
        working(world, sides[2], c=LONG) as third,
    ):
        second.add(long=BUSY_SECONDS + 2 * LOOK_SECONDS)
        first.until(seen(lambda: not sides[0].exists, jobs=4))
        assert first.says("action=drain reason=surplus")
        assert not second.says("action=drain")
        drains = seen(lambda: second.says("action=drain reason=surplus"), jobs=4)
        second.until(drains, BUSY_SECONDS + 2 * LOOK_SECONDS)
        assert "long" in second.jobs["running"]
        second.until(seen(lambda: second.says("action=resume"), jobs=8))
        second.add(again=1)
        second.until(seen(lambda: "again" in second.jobs["done"], jobs=8))
        assert [side.exists for side in sides] == [False, True, True]
        assert not third.says("action=drain")
        done = [vm.jobs["done"] for vm in (first, second, third)]
        assert done == [{"a"}, {"b", "long", "again"}, {"c"}]
        assert not any(vm.jobs["killed"] | vm.jobs["running"] for vm in (first, second, third))


@pytest.fixture(scope="module")
def endings(world: World) -> Iterator[dict[str, Future[None]]]:
    with ThreadPoolExecutor(len(STORIES)) as tellers:
        yield {name: tellers.submit(tell, world) for name, tell in STORIES.items()}


@pytest.mark.parametrize("name", STORIES)
def test_no_job_is_killed(endings: dict[str, Future[None]], name: str) -> None:
    endings[name].result()
