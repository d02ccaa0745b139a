"""What zonal groups keep for VMs, keys of customers and alert policies, of the local GCP server."""

from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import (
    PROJECT,
    REGION,
    ZONE,
    LocalGcp,
    refused,
    template_properties,
)

KEY = f"projects/acme-keys/locations/{REGION}/keyRings/r/cryptoKeys/k"
PLACE = {"project": PROJECT, "zone": ZONE}
GROUP = PLACE | {"instanceGroupManager": "zonal"}


@pytest.fixture
def gcp(gcp: LocalGcp) -> LocalGcp:
    gcp.network()
    gcp.subnetwork()
    gcp.template()
    gcp.mirror()
    return gcp


def kept(name: str = "mirror-1", **state: Any) -> dict[str, Any]:
    disk = {"source": f"zones/{ZONE}/disks/cache", "autoDelete": "NEVER"}
    address = {"ipAddress": {"address": f"regions/{REGION}/addresses/fixed"}}
    both = {"disks": {"registry": disk}, "internalIPs": {"nic0": address}}
    return {"instances": [{"name": name, "preservedState": both | state}]}


def groups(gcp: LocalGcp) -> Any:
    return gcp.api.collection("instanceGroupManagers")


def test_a_vm_comes_back_with_what_the_group_keeps_for_it(gcp: LocalGcp) -> None:
    groups(gcp).createInstances(**GROUP, body=kept()).execute()
    (first,) = gcp.instances()
    gcp.api.collection("instances").delete(**PLACE, instance="mirror-1").execute()
    (second,) = gcp.instances()
    assert second["id"] != first["id"]
    for vm in (first, second):
        assert vm["name"] == "mirror-1"
        assert vm["networkInterfaces"][0]["networkIP"] == "10.0.0.30"
        assert [disk.get("deviceName") for disk in vm["disks"]] == [None, "registry"]
    state = groups(gcp).get(**GROUP).execute()["status"]["stateful"]
    assert state["hasStatefulConfig"] is True


def test_a_new_template_reaches_it_under_the_same_name(gcp: LocalGcp) -> None:
    groups(gcp).createInstances(**GROUP, body=kept()).execute()
    gcp.template("larger", machineType="n2-standard-8")
    version = {"instanceTemplate": "global/instanceTemplates/larger"}
    groups(gcp).patch(**GROUP, body={"versions": [version]}).execute()
    (vm,) = gcp.instances()
    assert (vm["name"], vm["machineType"].rsplit("/", 1)[-1]) == ("mirror-1", "n2-standard-8")


@pytest.mark.parametrize(
    ("state", "code", "message"),
    [
        ({"disks": {"d": {"source": f"zones/{ZONE}/disks/missing"}}}, 404, "not found"),
        ({"disks": {"d": {"source": f"zones/{REGION}-b/disks/far"}}}, 400, "in the group's zone"),
        ({"internalIPs": {"nic1": {}}}, 404, "nic1"),
        (
            {
                "internalIPs": {
                    "nic0": {"ipAddress": {"address": f"regions/{REGION}/addresses/out"}}
                }
            },
            400,
            "not in the VM's subnetwork",
        ),
    ],
)
def test_what_a_group_cannot_keep(
    gcp: LocalGcp, state: dict[str, Any], code: int, message: str
) -> None:
    gcp.address("out")
    disks = gcp.api.collection("disks")
    far = {"project": PROJECT, "zone": f"{REGION}-b"}
    disks.insert(**far, body={"name": "far", "sizeGb": "100"}).execute()
    with refused(code, message):
        groups(gcp).createInstances(**GROUP, body=kept(**state)).execute()


def test_a_disk_and_an_address_belong_to_one_vm_and_stay_while_it_has_them(gcp: LocalGcp) -> None:
    groups(gcp).createInstances(**GROUP, body=kept()).execute()
    with refused(400, "mirror-1 uses it"):
        groups(gcp).createInstances(**GROUP, body=kept("mirror-2")).execute()
    with refused(400, "already being used"):
        gcp.api.collection("disks").delete(**PLACE, disk="cache").execute()
    with refused(400, "already being used"):
        place = {"project": PROJECT, "region": REGION}
        gcp.api.collection("addresses").delete(**place, address="fixed").execute()


def test_a_group_that_substitutes_vms_keeps_nothing(gcp: LocalGcp) -> None:
    policy = {"type": "PROACTIVE", "replacementMethod": "SUBSTITUTE"}
    groups(gcp).patch(**GROUP, body={"updatePolicy": policy}).execute()
    with refused(400, "needs replacementMethod RECREATE"):
        groups(gcp).createInstances(**GROUP, body=kept()).execute()
    policy["replacementMethod"] = "RECREATE"
    groups(gcp).patch(**GROUP, body={"updatePolicy": policy}).execute()
    groups(gcp).createInstances(**GROUP, body=kept()).execute()
    with refused(400, "needs replacementMethod RECREATE"):
        groups(gcp).patch(
            **GROUP, body={"updatePolicy": {"replacementMethod": "SUBSTITUTE"}}
        ).execute()


