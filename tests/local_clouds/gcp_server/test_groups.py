"""Managed instance groups of a region, and the VMs that they make."""

from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import PLACE, PROJECT, REGION, SPOT, LocalGcp, refused


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
