"""A VM whose executor runs jobs, and the clouds around it, in a time that tests advance."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

from components.boot.vm.agent.aws import AwsGroup
from components.boot.vm.agent.executor import ExecutorUnit
from components.boot.vm.agent.loop import POLL_SECONDS, Agent, Cloud
from components.boot.vm.agent.memory import Memory
from components.boot.vm.agent.pacing import Pacing
from components.boot.vm.aws_api import AwsApi
from components.boot.vm.failures import BootError
from components.boot.vm.imds import Imds

MINUTE, HOUR = 60, 3600


@dataclass
class Vm:
    """A machine with systemd and an executor. `command` is what the agent calls programs with."""

    leaving: Path
    now: float = 100.0
    state: str = "active"
    ever_started: bool = True
    jobs: list[float] = field(default_factory=list)
    """When each running job ends."""
    signals: int = 0
    starts: int = 0
    alive: bool = True
    killed: int = 0
    broken: bool = False
    """Whether systemd answers nothing."""

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self.jobs = [end for end in self.jobs if end > self.now]
        if self.state == "deactivating" and not self.jobs:
            self.state = "inactive"

    def end(self) -> None:
        """The machine is gone, and with it what it runs."""
        if self.alive:
            self.killed += len(self.jobs)
        self.alive, self.jobs, self.state = False, [], "gone"

    def expire(self) -> None:
        """The executor's own limit: it dequeues no more and ends after its jobs."""
        self.state = "active" if self.jobs else "inactive"

    def command(self, *words: str, seconds: float | None = None) -> str:  # noqa: ARG002
        if self.broken:
            raise BootError("`systemctl` ended with exit status 1: no bus")
        match words:
            case ("systemctl", "show", *_):
                entered = 5 if self.ever_started else 0
                return f"ActiveState={self.state}\nInactiveExitTimestampMonotonic={entered}\n"
            case ("systemctl", "stop", "--no-block", "executor.service"):
                if self.state in ("active", "activating"):
                    self.signals += 1
                    self.state = "deactivating"
            case ("systemctl", "start", "--no-block", "executor.service"):
                if not self.leaving.exists() and self.state in ("inactive", "failed"):
                    self.state, self.ever_started = "active", True
                    self.starts += 1
            case ("systemctl", "poweroff"):
                self.end()
            case ("docker", "ps", *_):
                return "".join(f"job-{end:.0f}\n" for end in self.jobs)
            case ("systemctl", "reset-failed", "executor.service"):
                pass
            case _:
                raise AssertionError(words)
        return ""


@dataclass
class Aws:
    """IMDSv2 and EC2 Auto Scaling of one VM; `answer` is the server's handler."""

    vm: Vm
    url: str = ""
    target: str = "InService"
    interrupted: bool = False
    rebalance: bool = False
    down: bool = False
    throttled: bool = False
    token: str = "token-1"
    held_since: float | None = None
    beaten: float = 0.0
    calls: list[tuple[float, str]] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    replacements: int = 0
    hook: tuple[str, int] = ("drain", 1800)

    def terminate(self) -> None:
        """What scale-in, a refresh and TerminateInstanceInAutoScalingGroup do."""
        if self.held_since is None:
            self.target, self.held_since, self.beaten = "Terminated", self.vm.now, self.vm.now

    def advance(self) -> None:
        """The hook gives up a VM whose heartbeats stop, and every VM after 48 hours."""
        if self.held_since is not None and (
            self.vm.now - self.beaten >= self.hook[1] or self.vm.now - self.held_since >= 48 * HOUR
        ):
            self.vm.end()

    def metadata(self) -> dict[str, str]:
        found = {
            "autoscaling/target-lifecycle-state": self.target,
            "instance-id": "i-0a",
            "placement/region": "eu-west-1",
            "services/domain": "amazonaws.com",
            "iam/security-credentials/": "role",
            "iam/security-credentials/role": json.dumps(
                {"AccessKeyId": "AKID", "SecretAccessKey": "key", "Token": "session"}
            ),
        }
        if self.interrupted:
            notice = {"action": "terminate", "time": "2026-01-01T00:00:00Z"}
            found["spot/instance-action"] = json.dumps(notice)
        if self.rebalance:
            found["events/recommendations/rebalance"] = '{"noticeTime": "2026-01-01T00:00:00Z"}'
        return found

    def answer(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, bytes]:
        if path.startswith("/latest/"):
            return self._imds(method, path.removeprefix("/latest/"), headers)
        if self.throttled:
            self.refused.append(self.vm.now)
            return 400, b"<Error><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
        sent = time.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        if abs(time.mktime(sent) - time.mktime(time.gmtime())) > 5 * MINUTE:
            return 403, b"<Error><Code>RequestExpired</Code><Message>old</Message></Error>"
        fields = {key: values[0] for key, values in parse_qs(body.decode()).items()}
        return self._autoscaling(fields)

    def _imds(self, method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes]:
        if self.down:
            return 503, b""
        if method == "PUT":
            return 200, self.token.encode()
        if headers.get("x-aws-ec2-metadata-token") != self.token:
            return 401, b""
        found = self.metadata().get(path.removeprefix("meta-data/"))
        return (404, b"") if found is None else (200, found.encode())

    def _autoscaling(self, fields: dict[str, str]) -> tuple[int, bytes]:
        action = fields["Action"]
        self.calls.append((self.vm.now, action))
        if action == "DescribeAutoScalingInstances":
            assert fields["InstanceIds.member.1"] == "i-0a"
            return 200, b"<AutoScalingGroupName>pool-1a2b</AutoScalingGroupName>"
        assert fields["InstanceId"] == "i-0a"
        if action == "TerminateInstanceInAutoScalingGroup":
            assert fields["ShouldDecrementDesiredCapacity"] == "false"
            self.replacements += self.held_since is None
            self.terminate()
            return 200, b""
        assert (fields["AutoScalingGroupName"], fields["LifecycleHookName"]) == (
            "pool-1a2b",
            self.hook[0],
        )
        if self.held_since is None:
            return 400, b"<Code>ValidationError</Code><Message>No active Lifecycle Action</Message>"
        if action == "RecordLifecycleActionHeartbeat":
            self.beaten = self.vm.now
        if action == "CompleteLifecycleAction":
            assert fields["LifecycleActionResult"] == "CONTINUE"
            self.vm.end()
        return 200, b""

    def named(self, action: str) -> list[float]:
        """When that action was called."""
        return [when for when, name in self.calls if name == action]


@dataclass
class World:
    """Advances a VM, its cloud and its agent together; the agent can be killed and come back."""

    vm: Vm
    cloud: Callable[[], Cloud]
    advance_cloud: Callable[[], None]
    agent: Agent | None = None

    def start_agent(self) -> None:
        self.agent = Agent(
            self.cloud(),
            ExecutorUnit(self.vm.command),
            Memory(self.vm.leaving),
            lambda: self.vm.now,
            Pacing(lambda _, high: high),
        )

    def pass_time(self, seconds: float, step: float = 3 * POLL_SECONDS) -> None:
        end = self.vm.now + seconds
        while self.vm.now < end and self.vm.alive:
            self.vm.advance(step)
            self.advance_cloud()
            if self.agent is not None and self.vm.alive:
                self.agent.tick()


def aws_world(vm: Vm, aws: Aws, skew: float = 0) -> World:
    def group() -> AwsGroup:
        return AwsGroup(AwsApi(Imds(aws.url), lambda: time.time() + skew), aws.url)

    world = World(vm, group, aws.advance)
    world.start_agent()
    return world
