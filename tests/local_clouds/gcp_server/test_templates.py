"""Instance templates."""

from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import PROJECT, SPOT, LocalGcp, refused, template_properties

SCRATCH = {"type": "SCRATCH", "interface": "NVME", "initializeParams": {"diskType": "local-ssd"}}
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
