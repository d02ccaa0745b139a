"""Every job of a queue belongs to exactly one pool's part, whichever clouds serve it."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from components.config import load
from components.scaling import aws_plan, gcp_plan
from components.wiring import allocations
from tests.unit.stacks import AWS, GCP, GOOD, deployed, raw

PLACES = {"aws": AWS, "gcp": GCP}


def stack(pools: dict[str, Any], elsewhere: dict[str, Any] | None = None) -> dict[str, Any]:
    return {**GOOD, "pools": pools, "elsewhere": elsewhere or {}}


def served(cloud: str, share: float | None = None, **more: Any) -> dict[str, Any]:
    """A pool that serves codeintel and always keeps a VM."""
    stated = {} if share is None else {"share": share}
    return {"queue": "codeintel", "min": 1, "max": 9, cloud: PLACES[cloud], **stated, **more}


def test_pools_that_state_no_share_divide_what_is_left_equally() -> None:
    pools = {"a": served("aws", 0.5), "b": served("aws"), "c": served("aws")}
    shares = load(raw(stack(pools))).shares
    assert {pool: share for (pool, _), share in shares.by_pool.items()} == {
        "a": 0.5,
        "b": 0.25,
        "c": 0.25,
    }


def test_shares_of_other_stacks_count() -> None:
    elsewhere = {"codeintel": {"aws": 0.25, "gcp": 0.5}}
    shares = load(raw(stack({"a": served("aws")}, elsewhere))).shares
    assert shares.by_pool["a", "codeintel"] == 0.25
    assert shares.allocations == {("codeintel", "aws"): 0.5, ("codeintel", "gcp"): 0.5}


def test_a_share_per_queue_leaves_the_other_queues_equal() -> None:
    pools = {
        "a": {"queues": ["batches", "codeintel"], "share": {"batches": 0.75}, "aws": AWS},
        "b": {"queues": ["batches", "codeintel"], "aws": AWS},
    }
    shares = load(raw(stack(pools))).shares
    assert shares.by_pool["a", "batches"] == 0.75
    assert shares.by_pool["b", "batches"] == 0.25
    assert shares.by_pool["a", "codeintel"] == shares.by_pool["b", "codeintel"] == 0.5


@settings(max_examples=60, deadline=None, database=None)
@given(
    st.lists(st.tuples(st.sampled_from(["aws", "gcp"]), st.integers(1, 20)), min_size=1, max_size=6)
)
def test_the_parts_that_pools_answer_for_are_the_whole_queue(parts: list[tuple[str, int]]) -> None:
    total = sum(part for _, part in parts)
    pools = {f"p{i}": served(cloud, part / total) for i, (cloud, part) in enumerate(parts)}
    deployment = load(raw(stack(pools)))
    allocated = allocations(deployment)["codeintel"]
    assert sum(allocated.values()) == pytest.approx(1)
    for cloud in deployment.metric_location:
        own = [deployment.shares.of_cloud(p.name, "codeintel") for p in deployment.pools_on(cloud)]
        assert sum(own) == pytest.approx(1), "of what its cloud's metric says, nothing is left over"


@settings(max_examples=60, deadline=None, database=None)
@given(st.integers(1, 30), st.integers(1, 20), st.integers(1, 40))
def test_an_exact_multiple_needs_exactly_that_many_vms(parts: int, jobs: int, vms: int) -> None:
    """A pool with 1/parts of a queue and `jobs` a VM needs `vms` for jobs * parts * vms."""
    assume(parts * jobs < 500)
    pools = {f"p{i}": served("aws", jobsPerInstance=jobs) for i in range(parts)}
    deployment = load(raw(stack(pools)))
    [series] = aws_plan(deployment, deployment.pools[0]).series
    assert jobs * parts * vms / series.jobs_per_vm == vms


def test_rounded_shares_never_need_a_vm_more_than_exact_ones() -> None:
    pools = {
        "a": served("aws", 0.333333),
        "b": served("aws", 0.333333),
        "c": served("aws", 0.333334),
    }
    deployment = load(raw(stack(pools)))
    for pool in deployment.pools:
        [series] = aws_plan(deployment, pool).series
        assert series.jobs_per_vm == pytest.approx(12, rel=1e-5)


def test_a_pool_alone_in_its_cloud_answers_for_all_that_its_metric_says() -> None:
    pools = {"a": served("aws", 0.3, maximumNumJobs=4), "g": served("gcp", 0.7, maximumNumJobs=4)}
    deployment = load(raw(stack(pools)))
    on_aws, on_gcp = deployment.pools
    assert aws_plan(deployment, on_aws).series[0].jobs_per_vm == 4
    assert gcp_plan(deployment, on_gcp).series[0].jobs_per_vm == 4
    assert allocations(deployment) == {"codeintel": {"aws": 0.3, "gcp": 0.7}}


def test_one_cloud_gets_the_whole_queue() -> None:
    assert allocations(deployed()) == {
        "batches": {"aws": 0.0, "gcp": 1.0},
        "codeintel": {"aws": 1.0, "gcp": 0.0},
    }
