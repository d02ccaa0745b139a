"""Recorded series of what executors cost an hour, by the rule of a pull request's comment."""

from collections.abc import Iterable, Sequence

from prometheus.pools import HourlyPrice, PoolFacts, Serving, servings
from prometheus.recording import Rule, record

_Priced = tuple[PoolFacts, HourlyPrice]


def cost_rules(pools: Iterable[PoolFacts]) -> list[Rule]:
    """Cost now and at the most, each with a label `queue`; none where a pool's price is unknown.

    Of VMs whose executors run, machines only.
    """
    rules = []
    for serving in servings(pools):
        priced = _priced(serving)
        if priced is None:
            continue
        label = f'{{queue="{serving.label}"}}'
        # No executor costs nothing, as long as somebody would tell of one.
        running = f"serving:executors_running:count{label}"
        known = f"({running} or 0 * serving:executors_waiting_jobs:sum{label})"
        largest = f"serving:executors_largest:sum{label}"
        rules += [
            record("serving:executors_hourly_cost:sum", _cost(priced, known)),
            record("serving:executors_largest_hourly_cost:sum", _cost(priced, largest)),
        ]
    return rules


def _priced(serving: Serving) -> list[_Priced] | None:
    """The pools with their prices, the dearest first; None when a price is unknown."""
    found = [(pool, pool.hourly_price) for pool in serving.pools if pool.hourly_price is not None]
    if len(found) < len(serving.pools):
        return None
    return sorted(found, key=lambda one: -max(one[1].on_demand or 0, one[1].spot or 0))


def _cost(pools: Sequence[_Priced], vms: str) -> str:
    """PromQL of what so many VMs cost; where executors look alike, the dearest pools run first."""
    *first, last = pools
    terms, dearer = [], 0
    for pool, price in first:
        terms.append(_of_pool(price, f"clamp({vms} - {dearer}, 0, {pool.largest})"))
        dearer += pool.largest
    # The last takes what drains beyond the largest sizes, too.
    rest = f"clamp_min({vms} - {dearer}, 0)" if first else vms
    return " + ".join([*terms, _of_pool(last[1], rest)])


def _of_pool(price: HourlyPrice, vms: str) -> str:
    """`components.cost.spot_vms` in PromQL, at these prices."""
    if price.on_demand is None:
        return f"{price.spot:.10g} * {vms}"
    if price.spot is None:
        return f"{price.on_demand:.10g} * {vms}"
    above = f"clamp_min({vms} - {price.on_demand_base}, 0)"
    saved = f"({price.on_demand:.10g} - {price.spot:.10g})"
    return f"{price.on_demand:.10g} * {vms} - {saved} * floor({above} * {price.spot_percent} / 100)"
