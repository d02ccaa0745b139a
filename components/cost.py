"""What VMs cost, from the stack's own price list: one rule for previews and for Prometheus."""

from collections.abc import Iterable, Mapping
from typing import Literal

Kind = Literal["onDemand", "spot"]
Prices = Mapping[str, Mapping[str, float | None]]
"""The stack's setting `prices`: machine type -> `onDemand` and `spot`, per hour."""


class UnknownCostError(Exception):
    """A price or a size is missing; the text names it."""


def spot_vms(size: int, on_demand_base: int, spot_percent: int) -> int:
    """How many of `size` VMs are spot: a part of those above the base.

    Auto Scaling rounds in favour of on demand ("Allocation strategies for multiple instance
    types").
    """
    return max(0, size - on_demand_base) * spot_percent // 100


def dearest(machine_types: Iterable[str], prices: Prices, kind: Kind) -> float:
    """What one VM costs an hour at most: a group may start any of its machine types.

    Machines only: disks, addresses and traffic come on top. Raises UnknownCostError.
    """
    found = {machine: prices.get(machine, {}).get(kind) for machine in machine_types}
    missing = [machine for machine, price in found.items() if price is None]
    if missing:
        raise UnknownCostError(f"prices lacks {kind} of {', '.join(missing)}")
    return max(price for price in found.values() if price is not None)
