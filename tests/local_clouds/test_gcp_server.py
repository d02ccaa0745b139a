"""The GCP server answers as the documents of the APIs say, and refuses what they refuse."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from googleapiclient.errors import HttpError

from tests.local_clouds.gcp_cloud import (
    METRIC,
    PLACE,
    PROJECT,
    REGION,
    LocalGcp,
    group_body,
    metric_body,
    policy_body,
    refused,
    running,
    template_properties,
)

PARENT = f"projects/{PROJECT}"


@pytest.fixture(scope="module")
def server() -> Iterator[LocalGcp]:
    with running() as local:
        yield local


@pytest.fixture
def gcp(server: LocalGcp) -> LocalGcp:
    server.empty()
    return server


@pytest.fixture
def pool(gcp: LocalGcp) -> LocalGcp:
    """A cloud with a network, a subnetwork, a template and an empty group."""
    gcp.network()
    gcp.subnetwork()
    gcp.template()
    gcp.group()
    return gcp


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


SCRATCH = {"type": "SCRATCH", "interface": "NVME", "initializeParams": {"diskType": "local-ssd"}}
SPOT = {
    "provisioningModel": "SPOT",
    "automaticRestart": False,
    "onHostMaintenance": "TERMINATE",
    "instanceTerminationAction": "DELETE",
}
BOOT = template_properties()["disks"][0]


def image(name: str) -> dict[str, Any]:
    return {"disks": [{"boot": True, "initializeParams": {"sourceImage": name}}]}


class TestTemplates:
    @pytest.mark.parametrize(
        "changes",
        [
            {"scheduling": SPOT},
            {"disks": [BOOT, SCRATCH]},
            {"machineType": "n2-standard-16", "disks": [BOOT, SCRATCH, SCRATCH]},
            {"machineType": "n1-standard-64", "disks": [BOOT, *[SCRATCH] * 3]},
            {"advancedMachineFeatures": {"enableNestedVirtualization": True}},
            {"machineType": "c3-standard-8-lssd"},
            {"machineType": "n2-custom-8-16384"},
            image("projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-1"),
            image("projects/own-images/global/images/anything"),
        ],
    )
    def test_good_templates_are_taken(self, gcp: LocalGcp, changes: dict[str, Any]) -> None:
        gcp.network()
        gcp.subnetwork()
        gcp.template(**changes)

    @pytest.mark.parametrize(
        ("changes", "code", "message"),
        [
            ({"machineType": "zones/us-central1-a/machineTypes/n2-standard-4"}, 400, "bare name"),
            ({"machineType": "huge"}, 400, "bare name"),
            ({"scheduling": {"preemptible": True}}, 400, "automaticRestart"),
            ({"scheduling": SPOT | {"onHostMaintenance": "MIGRATE"}}, 400, "onHostMaintenance"),
            ({"scheduling": {"instanceTerminationAction": "DELETE"}}, 400, "needs provisioning"),
            ({"disks": []}, 400, "first disk must be the boot disk"),
            ({"disks": [SCRATCH]}, 400, "first disk must be the boot disk"),
            ({"disks": [BOOT, {"type": "SCRATCH"}]}, 400, "disk type local-ssd"),
            ({"disks": [BOOT | {"interface": "NVME"}]}, 400, "leave it out"),
            (image("sourcegraph-ci/x"), 400, "malformed"),
            (image("projects/sourcegraph-ci/global/images/family/none"), 404, "was not found"),
            ({"networkInterfaces": []}, 400, "At least one network interface"),
            ({"networkInterfaces": [{"network": "global/networks/net"}]}, 400, "custom subnet"),
            (
                {"serviceAccounts": [{"email": "a@b.iam.gserviceaccount.com", "scopes": ["s"]}]},
                400,
                "does not have access to service account",
            ),
            ({"labels": {"Executor": "x"}}, 400, "lower-case"),
            ({"labels": {"a": "x" * 64}}, 400, "at most 63"),
            ({"metadata": {"items": [{"key": "a b", "value": ""}]}}, 400, "match of regex"),
            ({"metadata": {"items": [{"key": "k", "value": "x" * 262145}]}}, 400, "too large"),
            (
                {"metadata": {"items": [{"key": k, "value": "x" * 262144} for k in "ab"]}},
                400,
                "too large",
            ),
            ({"machineType": "e2-standard-4", "disks": [BOOT, SCRATCH]}, 400, "Local SSD"),
            ({"machineType": "c3-standard-8", "disks": [BOOT, SCRATCH]}, 400, "Local SSD"),
            ({"machineType": "n2-standard-16", "disks": [BOOT, SCRATCH]}, 400, "1 local SSDs"),
            ({"machineType": "c2-standard-4", "disks": [BOOT, *[SCRATCH] * 3]}, 400, "3 local"),
            ({"machineType": "n1-standard-4", "disks": [BOOT, *[SCRATCH] * 9]}, 400, "9 local"),
            ({"tags": {"items": ["No"]}}, 400, "match of regex"),
        ],
    )
    def test_bad_templates_are_refused(
        self, gcp: LocalGcp, changes: dict[str, Any], code: int, message: str
    ) -> None:
        gcp.network()
        gcp.subnetwork()
        with refused(code, message):
            gcp.template(**changes)

    @pytest.mark.parametrize("family", ["e2", "n2d", "t2d"])
    def test_nested_virtualization_needs_a_family_that_has_it(
        self, gcp: LocalGcp, family: str
    ) -> None:
        gcp.network()
        gcp.subnetwork()
        nested = {"enableNestedVirtualization": True}
        with refused(400, "Nested virtualization is not supported"):
            gcp.template(machineType=f"{family}-standard-4", advancedMachineFeatures=nested)

    def test_a_template_in_use_stays(self, pool: LocalGcp) -> None:
        with refused(400, "is already being used by"):
            pool.compute.instanceTemplates().delete(
                project=PROJECT, instanceTemplate="template"
            ).execute()


class TestGroups:
    @pytest.mark.parametrize(
        ("changes", "code", "message"),
        [
            ({"versions": []}, 400, "Either 'instanceTemplate' or 'versions'"),
            ({"versions": [{"instanceTemplate": "global/instanceTemplates/no"}]}, 404, "not found"),
            ({"baseInstanceName": "x" * 59}, 400, "match of regex"),
            ({"distributionPolicy": {"zones": [{"zone": "zones/europe-west1-b"}]}}, 400, "region"),
            ({"distributionPolicy": {"targetShape": "ANY"}, "updatePolicy": {}}, 400, "NONE"),
            (
                {"updatePolicy": {"maxSurge": {"fixed": 1}}, "distributionPolicy": {}},
                400,
                "either 0 or at least equal to the number of zones (3)",
            ),
            (
                {
                    "distributionPolicy": {},
                    "updatePolicy": {"maxSurge": {"fixed": 0}, "maxUnavailable": {"fixed": 0}},
                },
                400,
                "cannot both be 0",
            ),
            ({"instanceLifecyclePolicy": {"defaultActionOnFailure": "DELETE"}}, 400, "Allowed"),
            ({"targetSize": -1}, 400, "Must be from 0"),
        ],
    )
    def test_bad_groups_are_refused(
        self, gcp: LocalGcp, changes: dict[str, Any], code: int, message: str
    ) -> None:
        gcp.network()
        gcp.subnetwork()
        gcp.template()
        with refused(code, message):
            gcp.group(**changes)

    def test_instances_follow_the_target_size_over_the_zones(self, pool: LocalGcp) -> None:
        groups = pool.compute.regionInstanceGroupManagers()
        groups.resize(**PLACE, instanceGroupManager="group", size=6).execute()
        zones = [vm["zone"].rsplit("/", 1)[-1] for vm in pool.instances()]
        assert sorted(zones) == [f"{REGION}-{z}" for z in "aabbcc"]
        groups.resize(**PLACE, instanceGroupManager="group", size=1).execute()
        assert len(pool.instances()) == 1

    def test_an_instance_has_what_the_template_says(self, gcp: LocalGcp) -> None:
        gcp.network()
        gcp.subnetwork()
        email = gcp.account()["email"]
        gcp.template(
            serviceAccounts=[{"email": email, "scopes": ["cloud-platform"]}],
            metadata={"items": [{"key": "image_family", "value": "executors"}]},
            tags={"items": ["executor"]},
            scheduling=SPOT,
        )
        gcp.group(targetSize=2)
        first, second = gcp.instances()
        assert first["name"].startswith("executor-")
        assert first["labels"] == {"executor_tag": "codeintel-prod"}
        assert first["serviceAccounts"][0]["email"] == email
        assert first["scheduling"]["preemptible"] is True
        assert {"key": "image_family", "value": "executors"} in first["metadata"]["items"]
        nics = [vm["networkInterfaces"][0] for vm in (first, second)]
        assert {nic["networkIP"] for nic in nics} == {"10.0.0.2", "10.0.0.3"}
        assert {nic["accessConfigs"][0]["natIP"] for nic in nics} == {"203.0.113.1", "203.0.113.2"}

    def test_without_an_access_config_an_instance_has_no_external_address(
        self, gcp: LocalGcp
    ) -> None:
        gcp.network()
        subnetwork = gcp.subnetwork()
        gcp.template(networkInterfaces=[{"subnetwork": subnetwork}])
        gcp.group(targetSize=1)
        assert "accessConfigs" not in gcp.instances()[0]["networkInterfaces"][0]

    def test_the_filter_of_prometheus_discovery_selects_by_label(self, pool: LocalGcp) -> None:
        pool.template("other", labels={"executor_tag": "batches-prod"})
        versions = [{"instanceTemplate": "global/instanceTemplates/other"}]
        pool.group("second", targetSize=3, versions=versions)
        groups = pool.compute.regionInstanceGroupManagers()
        groups.resize(**PLACE, instanceGroupManager="group", size=3).execute()
        zone = {"project": PROJECT, "zone": f"{REGION}-a"}
        for tag in ("codeintel-prod", "batches-prod"):
            found = (
                pool.compute.instances()
                .list(**zone, filter=f"labels.executor_tag = {tag}", maxResults=500)
                .execute()["items"]
            )
            assert [vm["labels"]["executor_tag"] for vm in found] == [tag]
        with refused(400, "Invalid list filter"):
            pool.compute.instances().list(**zone, filter="labels.executor_tag =").execute()

    def test_deleting_instances_lowers_the_target_size(self, pool: LocalGcp) -> None:
        groups = pool.compute.regionInstanceGroupManagers()
        groups.resize(**PLACE, instanceGroupManager="group", size=3).execute()
        of_group = PLACE | {"instanceGroupManager": "group"}
        managed = groups.listManagedInstances(**of_group).execute()["managedInstances"]
        assert {entry["instanceStatus"] for entry in managed} == {"RUNNING"}
        gone = managed[1]["instance"]
        groups.deleteInstances(**of_group, body={"instances": [gone]}).execute()
        assert groups.get(**of_group).execute()["targetSize"] == 2
        assert gone not in [vm["selfLink"] for vm in pool.instances()]

    def test_a_recreated_instance_keeps_its_name_and_takes_the_present_template(
        self, pool: LocalGcp
    ) -> None:
        groups = pool.compute.regionInstanceGroupManagers()
        groups.resize(**PLACE, instanceGroupManager="group", size=2).execute()
        of_group = PLACE | {"instanceGroupManager": "group"}
        old, other = pool.instances()
        groups.recreateInstances(**of_group, body={"instances": [old["selfLink"]]}).execute()
        assert groups.get(**of_group).execute()["targetSize"] == 2
        found = {vm["selfLink"]: vm["id"] for vm in pool.instances()}
        assert found.pop(other["selfLink"]) == other["id"]
        assert list(found) == [old["selfLink"]]
        assert found[old["selfLink"]] != old["id"]

    def test_an_instance_deleted_behind_the_group_is_replaced(self, pool: LocalGcp) -> None:
        groups = pool.compute.regionInstanceGroupManagers()
        groups.resize(**PLACE, instanceGroupManager="group", size=1).execute()
        old = pool.instances()[0]
        zone = old["zone"].rsplit("/", 1)[-1]
        pool.compute.instances().delete(project=PROJECT, zone=zone, instance=old["name"]).execute()
        assert [vm["id"] for vm in pool.instances()] != [old["id"]]
        assert len(pool.instances()) == 1

    @pytest.mark.parametrize(("kind", "replaced"), [("OPPORTUNISTIC", False), ("PROACTIVE", True)])
    def test_a_new_template_reaches_running_instances_by_policy(
        self, pool: LocalGcp, kind: str, replaced: bool
    ) -> None:
        groups, of_group = (
            pool.compute.regionInstanceGroupManagers(),
            PLACE | {"instanceGroupManager": "group"},
        )
        groups.resize(**of_group, size=1).execute()
        old = pool.instances()[0]["id"]
        pool.template("newer")
        body = {
            "versions": [{"instanceTemplate": "global/instanceTemplates/newer"}],
            "updatePolicy": {"type": kind},
        }
        groups.patch(**of_group, body=body).execute()
        assert (pool.instances()[0]["id"] != old) == replaced
        status = groups.get(**of_group).execute()["status"]
        assert status["versionTarget"]["isReached"] == replaced


class TestAutoscalers:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"minNumReplicas": 5, "maxNumReplicas": 4}, "from 0 to maxNumReplicas"),
            ({"customMetricUtilizations": []}, "Scaling to 0 needs a per-group metric"),
            ({"customMetricUtilizations": [metric_body(utilizationTarget=1)]}, "Exactly one of"),
            ({"customMetricUtilizations": [metric_body(singleInstanceAssignment=0)]}, "positive"),
            ({"customMetricUtilizations": [metric_body(filter="")]}, "not gce_instance"),
            (
                {
                    "customMetricUtilizations": [
                        metric_body(filter='resource.type = "global" OR metric.labels.a = "b"')
                    ]
                },
                "joined by AND",
            ),
            (
                {
                    "customMetricUtilizations": [
                        metric_body(filter='resource.type = "global" AND metric.labels.a != "b"')
                    ]
                },
                "joined by AND",
            ),
            (
                {"customMetricUtilizations": [metric_body(filter='resource.type = "global" AND')]},
                "joined by AND",
            ),
            ({"customMetricUtilizations": [metric_body()] * 6}, "At most 5"),
            ({"mode": "SOMETIMES"}, "Allowed values are"),
        ],
    )
    def test_bad_policies_are_refused(
        self, pool: LocalGcp, changes: dict[str, Any], message: str
    ) -> None:
        with refused(400, message):
            pool.autoscaler(**changes)

    def test_the_target_exists_and_has_one_autoscaler(self, pool: LocalGcp) -> None:
        with refused(404, "was not found"):
            pool.autoscaler(target="none")
        pool.autoscaler()
        with refused(400, "already has the autoscaler 'scaler'"):
            pool.autoscaler("second")

    @pytest.mark.parametrize("shape", ["ANY", "ANY_SINGLE_ZONE"])
    def test_shapes_without_autoscaling_are_refused(self, pool: LocalGcp, shape: str) -> None:
        pool.group("single", distributionPolicy={"targetShape": shape})
        with refused(400, f"not supported for target distribution shape {shape}"):
            pool.autoscaler(target="single")

    def test_an_autoscaled_group_cannot_be_deleted(self, pool: LocalGcp) -> None:
        pool.autoscaler()
        groups = pool.compute.regionInstanceGroupManagers()
        with refused(400, "is already being used by"):
            groups.delete(**PLACE, instanceGroupManager="group").execute()
        pool.compute.regionAutoscalers().delete(**PLACE, autoscaler="scaler").execute()
        groups.delete(**PLACE, instanceGroupManager="group").execute()

    @pytest.mark.parametrize(("value", "size"), [(0, 0), (1, 1), (4, 1), (5, 2), (400, 10)])
    def test_the_recommended_size_is_the_rounded_up_share(
        self, pool: LocalGcp, value: int, size: int
    ) -> None:
        pool.autoscaler()
        pool.write_queue_size(value)
        assert pool.seen_autoscaler()["recommendedSize"] == size
        assert len(pool.instances()) == size

    @pytest.mark.parametrize(
        ("series", "size"),
        [
            ("resource.type = global", 4),
            ('resource.type="global" AND metric.labels.queueName="batches"', 2),
            ('metric.label.queueName = "codeintel" AND resource.type = "global"', 2),
            (f'metric.type = "{METRIC}" AND resource.type = "global"', 4),
        ],
    )
    def test_series_that_match_are_summed_and_others_left_out(
        self, pool: LocalGcp, series: str, size: int
    ) -> None:
        pool.autoscaler(customMetricUtilizations=[metric_body(filter=series)])
        pool.write_queue_size(5, "batches")
        pool.write_queue_size(8, "codeintel")
        assert pool.seen_autoscaler()["recommendedSize"] == size

    def test_without_data_the_size_is_kept(self, pool: LocalGcp) -> None:
        pool.autoscaler(minNumReplicas=1)
        kinds = [detail["type"] for detail in pool.seen_autoscaler()["statusDetails"]]
        assert "MISSING_CUSTOM_METRIC_DATA_POINTS" in kinds
        assert len(pool.instances()) == 1
        pool.write_queue_size(12)
        assert len(pool.instances()) == 3
        pool.clock.pass_time(minutes=11)
        seen = pool.seen_autoscaler()
        assert seen["recommendedSize"] == 3
        assert "MISSING_CUSTOM_METRIC_DATA_POINTS" in [d["type"] for d in seen["statusDetails"]]

    @pytest.mark.parametrize(("mode", "left"), [("ONLY_SCALE_OUT", 3), ("ON", 0), ("OFF", 0)])
    def test_the_mode_says_which_way_the_group_moves(
        self, pool: LocalGcp, mode: str, left: int
    ) -> None:
        pool.autoscaler(mode=mode)
        pool.write_queue_size(12)
        pool.write_queue_size(0)
        assert len(pool.instances()) == left
        assert pool.seen_autoscaler().get("recommendedSize") == (None if mode == "OFF" else 0)

    def test_a_patch_keeps_what_it_does_not_say(self, pool: LocalGcp) -> None:
        pool.autoscaler()
        body = {"autoscalingPolicy": {"maxNumReplicas": 2}}
        pool.compute.regionAutoscalers().patch(**PLACE, autoscaler="scaler", body=body).execute()
        policy = pool.seen_autoscaler()["autoscalingPolicy"]
        assert (policy["maxNumReplicas"], policy["mode"]) == (2, "ONLY_SCALE_OUT")


class TestMonitoring:
    def write(self, gcp: LocalGcp, **changes: Any) -> None:
        series = {
            "metric": {"type": METRIC, "labels": {"queueName": "batches"}},
            "resource": {"type": "global"},
            "points": [
                {"interval": {"endTime": gcp.clock().isoformat()}, "value": {"int64Value": "3"}}
            ],
        }
        body = {"timeSeries": [series | changes]}
        gcp.api.time_series.create(name=PARENT, body=body).execute()

    def test_points_come_in_order_and_not_too_often(self, gcp: LocalGcp) -> None:
        self.write(gcp)
        gcp.clock.pass_time(seconds=4)
        with refused(400, "more frequently"):
            self.write(gcp)
        gcp.clock.pass_time(seconds=1)
        self.write(gcp)

    def test_a_metric_keeps_its_value_type(self, gcp: LocalGcp) -> None:
        self.write(gcp)
        gcp.clock.pass_time(minutes=1)
        end = {"endTime": gcp.clock().isoformat()}
        with refused(400, "does not match the metric's INT64"):
            self.write(gcp, points=[{"interval": end, "value": {"doubleValue": 1.5}}])

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"points": []}, "exactly one point"),
            ({"metric": {"type": "compute.googleapis.com/x"}}, "no custom metric type"),
            ({"resource": {}}, "resource.type is required"),
            (
                {
                    "points": [
                        {
                            "interval": {"endTime": "2020-01-01T00:00:00Z"},
                            "value": {"int64Value": "1"},
                        }
                    ]
                },
                "too far in the past",
            ),
        ],
    )
    def test_bad_series_are_refused(
        self, gcp: LocalGcp, changes: dict[str, Any], message: str
    ) -> None:
        with refused(400, message):
            self.write(gcp, **changes)

    def test_what_was_written_can_be_listed(self, gcp: LocalGcp) -> None:
        self.write(gcp)
        start = gcp.clock() - timedelta(minutes=1)
        listed = gcp.api.time_series.list(
            name=PARENT,
            filter=f'metric.type = "{METRIC}" AND metric.labels.queueName = "batches"',
            interval_startTime=start.isoformat(),
            interval_endTime=gcp.clock().isoformat(),
        ).execute()["timeSeries"]
        assert [point["value"] for point in listed[0]["points"]] == [{"int64Value": "3"}]


class TestServiceAccounts:
    @pytest.mark.parametrize("account_id", ["short", "x" * 31, "Upper-case", "1starts", "ends-"])
    def test_bad_ids_are_refused(self, gcp: LocalGcp, account_id: str) -> None:
        with refused(400, "between 6 and 30"):
            gcp.account(account_id)

    def test_a_deleted_id_comes_back_as_another_account(self, gcp: LocalGcp) -> None:
        first = gcp.account()
        with refused(409, "already exists within project"):
            gcp.account()
        gcp.api.service_accounts.delete(name=first["name"]).execute()
        assert gcp.account()["uniqueId"] != first["uniqueId"]

    def test_a_key_is_told_once_and_is_a_credentials_file(self, gcp: LocalGcp) -> None:
        account = gcp.account()
        keys = gcp.api.service_accounts.keys()
        key = keys.create(name=account["name"], body={}).execute()
        content = json.loads(base64.b64decode(key["privateKeyData"]))
        assert content["type"] == "service_account"
        assert content["client_email"] == account["email"]
        load_pem_private_key(content["private_key"].encode(), password=None)
        assert "privateKeyData" not in keys.get(name=key["name"]).execute()
        assert b"PRIVATE" not in repr(gcp.server.cloud.resources).encode()


class TestRoles:
    def create(self, gcp: LocalGcp, role_id: str = "writer", **role: Any) -> None:
        body = {"roleId": role_id, "role": {"title": "Writer", "stage": "GA"} | role}
        gcp.api.roles.create(parent=PARENT, body=body).execute()

    @pytest.mark.parametrize("role_id", ["has-hyphen", "ab", "x" * 65])
    def test_bad_ids_are_refused(self, gcp: LocalGcp, role_id: str) -> None:
        with refused(400, "is not valid"):
            self.create(gcp, role_id)

    def test_bad_permissions_are_refused(self, gcp: LocalGcp) -> None:
        with refused(400, "Permission monitoring.create is not valid"):
            self.create(gcp, includedPermissions=["monitoring.create"])

    def test_a_deleted_role_keeps_its_id(self, gcp: LocalGcp) -> None:
        self.create(gcp)
        with refused(409, "already exists"):
            self.create(gcp)
        name = f"{PARENT}/roles/writer"
        gcp.api.roles.delete(name=name).execute()
        with refused(400, "in a deleted state"):
            self.create(gcp)
        assert gcp.api.roles.get(name=name).execute()["deleted"] is True
        assert gcp.api.roles.list(parent=PARENT).execute() == {}
        assert gcp.names() == []
        gcp.api.roles.undelete(name=name, body={}).execute()
        assert "deleted" not in gcp.api.roles.get(name=name).execute()


class TestPolicies:
    def grant(self, gcp: LocalGcp, role: str, member: str, **policy: Any) -> dict[str, Any]:
        body = {"policy": {"bindings": [{"role": role, "members": [member]}]} | policy}
        return gcp.api.projects.setIamPolicy(resource=PROJECT, body=body).execute()

    @pytest.mark.parametrize(
        ("role", "member", "message"),
        [
            (
                "roles/logging.logWriter",
                "serviceAccount:none@x.iam.gserviceaccount.com",
                "does not exist",
            ),
            ("roles/logging.logWriter", "someone@example.com", "Invalid member"),
            ("roles/logWriter", "user:a@example.com", "is not supported"),
            (f"{PARENT}/roles/none", "user:a@example.com", "does not exist"),
            ("roles/viewer", "allUsers", "cannot be members"),
        ],
    )
    def test_bad_bindings_are_refused(
        self, gcp: LocalGcp, role: str, member: str, message: str
    ) -> None:
        with refused(400, message):
            self.grant(gcp, role, member)

    def test_an_old_etag_is_refused(self, gcp: LocalGcp) -> None:
        first = self.grant(gcp, "roles/viewer", "user:a@example.com")
        self.grant(gcp, "roles/viewer", "user:b@example.com", etag=first["etag"])
        with refused(409, "concurrent policy changes"):
            self.grant(gcp, "roles/viewer", "user:c@example.com", etag=first["etag"])

    def test_conditions_need_version_3(self, gcp: LocalGcp) -> None:
        condition = {"title": "soon", "expression": "true"}
        binding = {"role": "roles/viewer", "members": ["user:a@b.com"], "condition": condition}
        with refused(400, "version is 3"):
            self.grant(gcp, "roles/viewer", "user:a@b.com", bindings=[binding])
        self.grant(gcp, "roles/viewer", "user:a@b.com", bindings=[binding], version=3)
        hidden = gcp.api.projects.getIamPolicy(resource=PROJECT, body={}).execute()
        assert "bindings" not in hidden

    def test_a_deleted_account_is_marked_in_policies(self, gcp: LocalGcp) -> None:
        account = gcp.account()
        self.grant(gcp, "roles/logging.logWriter", f"serviceAccount:{account['email']}")
        gcp.api.service_accounts.delete(name=account["name"]).execute()
        policy = gcp.api.projects.getIamPolicy(resource=PROJECT, body={}).execute()
        member = policy["bindings"][0]["members"][0]
        assert member == f"deleted:serviceAccount:{account['email']}?uid={account['uniqueId']}"


class TestSecrets:
    def create(self, gcp: LocalGcp, secret_id: str = "token", **body: Any) -> str:  # noqa: S107
        body = {"replication": {"automatic": {}}} | body
        gcp.api.secrets.create(parent=PARENT, secretId=secret_id, body=body).execute()
        return f"{PARENT}/secrets/{secret_id}"

    def add(self, gcp: LocalGcp, name: str, payload: bytes) -> dict[str, Any]:
        body = {"payload": {"data": base64.b64encode(payload).decode()}}
        return gcp.api.secrets.addVersion(parent=name, body=body).execute()

    @pytest.mark.parametrize(
        ("secret_id", "body", "message"),
        [
            ("token", {"replication": {}}, "exactly one of automatic"),
            ("to.ken", {}, "must match"),
            ("token", {"labels": {"Team": "x"}}, "lower-case"),
        ],
    )
    def test_bad_secrets_are_refused(
        self, gcp: LocalGcp, secret_id: str, body: dict[str, Any], message: str
    ) -> None:
        with refused(400, message):
            self.create(gcp, secret_id, **body)

    def test_versions_count_up_and_latest_is_the_newest_enabled(self, gcp: LocalGcp) -> None:
        name = self.create(gcp)
        for payload in (b"one", b"two"):
            version = self.add(gcp, name, payload)
        assert version["name"].endswith("/versions/2")
        versions, latest = gcp.api.secrets.versions(), f"{name}/versions/latest"
        data = versions.access(name=latest).execute()["payload"]["data"]
        assert base64.b64decode(data) == b"two"
        versions.destroy(name=version["name"], body={}).execute()
        data = versions.access(name=latest).execute()["payload"]["data"]
        assert base64.b64decode(data) == b"one"
        with refused(400, "DESTROYED"):
            versions.access(name=f"{name}/versions/2").execute()

    def test_payloads_have_a_limit_and_an_alphabet(self, gcp: LocalGcp) -> None:
        name = self.create(gcp)
        with refused(400, "larger than 65536 bytes"):
            self.add(gcp, name, b"x" * 65537)
        with refused(400, "Base64 decoding failed"):
            body = {"payload": {"data": "no base64!"}}
            gcp.api.secrets.addVersion(parent=name, body=body).execute()

    def test_names_use_the_project_number_and_both_forms_are_found(self, gcp: LocalGcp) -> None:
        self.create(gcp)
        number = gcp.api.projects.get(projectId=PROJECT).execute()["projectNumber"]
        secret = gcp.api.secrets.get(name=f"projects/{number}/secrets/token").execute()
        assert secret["name"] == f"projects/{number}/secrets/token"

    def test_deleting_a_secret_takes_versions_and_policy(self, gcp: LocalGcp) -> None:
        name = self.create(gcp)
        self.add(gcp, name, b"one")
        member, role = "user:a@b.com", "roles/secretmanager.secretAccessor"
        policy = {"policy": {"bindings": [{"role": role, "members": [member]}]}}
        gcp.api.secrets.setIamPolicy(resource=name, body=policy).execute()
        assert f"{name}: {role} {member}" in gcp.names()
        gcp.api.secrets.delete(name=name).execute()
        assert gcp.names() == []


def test_family_and_image_of_sourcegraph_resolve(gcp: LocalGcp) -> None:
    images = gcp.compute.images()
    newest = images.getFromFamily(
        project="sourcegraph-ci", family="sourcegraph-executors-6-10"
    ).execute()
    assert newest["family"] == "sourcegraph-executors-6-10"
    same = images.get(project="sourcegraph-ci", image=newest["name"]).execute()
    assert same == newest


def test_bodies_used_here_are_the_ones_that_the_server_takes(pool: LocalGcp) -> None:
    pool.autoscaler(**policy_body())
    pool.group("again", **group_body())
