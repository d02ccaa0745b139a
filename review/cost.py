"""What a fleet of machines costs an hour, from the stack's own price list."""

import math
from collections.abc import Mapping
from typing import Any

from preview.values import at
from review.fleet import Fleet

Prices = Mapping[str, Any]
"""The stack's setting `prices`: machine type -> `onDemand` and `spot`, per hour."""


class UnknownCostError(Exception):
    """A price or a size is missing; the text names it."""


def hourly(fleet: Fleet | None, size: int | None, prices: Prices) -> float:
    """At most this many an hour for `size` VMs: the dearest of the pool's machine types counts.

    Machines only: disks, addresses and traffic come on top. No fleet costs nothing.
    Raises UnknownCostError.
    """
    if fleet is None or size == 0:
        return 0.0
    if size is None or not fleet.machine_types:
        raise UnknownCostError("the size or the machine type is known after the change")
    above_base = max(0, size - fleet.on_demand_base)
    on_demand = size - above_base + math.ceil(above_base * (100 - fleet.spot_percent) / 100)
    return sum(
        count * _dearest(fleet, prices, kind)
        for kind, count in (("onDemand", on_demand), ("spot", size - on_demand))
        if count
    )


def _dearest(fleet: Fleet, prices: Prices, kind: str) -> float:
    found = {machine: at(prices, machine, kind) for machine in fleet.machine_types}
    missing = [machine for machine, price in found.items() if price is None]
    if missing:
        raise UnknownCostError(f"prices lacks {kind} of {', '.join(missing)}")
    return max(found.values())
