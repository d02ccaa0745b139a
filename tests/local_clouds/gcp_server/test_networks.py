"""Networks, subnetworks and firewall rules."""

from typing import Any

import pytest
from googleapiclient.errors import HttpError

from tests.local_clouds.gcp_cloud import PLACE, PROJECT, LocalGcp, refused


class TestNetworks:
    @pytest.mark.parametrize(
        ("cidr", "message"),
        [
            ("10.0.0.1/24", "has host bits set"),
            ("10.0.0.0/30", "at most 29"),
            ("8.8.0.0/16", "outside the valid IPv4 ranges"),
            ("10.0.0.0", "at most 29"),
            ("wide", "Must be a CIDR address range"),
        ],
    )
    def test_bad_ranges_are_refused(self, gcp: LocalGcp, cidr: str, message: str) -> None:
        gcp.network()
        with refused(400, message):
            gcp.subnetwork(ipCidrRange=cidr)

    def test_ranges_of_one_network_do_not_overlap(self, gcp: LocalGcp) -> None:
        gcp.network()
        gcp.network("other")
        gcp.subnetwork(ipCidrRange="10.0.0.0/20")
        with refused(400, "conflicts with existing range 10.0.0.0/20"):
            gcp.subnetwork("second", ipCidrRange="10.0.8.0/24")
        gcp.subnetwork("second", network="global/networks/other", ipCidrRange="10.0.8.0/24")

    def test_a_network_in_use_stays(self, gcp: LocalGcp) -> None:
        gcp.network()
        gcp.subnetwork()
        with refused(400, "is already being used by"):
            gcp.compute.networks().delete(project=PROJECT, network="net").execute()
        gcp.compute.subnetworks().delete(**PLACE, subnetwork="subnet").execute()
        gcp.compute.networks().delete(project=PROJECT, network="net").execute()
        assert gcp.names() == []

    def test_a_region_that_does_not_exist_is_404(self, gcp: LocalGcp) -> None:
        gcp.network()
        body = {"name": "s", "network": "global/networks/net", "ipCidrRange": "10.0.0.0/24"}
        with refused(404, "regions/mars-north1"):
            gcp.compute.subnetworks().insert(
                project=PROJECT, region="mars-north1", body=body
            ).execute()

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"network": "global/networks/none"}, "was not found"),
            ({"allowed": []}, "Exactly one of the fields"),
            ({"denied": [{"IPProtocol": "tcp"}]}, "Exactly one of the fields"),
            ({"allowed": [{"IPProtocol": "carrier-pigeon"}]}, "neither a known protocol"),
            ({"allowed": [{"IPProtocol": "icmp", "ports": ["1"]}]}, "has no ports"),
            ({"allowed": [{"IPProtocol": "tcp", "ports": ["90-80"]}]}, "a port or a range"),
            ({"sourceRanges": ["10.0.0.1/8"]}, "Must be a CIDR range"),
            ({"priority": 70000}, "from 0 to 65535"),
            (
                {"targetTags": ["a"], "targetServiceAccounts": ["a@b.iam.gserviceaccount.com"]},
                "cannot be used in one firewall rule",
            ),
            ({"targetServiceAccounts": ["someone"]}, "no service account email"),
            ({"direction": "EGRESS", "sourceTags": ["a"]}, "An egress rule"),
        ],
    )
    def test_bad_firewall_rules_are_refused(
        self, gcp: LocalGcp, changes: dict[str, Any], message: str
    ) -> None:
        gcp.network()
        allowed = [{"IPProtocol": "tcp", "ports": ["22"]}]
        body = {"name": "ssh", "network": "global/networks/net", "allowed": allowed} | changes
        with pytest.raises(HttpError, match=r"40[04]") as found:
            gcp.compute.firewalls().insert(project=PROJECT, body=body).execute()
        assert message in found.value.reason
