"""Stacks of the same program in one account and project never meet."""

from typing import Any

import pytest

from local_clouds import inventory
from local_clouds.clouds import Clouds
from tests import stacks
from tests.engine.conftest import stack
from tests.recorder import PROJECT

pytestmark = pytest.mark.engine
REGIONS = {"us-east-1"}


@pytest.mark.parametrize("names", [("aws",), ("gcp",), ("aws", "gcp")])
def test_three_pools_a_cloud_live_beside_another_stack(
    clouds: Clouds, names: tuple[str, ...]
) -> None:
    """One pool for each queue, and one for both."""
    first = stack(clouds, stacks.three_pools(*names), name="first")
    second = stack(clouds, stacks.three_pools(*names), name="second")
    result = first.up()
    pools = result.outputs["pools"].value
    assert len(pools) == 3 * len(names)
    with_first = inventory.list_all(clouds, REGIONS)
    assert set(second.up().changes) == {"create"}
    assert inventory.list_all(clouds, REGIONS) > with_first
    assert first.preview().is_unchanged
    second.destroy()
    assert inventory.list_all(clouds, REGIONS) == with_first
    first.destroy()
    assert inventory.list_all(clouds, REGIONS) == set()


def test_two_stacks_with_the_longest_names_do_not_collide(clouds: Clouds) -> None:
    config = stacks.dev()
    pools = config[f"{PROJECT}:pools"]
    long_pools: dict[str, Any] = {f"{name:x<24}": pool for name, pool in pools.items()}
    config[f"{PROJECT}:pools"] = long_pools
    names = [f"{'a-rather-long-stack-name':y<63}{end}" for end in ("1", "2")]
    for name in names:
        assert set(stack(clouds, config, name=name).up().changes) == {"create"}
    for name in names:
        stack(clouds, config, name=name).destroy()
    assert inventory.list_all(clouds, REGIONS) == set()
