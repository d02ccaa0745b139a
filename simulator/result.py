"""The figures of one simulation."""

from dataclasses import dataclass
from typing import Any, Self

from simulator.clock import Clock
from simulator.ledger import Ledger, Sample
from simulator.traces import Trace

SPOT = "spot"


@dataclass(frozen=True, kw_only=True)
class Result:
    """Times are seconds. A wait ends with the start of the run that ends the job."""

    wait_p50: float
    wait_p95: float
    wait_p99: float
    first_start_p95: float
    """Of waits that end with a job's first start, even where it loses its VM later."""
    makespan: float
    """From the first arrival to the end of the last job."""
    vm_hours: float
    """From the request of each VM until it is gone, at least until two hours after the trace."""
    idle_vm_hours: float
    """The part of it in which a VM was up and ran no job; broken ones are counted apart."""
    broken: int
    """VMs whose executor never started."""
    broken_vm_hours: float
    """Their part of the VM-hours."""
    largest: int
    """Most VMs that were asked for."""
    overshoot: int
    """By how much that exceeds what the jobs ever needed."""
    refused: int
    """Most VMs at a time that were asked for and that the cloud did not have."""
    refused_vm_hours: float
    """How long they were missing."""
    interrupted: int
    """Jobs that lost their VM, except to the spot market."""
    causes: dict[str, int]
    """These, and those lost to the spot market, by cause."""
    lost_to_spot: int
    failed: int
    """Jobs that lost their VM once too often."""
    done: int
    events: int
    requests: list[tuple[float, int]]
    """Time and size whenever more VMs were asked for than ever before."""
    samples: list[Sample]

    @classmethod
    def of(cls, trace: Trace, ledger: Ledger, clock: Clock) -> Self:
        """The figures when a simulation has ended."""
        waits = sorted(ledger.waits)
        starts = sorted(ledger.starts)
        spot = ledger.interrupted[SPOT]
        return cls(
            wait_p50=_quantile(waits, 0.50),
            wait_p95=_quantile(waits, 0.95),
            wait_p99=_quantile(waits, 0.99),
            first_start_p95=_quantile(starts, 0.95),
            makespan=ledger.last_done - trace.jobs[0][0],
            vm_hours=ledger.vm_seconds / 3600,
            idle_vm_hours=ledger.idle_seconds / 3600,
            broken=ledger.broken,
            broken_vm_hours=ledger.broken_seconds / 3600,
            largest=ledger.largest,
            overshoot=max(0, ledger.largest - ledger.largest_need),
            refused=ledger.largest_refusal,
            refused_vm_hours=ledger.refused_seconds / 3600,
            interrupted=ledger.interrupted.total() - spot,
            causes=dict(sorted(ledger.interrupted.items())),
            lost_to_spot=spot,
            failed=ledger.failed,
            done=ledger.done,
            events=clock.events,
            requests=ledger.requests,
            samples=ledger.samples,
        )

    def seconds_to(self, vms: int, since: float) -> float | None:
        """From a time until so many VMs are asked for, 0 if they were before; None if never."""
        reached = (time for time, size in self.requests if size >= vms)
        return next((max(0.0, time - since) for time in reached), None)

    def figures(self) -> dict[str, Any]:
        """All numbers, for JSON."""
        return {key: value for key, value in vars(self).items() if key not in _LISTS}


_LISTS = ("requests", "samples")


def _quantile(ordered: list[float], part: float) -> float:
    """The value that so large a part does not exceed (nearest rank); 0 without values."""
    if not ordered:
        return 0.0
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
