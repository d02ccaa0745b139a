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
