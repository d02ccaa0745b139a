"""Cost of a fleet, worked by hand."""

import pytest

from review.cost import UnknownCostError, hourly
from review.fleet import Fleet

PRICES = {"big": {"onDemand": 2.0, "spot": 0.5}, "bigger": {"onDemand": 3.0, "spot": 0.4}}


def fleet(*machines: str, base: int = 0, spot: int = 0) -> Fleet:
    return Fleet(
        smallest=0,
        largest=10,
        machine_types=machines,
        on_demand_base=base,
        spot_percent=spot,
        places=(),
        jobs_per_vm="",
        template={},
        drains=True,
        boot=None,
    )


@pytest.mark.parametrize(
    ("pool", "size", "cost"),
    [
        (fleet("big"), 4, 8.0),
        (fleet("big", "bigger"), 4, 12.0),
        (fleet("big", "bigger", spot=100), 4, 2.0),
        (fleet("big", base=1, spot=100), 4, 3.5),
        # Half of three above the base is two on demand: Auto Scaling rounds in their favour.
        (fleet("big", base=1, spot=50), 4, 6.5),
        (fleet("unknown"), 0, 0.0),
        (None, 7, 0.0),
    ],
)
def test_the_dearest_machine_type_counts(pool: Fleet | None, size: int, cost: float) -> None:
    assert hourly(pool, size, PRICES) == pytest.approx(cost)


@pytest.mark.parametrize(
    ("pool", "size", "words"),
    [
        (fleet("small"), 1, "onDemand of small"),
        (fleet("big", "small", spot=100), 1, "spot of small"),
        (fleet(), 1, "known after the change"),
        (fleet("big"), None, "known after the change"),
    ],
)
def test_what_is_not_known_is_named(pool: Fleet, size: int | None, words: str) -> None:
    with pytest.raises(UnknownCostError, match=words):
        hourly(pool, size, PRICES)
