"""What a VM of a pool does, read from the boot script that its template declares."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from components.boot.vm import lifetime
from preview import Boot

_AGENT = "boot/agent/decision.py"


@dataclass(frozen=True, kw_only=True)
class Machine:
    """The settings of a pool's executors."""

    queues: tuple[str, ...]
    slots: int
    active_time: str
    """A Go duration; 0 is endless."""
    spread: bool
    """Whether each VM takes a part of the active time, by its id."""
    total_jobs: int
    """Jobs after which an executor ends; 0 is no limit."""
    job_seconds: float
    """The longest that a job runs."""
    stop_seconds: float
    """How long a stopped executor may finish its jobs."""
    agent: bool
    """Whether our agent is on the VM; else the image powers it off when its executor ends."""

    @classmethod
    def of_boot(cls, boot: Boot) -> Self:
        """From what the boot script carries."""
        return cls.of_document(boot.document, agent=_AGENT in boot.files)

    @classmethod
    def of_document(cls, document: Mapping[str, Any], *, agent: bool) -> Self:
        """From what the boot script carries beside its program.

        What the environment does not set is the executor's own default.
        """
        variables = document["environment"]
        queues = variables.get("EXECUTOR_QUEUE_NAMES") or variables["EXECUTOR_QUEUE_NAME"]
        return cls(
            queues=tuple(sorted(queues.split(","))),
            slots=int(variables.get("EXECUTOR_MAXIMUM_NUM_JOBS", 1)),
            active_time=variables.get("EXECUTOR_MAX_ACTIVE_TIME", "0"),
            spread=agent,
            total_jobs=int(variables.get("EXECUTOR_NUM_TOTAL_JOBS", 0)),
            job_seconds=go_seconds(variables.get("EXECUTOR_MAXIMUM_RUNTIME_PER_JOB", "30m")),
            stop_seconds=document["stop_timeout_seconds"],
            agent=agent,
        )

    def active_seconds(self, name: str) -> float:
        """How long the executor of a VM dequeues; 0 is endless."""
        return go_seconds(
            lifetime.of_vm(self.active_time, name) if self.spread else self.active_time
        )


def go_seconds(duration: str) -> float:
    """Seconds of a Go duration."""
    parts = re.findall(r"([\d.]+)(ns|us|µs|ms|s|m|h)", duration)
    units = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
    return sum(float(number) * units[unit] for number, unit in parts)
