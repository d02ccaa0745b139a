"""Addresses, routers and Cloud NAT of the local GCP server: what it refuses."""

from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import PLACE, LocalGcp, refused

SUBNETWORK = f"regions/{PLACE['region']}/subnetworks/subnet"


@pytest.fixture
def gcp(gcp: LocalGcp) -> LocalGcp:
    gcp.network()
    gcp.subnetwork()
    return gcp


def nat(**changes: Any) -> dict[str, Any]:
    subnetworks = [{"name": SUBNETWORK, "sourceIpRangesToNat": ["ALL_IP_RANGES"]}]
    return {
        "name": "nat",
        "natIpAllocateOption": "MANUAL_ONLY",
        "natIps": [f"regions/{PLACE['region']}/addresses/egress"],
        "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
        "subnetworks": subnetworks,
    } | changes


def test_an_internal_address_is_kept_from_vms(gcp: LocalGcp) -> None:
    taken = gcp.address(addressType="INTERNAL", subnetwork=SUBNETWORK, address="10.0.0.2")
    assert taken["address"] == "10.0.0.2"
    gcp.template()
    gcp.group(targetSize=1)
    (vm,) = gcp.instances()
    assert vm["networkInterfaces"][0]["networkIP"] == "10.0.0.3"
    with refused(400, "already being used"):
        gcp.address("second", addressType="INTERNAL", subnetwork=SUBNETWORK, address="10.0.0.3")


@pytest.mark.parametrize("text", ["10.0.0.0", "10.0.0.1", "10.0.0.254", "10.0.0.255", "10.0.1.5"])
def test_an_address_must_be_inside_and_not_reserved(gcp: LocalGcp, text: str) -> None:
    with refused(400, "outside of 10.0.0.0/24, or reserved"):
        gcp.address(addressType="INTERNAL", subnetwork=SUBNETWORK, address=text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"natIps": []}, "MANUAL_ONLY needs natIps"),
        ({"natIps": ["regions/us-central1/addresses/missing"]}, "was not found"),
        ({"natIps": ["regions/us-central1/addresses/inner"]}, "an external address"),
        ({"natIpAllocateOption": "AUTO_ONLY"}, "only MANUAL_ONLY takes them"),
        ({"minPortsPerVm": 1}, "from 2 to 57344"),
        ({"maxPortsPerVm": 4096}, "Static ports have none"),
        ({"subnetworks": []}, "LIST_OF_SUBNETWORKS needs them"),
        ({"enableDynamicPortAllocation": True, "minPortsPerVm": 100}, "a power of 2"),
    ],
)
def test_a_nat_that_compute_engine_refuses(
    gcp: LocalGcp, changes: dict[str, Any], message: str
) -> None:
    gcp.address("egress")
    gcp.address("inner", addressType="INTERNAL", subnetwork=SUBNETWORK)
    with refused(404 if "not found" in message else 400, message):
        gcp.router(nats=[nat(**changes)])


def test_what_a_nat_uses_cannot_go_before_it(gcp: LocalGcp) -> None:
    gcp.address("egress")
    gcp.router(nats=[nat()])
    with refused(400, "already being used by"):
        gcp.api.collection("addresses").delete(**PLACE, address="egress").execute()
    with refused(400, "already being used by"):
        gcp.api.collection("subnetworks").delete(**PLACE, subnetwork="subnet").execute()
    with refused(400, "Another NAT uses it"):
        gcp.router("second", nats=[nat()])
    gcp.api.collection("routers").delete(**PLACE, router="router").execute()
    gcp.api.collection("addresses").delete(**PLACE, address="egress").execute()
