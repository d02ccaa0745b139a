"""What is told of a sound stack."""

from typing import Any

import pytest

from components.config.warnings import warnings
from tests.unit.stacks import deployed

CI, BA, URL = "pools.codeintel", "pools.batches", "sourcegraph.url"
ALLOW, FIRECRACKER = "executors.jobNetworkAllow", "executors.firecracker.enabled"


@pytest.mark.parametrize("host", ["10.0.0.5", "sourcegraph", "sg.corp.internal", "sg.local"])
def test_a_private_sourcegraph_that_jobs_cannot_reach_is_told_of_every_pool(host: str) -> None:
    found = warnings(deployed({URL: f"https://{host}:7080"}))
    assert [doubt.key for doubt in found] == [f"{BA}.jobNetworkAllow", f"{CI}.jobNetworkAllow"]
    assert host in found[0].found


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {URL: "https://8.8.8.8"},
        {URL: "https://10.0.0.5", ALLOW: ["10.0.0.0/24"]},
        {URL: "https://sg.internal", ALLOW: ["10.0.0.0/24"]},
        {URL: "https://10.0.0.5", FIRECRACKER: False},
    ],
)
def test_one_that_they_reach_is_not(changes: dict[str, Any]) -> None:
    assert warnings(deployed(changes)) == ()


def test_an_address_outside_of_the_ranges_is_told() -> None:
    changes = {URL: "https://10.0.1.5", ALLOW: ["10.0.0.0/24"], f"{CI}.jobNetworkAllow": []}
    found = warnings(deployed(changes))
    assert all("10.0.1.5/32" in doubt.fix for doubt in found)
    assert len(found) == 2


def test_a_machine_type_of_unknown_size_is_told_once_it_cannot_be_checked() -> None:
    changes = {f"{CI}.aws.machineTypes": ["x99.metal"], f"{BA}.gcp.machineType": "z9-fast-16"}
    aws, gcp = sorted(warnings(deployed(changes)), key=lambda doubt: doubt.key, reverse=True)
    assert (aws.key, gcp.key) == (f"{CI}.aws.machineTypes", f"{BA}.gcp.machineType")
    assert "machineSizes: {x99.metal: {cpus" in aws.fix
    stated = {name: {"cpus": 16, "memory": "64G"} for name in ("x99.metal", "z9-fast-16")}
    assert warnings(deployed({**changes, "machineSizes": stated})) == ()


@pytest.mark.parametrize(("jobs", "slots", "told"), [(360, 18, True), (180, 18, False)])
@pytest.mark.parametrize("pool", [CI, BA])
def test_many_more_jobs_than_slots_are_told(pool: str, jobs: int, slots: int, told: bool) -> None:
    large = {
        f"{CI}.aws.machineTypes": ["m8i.24xlarge"],
        f"{BA}.gcp.machineType": "n2-standard-96",
        f"{BA}.gcp.bootDiskSize": 500,
    }
    changes = {f"{pool}.jobsPerInstance": jobs, f"{pool}.maximumNumJobs": slots}
    found = warnings(deployed({**large, **changes}))
    assert [doubt.key for doubt in found] == [f"{pool}.jobsPerInstance"] * told
    assert all("360 jobs for each VM of 18 slots" in doubt.found for doubt in found)


def test_fewer_jobs_than_slots_are_told_of_a_pool_that_scales() -> None:
    [doubt] = warnings(deployed({f"{CI}.jobsPerInstance": 3}))
    assert "slots to spare" in doubt.found
    assert warnings(deployed({f"{CI}.jobsPerInstance": 3, f"{CI}.min": 10})) == ()


def test_a_pause_of_a_pool_with_schedules_is_told_on_aws() -> None:
    day = {"day": {"cron": "0 8 * * 1-5", "duration": "9h", "min": 2}}
    changes = {
        f"{pool}.{key}": value
        for pool in (CI, BA)
        for key, value in (("schedules", day), ("paused", True))
    }
    [doubt] = warnings(deployed(changes))
    assert doubt.key == f"{CI}.paused"
    assert "--refresh" in doubt.fix
