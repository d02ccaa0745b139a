"""The server takes what Google's discovery documents say, and answers as they say."""

from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import PLACE, PROJECT, LocalGcp, refused

PARENT = f"projects/{PROJECT}"


class TestRequests:
    def test_an_unknown_field_is_refused_with_its_path(self, gcp: LocalGcp) -> None:
        body = {"name": "net", "routingConfig": {"mode": "GLOBAL"}}
        with refused(400, "Unknown name \"mode\" at 'resource.routingConfig'"):
            gcp.compute.networks().insert(project=PROJECT, body=body).execute()

    @pytest.mark.parametrize(
        ("field", "value", "message"),
        [
            ("autoCreateSubnetworks", "yes", "expected boolean"),
            ("mtu", "wide", "expected int32"),
            ("mtu", 2**40, "expected int32"),
            ("description", 7, "expected string"),
            ("name", "Net", "Must be a match of regex"),
            ("name", "n" * 64, "Must be a match of regex"),
            ("networkFirewallPolicyEnforcementOrder", "LATER", "Allowed values are"),
            ("routingConfig", [], "expected object"),
        ],
    )
    def test_a_value_of_another_kind_is_refused(
        self, gcp: LocalGcp, field: str, value: Any, message: str
    ) -> None:
        with refused(400, message):
            gcp.network(**{field: value})

    def test_a_missing_required_field_is_refused(self, gcp: LocalGcp) -> None:
        with refused(400, "Required field 'resource.name' not specified"):
            gcp.compute.networks().insert(project=PROJECT, body={}).execute()

    def test_output_only_fields_are_ignored(self, gcp: LocalGcp) -> None:
        gcp.network(id="12", selfLink="http://elsewhere")
        network = gcp.compute.networks().get(project=PROJECT, network="net").execute()
        assert network["selfLink"].endswith(f"/compute/v1/{PARENT}/global/networks/net")
        assert network["id"] != "12"

    def test_names_are_taken_once_and_missing_ones_are_404(self, gcp: LocalGcp) -> None:
        gcp.network()
        with refused(409, f"The resource '{PARENT}/global/networks/net' already exists"):
            gcp.network()
        with refused(404, "global/networks/other' was not found"):
            gcp.compute.networks().get(project=PROJECT, network="other").execute()

    def test_a_method_without_an_implementation_says_so(self, gcp: LocalGcp) -> None:
        with refused(501, "not implemented by the local GCP server"):
            gcp.compute.vpnGateways().list(**PLACE).execute()

    def test_operations_run_first_and_are_done_when_asked_again(self, gcp: LocalGcp) -> None:
        body = {"name": "net"}
        operation = gcp.compute.networks().insert(project=PROJECT, body=body).execute()
        assert operation["status"] == "RUNNING"
        operations = gcp.compute.globalOperations()
        done = operations.get(project=PROJECT, operation=operation["name"]).execute()
        assert (done["status"], done["targetLink"]) == ("DONE", operation["targetLink"])

    def test_listings_come_in_pages(self, gcp: LocalGcp) -> None:
        for name in ("a", "b", "c"):
            gcp.network(name)
        networks = gcp.compute.networks()
        request, seen = networks.list(project=PROJECT, maxResults=2), []
        while request is not None:
            answer = request.execute()
            assert len(answer["items"]) <= 2
            seen += [network["name"] for network in answer["items"]]
            request = networks.list_next(request, answer)
        assert seen == ["a", "b", "c"]

    def test_an_empty_listing_has_no_items(self, gcp: LocalGcp) -> None:
        listed = gcp.compute.networks().list(project=PROJECT).execute()
        assert listed["kind"] == "compute#networkList"
        assert "items" not in listed


def test_family_and_image_of_sourcegraph_resolve(gcp: LocalGcp) -> None:
    images = gcp.compute.images()
    newest = images.getFromFamily(
        project="sourcegraph-ci", family="sourcegraph-executors-6-10"
    ).execute()
    assert newest["family"] == "sourcegraph-executors-6-10"
    same = images.get(project="sourcegraph-ci", image=newest["name"]).execute()
    assert same == newest