def test_what_is_kept_goes_with_the_vm_and_with_the_group(gcp: LocalGcp) -> None:
    groups(gcp).createInstances(**GROUP, body=kept()).execute()
    vm = f"projects/{PROJECT}/zones/{ZONE}/instances/mirror-1"
    groups(gcp).deleteInstances(**GROUP, body={"instances": [vm]}).execute()
    assert groups(gcp).listPerInstanceConfigs(**GROUP).execute() == {}
    assert groups(gcp).get(**GROUP).execute()["targetSize"] == 0
    groups(gcp).createInstances(**GROUP, body=kept()).execute()
    groups(gcp).delete(**GROUP).execute()
    assert not [name for name in gcp.names() if "instanceGroupManagers" in name]


def test_a_zonal_group_distributes_nothing(gcp: LocalGcp) -> None:
    with refused(400, "Only regional groups"):
        gcp.zonal_group("second", distributionPolicy={"targetShape": "EVEN"})


@pytest.mark.parametrize("size", ["9", "65537"])
def test_disks_have_sizes_that_exist_and_never_shrink(gcp: LocalGcp, size: str) -> None:
    with refused(400, "from 10 to 65536"):
        gcp.disk("odd", sizeGb=size)
    with refused(400, "larger than the present 100"):
        gcp.api.collection("disks").resize(**PLACE, disk="cache", body={"sizeGb": "90"}).execute()


class TestKeys:
    def allow(self, gcp: LocalGcp, agent: str) -> None:
        number = gcp.server.cloud.project_number(PROJECT)
        member = f"serviceAccount:service-{number}@{agent}.iam.gserviceaccount.com"
        binding = {"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": [member]}
        body = {"policy": {"bindings": [binding]}}
        gcp.api.crypto_keys.setIamPolicy(resource=KEY, body=body).execute()

    def test_a_disk_needs_a_key_that_compute_may_use(self, gcp: LocalGcp) -> None:
        encrypted = {"diskEncryptionKey": {"kmsKeyName": KEY}}
        with refused(400, "useToEncrypt' denied to service-"):
            gcp.disk("secret", **encrypted)
        self.allow(gcp, "gcp-sa-secretmanager")
        with refused(400, "denied to service-"):
            gcp.disk("secret", **encrypted)
        self.allow(gcp, "compute-system")
        gcp.disk("secret", **encrypted)
        elsewhere = {"kmsKeyName": KEY.replace(REGION, "europe-west1")}
        with refused(400, f"must be in the location {REGION}"):
            gcp.disk("other", diskEncryptionKey=elsewhere)

    def test_a_template_and_a_secret_need_it_too(self, gcp: LocalGcp) -> None:
        (boot,) = template_properties()["disks"]
        disks = [boot | {"diskEncryptionKey": {"kmsKeyName": KEY}}]
        with refused(400, "denied to service-"):
            gcp.template("secret", disks=disks)
        encryption = {"customerManagedEncryption": {"kmsKeyName": KEY}}
        body = {"replication": {"userManaged": {"replicas": [{"location": REGION, **encryption}]}}}
        create = gcp.api.secrets.create(parent=f"projects/{PROJECT}", secretId="s", body=body)
        with refused(400, "gcp-sa-secretmanager"):
            create.execute()
        self.allow(gcp, "gcp-sa-secretmanager")
        create.execute()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"combiner": "COMBINE_UNSPECIFIED"}, "combiner must be set"),
        ({"conditions": []}, "1 to 6 conditions"),
        ({"notificationChannels": [f"projects/{PROJECT}/notificationChannels/1"]}, "not found"),
        ({"filter": 'metric.type = "x"'}, "must name one resource.type"),
        ({"duration": "90s"}, "a multiple of 60s"),
        ({"comparison": "COMPARISON_GE"}, "COMPARISON_GT or COMPARISON_LT"),
    ],
)
def test_an_alert_policy_that_monitoring_refuses(
    gcp: LocalGcp, changes: dict[str, Any], message: str
) -> None:
    found = 'resource.type = "gce_instance" AND metric.type = "agent.googleapis.com/disk/x"'
    threshold = {"filter": found, "comparison": "COMPARISON_GT", "duration": "300s"}
    inner = {key: changes.pop(key) for key in list(changes) if key in threshold}
    condition = {"displayName": "full", "conditionThreshold": threshold | inner}
    policy = {"displayName": "p", "combiner": "OR", "conditions": [condition]} | changes
    create = gcp.api.alert_policies.create(name=f"projects/{PROJECT}", body=policy)
    with refused(404 if message == "not found" else 400, message):
        create.execute()
