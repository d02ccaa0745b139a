"""How long a pool takes to ask for all of its VMs, by the simulator."""

import math

from preview import PreviewError, Resource, Resources
from review.fleet import Fleet
from simulator.time_to_max import LIMIT_SECONDS, seconds_to_max

FIXED = "-"
"""What is shown for a pool that has nothing to scale to."""


def time_to_max(pool: Fleet | None, resources: Resources, group: Resource | None) -> float | None:
    """Seconds, `inf` beyond what is simulated; None for no pool, a paused one or a fixed size.

    Raises PreviewError, which says why it is not known.
    """
    if pool is None or group is None:
        return None
    if pool.smallest is None or pool.largest is None:
        raise PreviewError("its sizes are known after the change only")
    return seconds_to_max(resources, group) if pool.smallest < pool.largest else None


def duration(seconds: float | None) -> str:
    """A time to max, rounded up: it is a bound."""
    if seconds is None:
        return FIXED
    if seconds == math.inf:
        return f"over {LIMIT_SECONDS // 3600} h"
    half_minutes = max(1, math.ceil(seconds / 30))
    return f"{half_minutes / 2:g} min" if half_minutes < 20 else f"{math.ceil(seconds / 60)} min"
