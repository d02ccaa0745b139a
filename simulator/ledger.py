"""What a simulation adds up while it runs."""

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

MAX_SAMPLES = 3000
"""More are thinned out, so that memory is bounded whatever the trace's length."""


class Sample(NamedTuple):
    """One look at everything."""

    time: float
    queued: int
    """Jobs that wait."""
    wanted: int
    """VMs that the groups are asked for."""
    running: int
    """VMs whose executor dequeues."""
    draining: int
    """VMs on their way out."""


@dataclass
class Ledger:
    """Sums of one simulation."""

    waits: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds from the arrival of every job that ended to the start of the run that ended it: a job
    that lost its VM has waited in vain."""
    starts: "array[float]" = field(default_factory=lambda: array("d"))
    """Seconds from its arrival to its first start."""
    done: int = 0
    last_done: float = 0.0
    """When the last job ended so far."""
    failed: int = 0
    """Jobs that stalled too often."""
    interrupted: Counter[str] = field(default_factory=Counter)
    """Jobs that lost their VM, by cause; a job may be counted several times."""
    vm_seconds: float = 0.0
    """From the request of a VM until it is gone."""
    idle_seconds: float = 0.0
    """The part of it in which the VM, booted, ran no job; broken ones are counted apart."""
    broken: int = 0
    """VMs whose executor never started."""
    broken_seconds: float = 0.0
    """Their part of the VM-seconds."""
    largest: int = 0
    """Most VMs that were asked for."""
    largest_need: int = 0
    """Most VMs that the jobs at any time needed."""
    largest_refusal: int = 0
    """Most VMs at a time that were asked for and that the cloud did not have."""
    refused_seconds: float = 0.0
    """VM-seconds of them."""
    samples: list[Sample] = field(default_factory=list)
    requests: list[tuple[float, int]] = field(default_factory=list)
    """Time and size, of all groups together, whenever they are asked for more than ever before."""
    _sizes: dict[str, int] = field(default_factory=dict)
    _refused: Counter[str] = field(default_factory=Counter)
    _refused_at: float = 0.0
    _every: int = 1
    _looks: int = 0

    def ended(self, time: float, wait: float, first: float) -> None:
        """A job ends."""
        self.waits.append(wait)
        self.starts.append(first)
        self.done += 1
        self.last_done = time

    def requested(self, time: float, group: str, size: int) -> None:
        """A group is asked for a size."""
        self._sizes[group] = size
        total = sum(self._sizes.values())
        if total > self.largest:
            self.largest = total
            self.requests.append((time, total))

    def refused(self, time: float, group: str, number: int) -> None:
        """From now on a group lacks so many VMs."""
        self.refused_seconds += self._refused.total() * (time - self._refused_at)
        self._refused_at = time
        self._refused[group] = number
        self.largest_refusal = max(self.largest_refusal, self._refused.total())

    def sample(self, sample: Sample) -> None:
        """Keep a look, or every n-th when there are too many."""
        self._looks += 1
        if self._looks % self._every:
            return
        self.samples.append(sample)
        if len(self.samples) >= MAX_SAMPLES:
            del self.samples[::2]
            self._every *= 2
