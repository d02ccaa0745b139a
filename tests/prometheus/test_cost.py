"""What executors cost an hour: as in the comment under a pull request, and nothing unknown."""

from dataclasses import replace
from pathlib import Path

import pytest

from components import wiring
from components.wiring.pools import facts
from prometheus import HourlyPrice, PoolFacts
from review.cost import hourly
from tests.prometheus.pools import ALL, BATCHES, CODEINTEL, SPOT, price
from tests.prometheus.rules import HANDLERS, QUIET, evaluated, rules
from tests.review.test_cost import fleet
from tests.unit.stacks import DELETED, deployed

NOW, MOST = "serving:executors_hourly_cost:sum", "serving:executors_largest_hourly_cost:sum"
CI = '{queue="codeintel"}'
ONE_MORE_EACH_MINUTE = {
    **QUIET,
    **{HANDLERS % (f"vm-{n}", "codeintel"): f"_x{n} 1x100" for n in range(12)},
}
"""After n minutes n + 1 executors run."""
PRICES = {"big": {"onDemand": 2.0, "spot": 0.5}}


@pytest.mark.parametrize(
    ("base", "percent"), [(0, 0), (0, 100), (1, 100), (3, 50), (0, 33), (2, 80)]
)
def test_running_executors_cost_what_the_comment_says_of_so_many_vms(
    base: int, percent: int, tmp_path: Path
) -> None:
    bought = price(2.0 if percent < 100 or base else None, 0.5 if percent else None, base, percent)
    pool = replace(CODEINTEL, largest=12, hourly_price=bought)
    vms = fleet("big", base=base, spot=percent)
    expected = {
        f"{minute}m": {
            NOW: {CI: hourly(vms, minute + 1, PRICES)},
            MOST: {CI: hourly(vms, 12, PRICES)},
        }
        for minute in range(12)
    }
    evaluated(tmp_path, ONE_MORE_EACH_MINUTE, (pool, BATCHES), expected)


def test_where_executors_look_alike_the_dearest_pools_run_first(tmp_path: Path) -> None:
    # Three of 2.0, then the spot VM of 0.5, then what drains beyond the largest sizes.
    costs = {"0m": 2.0, "2m": 6.0, "3m": 6.5, "4m": 7.0}
    expected = {at: {NOW: {CI: cost}, MOST: {CI: 6.5}} for at, cost in costs.items()}
    evaluated(tmp_path, ONE_MORE_EACH_MINUTE, (SPOT, CODEINTEL), expected)


def test_no_executor_costs_nothing_while_somebody_would_tell(tmp_path: Path) -> None:
    evaluated(tmp_path, QUIET, (CODEINTEL,), {"5m": {NOW: {CI: 0}}})
    evaluated(tmp_path, {}, (CODEINTEL,), {"5m": {NOW: {}, MOST: {CI: 6}}})


@pytest.mark.parametrize("unpriced", [(BATCHES,), (replace(CODEINTEL, hourly_price=None), SPOT)])
def test_without_every_price_there_is_no_cost(unpriced: tuple[PoolFacts, ...]) -> None:
    costs = [rule["expr"] for rule in rules((*unpriced, ALL)) if "cost" in rule.get("record", "")]
    assert [ALL.label in expression for expression in costs] == [True, True]


AWS, SOME = "pools.codeintel.aws", {"m8i.4xlarge": {"onDemand": 2.0, "spot": 0.5}}
TWO = {f"{AWS}.machineTypes": ["m8i.4xlarge", "m7i.4xlarge"]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"prices": SOME}, price(2.0)),
        ({"prices": SOME, **TWO}, None),
        ({"prices": {**SOME, "m7i.4xlarge": {"onDemand": 3.0}}, **TWO}, price(3.0)),
        ({"prices": SOME, f"{AWS}.spot": True}, price(None, 0.5, 0, 100)),
        (
            {
                "prices": SOME,
                f"{AWS}.spot": True,
                f"{AWS}.onDemandBase": 1,
                f"{AWS}.spotPercent": 80,
            },
            price(2.0, 0.5, 1, 80),
        ),
        (
            {"prices": SOME, f"{AWS}.spot": True, f"{AWS}.onDemandBase": 1},
            price(2.0, 0.5, 1, 100),
        ),
        ({"prices": {"m8i.4xlarge": {"onDemand": 2.0}}, f"{AWS}.spot": True}, None),
    ],
)
def test_a_pools_price_is_that_of_its_dearest_machine(
    changes: dict, expected: HourlyPrice | None
) -> None:
    assert known({"pools.batches": DELETED, **changes}) == [expected]


@pytest.mark.parametrize("spot", [False, True])
def test_a_pool_on_gcp_is_spot_or_not(spot: bool) -> None:
    prices = {"n2-standard-16": {"onDemand": 2.0, "spot": 0.5}}
    changes = {"pools.codeintel": DELETED, "prices": prices, "pools.batches.gcp.spot": spot}
    assert known(changes) == [price(None, 0.5, 0, 100) if spot else price(2.0)]


def known(changes: dict) -> list[HourlyPrice | None]:
    """What rules know of the prices of a stack's pools, from its output."""
    deployment = deployed(changes)
    outputs = {pool.name: wiring.pool(deployment, pool, "group") for pool in deployment.pools}
    return [pool.hourly_price for pool in facts([outputs])]
