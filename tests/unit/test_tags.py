"""Tags are valid on both clouds, and Prometheus and the VMs agree on them."""

import re

from components.discovery import discoveries
from components.tags import POOL, TAG, own_tags, tags
from tests.unit.stacks import deployed


def test_a_pools_tags_are_the_stacks_and_its_own() -> None:
    deployment = deployed()
    for pool in deployment.pools:
        assert tags(deployment, pool) == {**tags(deployment), POOL: pool.name}


def test_tags_are_valid_labels_of_the_narrower_cloud() -> None:
    deployment = deployed(stack="Prod_EU.1")
    for key, value in tags(deployment, deployment.pools[0]).items():
        assert re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key)
        assert re.fullmatch(r"[a-z0-9_-]{1,63}", value)


def test_labels_of_the_stack_file_are_on_everything_and_replace_none_of_our_own() -> None:
    deployment = deployed({"labels": {"team": "dev-tools", "cost_center": "42"}})
    pool = deployment.pools[0]
    assert tags(deployment, pool) == {
        "team": "dev-tools",
        "cost_center": "42",
        **own_tags(deployment, pool),
    }
    assert own_tags(deployment, pool) == {TAG: "executors-prod", POOL: pool.name}


def test_prometheus_looks_for_the_tag_that_the_vms_carry() -> None:
    deployment = deployed({"instanceTag": "our-executors"})
    assert tags(deployment)[TAG] == "our-executors"
    assert {found.instance_tag for found in discoveries(deployment)} == {"our-executors"}


def test_every_region_and_every_zone_is_looked_at_once() -> None:
    changes = {"pools.batches.gcp.zones": ["us-central1-a", "us-central1-b"]}
    assert len(discoveries(deployed(changes))) == 3
