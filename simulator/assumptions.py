"""What no document states: each assumption has a name, a value and other values to try.

`--assume name=value` changes one. The report of `make bench-scaling` says which of its conclusions
depend on them.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, Self

_PARTS = ("boot_failures", "boot_spread")
_NOT_ZERO = ("autoscaler", "capacity", "resetter", "retry")


class AssumptionError(ValueError):
    """An assumption that does not exist, or a value that it cannot have."""


def _other(default: Any, *others: Any) -> Any:
    return field(default=default, metadata={"others": others})


@dataclass(frozen=True, kw_only=True)
class Assumptions:
    """All times are seconds."""

    metric: Literal["outstanding", "queued"] = _other("outstanding", "queued")
    """What the worker counts: also running jobs, as its last public source does, or queued ones
    only, as its changelog of 6.4 can be read."""
    boot: float = _other(150.0, 60.0, 420.0)
    """From the request of a VM until its executor dequeues; bare metal takes several minutes."""
    boot_spread: float = _other(0.2, 0.0)
    """A VM's boot is longer or shorter by up to this part."""
    boot_failures: float = _other(0.0, 0.1)
    """Part of the VMs whose boot gives up, so that no executor starts on them."""
    metric_delay: float = _other(30.0, 5.0, 60.0)
    """From the end of a minute until an alarm sees it; on GCP, from a point until it is read."""
    group_metric_delay: float = _other(30.0, 100.0)
    """The same for what CloudWatch says of an Auto Scaling group."""
    extra_datapoints: int = _other(2, 0)
    """Minutes that an alarm looks back further when some are missing; the guide's example has 2."""
    metric_math: Literal["series", "pointwise"] = _other("series", "pointwise")
    """How an expression takes a missing value (`simulator.metric_math`)."""
    autoscaler: float = _other(30.0, 5.0, 60.0)
    """Between two decisions of Compute Engine's autoscaler, which are "constant"."""
    scale_in_percent: Literal["peak", "target"] = _other("peak", "target")
    """What the percentage of a scale-in control is taken of: the window's largest size, from which
    it is deducted, or the group's target size, as the API's `calculated` has it."""
    stale: float = _other(300.0, 120.0)
    """Age of the newest point at which the autoscaler says that data is missing."""
    repair: float = _other(60.0, 300.0)
    """Until a group notices that a VM powered itself off."""
    in_service: float = _other(60.0, 20.0)
    """Until a launch counts as an activity that has ended, which starts a cooldown."""
    capacity: int = _other(1_000_000, 20)
    """VMs that each cloud has at most, for all pools together; more than any pool wants."""
    retry: float = _other(60.0)
    """From a request that the cloud could not meet until it tries again. Both clouds do so until it
    succeeds, and neither says how often."""
    resetter: float = _other(60.0, 300.0)
    """Between two looks of Sourcegraph for jobs without a heartbeat."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """The assumptions with `name=value` changes. Raises AssumptionError."""
        result = cls()
        for text in texts:
            result = result.changed(text)
        return result

    def changed(self, text: str) -> Self:
        """These with one `name=value` change. Raises AssumptionError."""
        known = {one.name: one for one in fields(self)}
        name, _, value = text.partition("=")
        if name not in known:
            raise AssumptionError(f"{name!r} is no assumption; there are {', '.join(known)}")
        default = known[name].default
        if isinstance(default, str):
            allowed = [default, *known[name].metadata["others"]]
            if value not in allowed:
                raise AssumptionError(f"{name}={value}: it can be {' or '.join(allowed)}")
            return replace(self, **{name: value})
        try:
            number = int(value) if isinstance(default, int) else float(value)
        except ValueError:
            raise AssumptionError(f"{name}={value}: it is a number") from None
        if not 0 <= number < math.inf or (name in _NOT_ZERO and number == 0):
            raise AssumptionError(f"{name}={value}: it is a positive number")
        if name in _PARTS and number > 1:
            raise AssumptionError(f"{name}={value}: it is a part of 1, such as 0.1")
        return replace(self, **{name: number})


def variations() -> list[str]:
    """Every other value to try, as `name=value`."""
    return [
        f"{one.name}={value}" for one in fields(Assumptions) for value in one.metadata["others"]
    ]
