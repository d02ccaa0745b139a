"""What a fleet of machines costs an hour, from the stack's own price list."""

from components.cost import Kind, Prices, UnknownCostError, dearest, spot_vms
from review.fleet import Fleet

__all__ = ["Prices", "UnknownCostError", "hourly"]


def hourly(fleet: Fleet | None, size: int | None, prices: Prices) -> float:
    """At most this many an hour for `size` VMs: the dearest of the pool's machine types counts.

    Machines only: disks, addresses and traffic come on top. No fleet costs nothing.
    Raises UnknownCostError.
    """
    if fleet is None or size == 0:
        return 0.0
    if size is None or not fleet.machine_types:
        raise UnknownCostError("the size or the machine type is known after the change")
    spot = spot_vms(size, fleet.on_demand_base, fleet.spot_percent)
    counts: dict[Kind, int] = {"onDemand": size - spot, "spot": spot}
    return sum(
        count * dearest(fleet.machine_types, prices, kind)
        for kind, count in counts.items()
        if count
    )
