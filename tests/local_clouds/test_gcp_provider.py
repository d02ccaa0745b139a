"""The gcp provider: what it refuses, replaces, updates and reports, without the engine."""

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi.provider.experimental import provider as protocol

from local_clouds import gcp as gcp_provider
from local_clouds import schema
from local_clouds.gcp import members
from local_clouds.provider import OLD_INPUTS, LocalProvider, to_values
from local_clouds.resource import CloudError, Properties
from local_clouds.values import UNKNOWN, properties_to_plain, to_value
from tests.local_clouds.gcp_cloud import PROJECT, REGION, LocalGcp, running

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
FIREWALL = "gcp:compute/firewall:Firewall"
ADDRESS = "gcp:compute/address:Address"
ROUTER = "gcp:compute/router:Router"
NAT = "gcp:compute/routerNat:RouterNat"
DISK = "gcp:compute/disk:Disk"
ZONAL_GROUP = "gcp:compute/instanceGroupManager:InstanceGroupManager"
CONFIG = "gcp:compute/perInstanceConfig:PerInstanceConfig"
ALERT = "gcp:monitoring/alertPolicy:AlertPolicy"
TEMPLATE = "gcp:compute/instanceTemplate:InstanceTemplate"
GROUP = "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager"
AUTOSCALER = "gcp:compute/regionAutoscaler:RegionAutoscaler"
ACCOUNT = "gcp:serviceaccount/account:Account"
KEY = "gcp:serviceaccount/key:Key"
ACCOUNT_MEMBER = "gcp:serviceaccount/iAMMember:IAMMember"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
SECRET = "gcp:secretmanager/secret:Secret"
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
ALERT_POLICY = "gcp:monitoring/alertPolicy:AlertPolicy"
SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember"

IMAGE = "projects/sourcegraph-ci/global/images/family/sourcegraph-executors-6-10"
SETTINGS = {"project": PROJECT, "region": REGION}


class Driver:
    """Calls a provider as the engine would, with plain properties."""

    def __init__(self, provider: LocalProvider, cloud: LocalGcp) -> None:
        self.provider = provider
        self.cloud = cloud
        self.configure(SETTINGS)

    def configure(self, settings: Properties) -> None:
        asyncio.run(
            self.provider.configure(protocol.ConfigureRequest({}, to_values(settings), True, True))
        )

    def check(
        self, token: str, inputs: Properties, name: str = "made", old: Properties | None = None
    ) -> tuple[Properties, dict[str, str]]:
        request = protocol.CheckRequest(
            urn(token, name), to_values(old or {}), to_values(inputs), b"seed"
        )
        answer = asyncio.run(self.provider.check(request))
        failures = {failure.property: failure.reason for failure in answer.failures or []}
        return properties_to_plain(answer.inputs or {}), failures

    def create(
        self, token: str, inputs: Properties, name: str = "made"
    ) -> tuple[str, Properties, Properties]:
        """The id, the outputs and the checked inputs of a new resource."""
        checked, failures = self.check(token, inputs, name)
        assert failures == {}
        request = protocol.CreateRequest(urn(token, name), to_values(checked), 60, False)
        answer = asyncio.run(self.provider.create(request))
        assert answer.resource_id
        return answer.resource_id, properties_to_plain(answer.properties), checked

    def diff(self, token: str, old: Properties, new: Properties) -> protocol.DiffResponse:
        old_inputs, _ = self.check(token, old)
        new_inputs, _ = self.check(token, new, old=old_inputs)
        state = {OLD_INPUTS: to_value(old_inputs)}
        request = protocol.DiffRequest(urn(token, "made"), "id", state, to_values(new_inputs), [])
        return asyncio.run(self.provider.diff(request))

    def read(self, token: str, resource_id: str, state: Properties) -> Properties | None:
        return self.provider.resources[token].lifecycle.read(resource_id, state)

    def update(
        self, token: str, resource_id: str, state: Properties, inputs: Properties, old: Properties
    ) -> Properties:
        checked, failures = self.check(token, inputs, old=old)
        assert failures == {}
        return self.provider.resources[token].lifecycle.update(resource_id, state, checked)

    def delete(self, token: str, resource_id: str, state: Properties) -> None:
        self.provider.resources[token].lifecycle.delete(resource_id, state)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::project::{token}::{name}"


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    with running() as cloud:
        yield Driver(gcp_provider.provider(cloud.endpoint), cloud)


@pytest.fixture
def gcp(shared: Driver) -> Driver:
    shared.cloud.empty()
    shared.configure(SETTINGS)
    return shared


def disk(**changes: Any) -> Properties:
    return {"sourceImage": IMAGE, "boot": True, "diskSizeGb": 100, "diskType": "pd-ssd"} | changes


def template(**changes: Any) -> Properties:
    subnetwork = f"projects/{PROJECT}/regions/{REGION}/subnetworks/subnet"
    return {
        "machineType": "n2-standard-4",
        "disks": [disk()],
        "networkInterfaces": [{"subnetwork": subnetwork, "accessConfigs": [{}]}],
    } | changes


def group(**changes: Any) -> Properties:
    return {
        "baseInstanceName": "executor",
        "versions": [{"instanceTemplate": f"projects/{PROJECT}/global/instanceTemplates/template"}],
        "distributionPolicyTargetShape": "BALANCED",
        "updatePolicy": update_policy(),
    } | changes


def update_policy(**changes: Any) -> Properties:
    return {
        "type": "OPPORTUNISTIC",
        "minimalAction": "REPLACE",
        "instanceRedistributionType": "NONE",
    } | changes


def autoscaler(**policy: Any) -> Properties:
    metric = {
        "name": "custom.googleapis.com/executors/queue/size",
        "filter": 'resource.type = "global" AND metric.labels.queueName = "batches"',
        "singleInstanceAssignment": 4,
    }
    policy = {"minReplicas": 0, "maxReplicas": 3, "mode": "ON", "metrics": [metric]} | policy
    target = f"projects/{PROJECT}/regions/{REGION}/instanceGroupManagers/group"
    return {"target": target, "autoscalingPolicy": policy}


EMAIL = f"executor-vm@{PROJECT}.iam.gserviceaccount.com"
MEMBER = {"role": "roles/logging.logWriter", "member": f"serviceAccount:{EMAIL}"}
SECRET_NAME = f"projects/{PROJECT}/secrets/token"
ZONE = f"{REGION}-a"
TEMPLATE_PATH = f"projects/{PROJECT}/global/instanceTemplates/template"


def recreating(**changes: Any) -> Properties:
    policy = {"type": "PROACTIVE", "minimalAction": "REPLACE", "replacementMethod": "RECREATE"}
    return policy | {"maxSurgeFixed": 0, "maxUnavailableFixed": 1} | changes


def preserved(device: str) -> Properties:
    place = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/regions/{REGION}"
    disk = {"deviceName": device, "source": f"projects/{PROJECT}/zones/{ZONE}/disks/cache"}
    address = {"address": f"{place}/addresses/fixed"}
    return {
        "disks": [disk | {"deleteRule": "NEVER", "mode": "READ_WRITE"}],
        "internalIps": [{"interfaceName": "nic0", "ipAddress": address, "autoDelete": "NEVER"}],
    }


def condition(**changes: Any) -> Properties:
    found = 'resource.type = "gce_instance" AND metric.type = "agent.googleapis.com/disk/x"'
    threshold = {"filter": found, "comparison": "COMPARISON_GT", "thresholdValue": 90} | changes
    return {"displayName": "full", "conditionThreshold": threshold}


EXAMPLES: dict[str, Properties] = {
    NETWORK: {"autoCreateSubnetworks": False, "routingMode": "GLOBAL", "description": "VMs"},
    SUBNETWORK: {
        "network": f"projects/{PROJECT}/global/networks/net",
        "ipCidrRange": "10.1.0.0/20",
        "privateIpGoogleAccess": True,
        "logConfig": {"flowSampling": 0.1},
    },
    FIREWALL: {
        "network": f"projects/{PROJECT}/global/networks/net",
        "allows": [{"protocol": "tcp", "ports": ["22"]}],
        "sourceRanges": ["35.235.240.0/20"],
        "targetServiceAccounts": [EMAIL],
        "logConfig": {"metadata": "EXCLUDE_ALL_METADATA"},
    },
    ADDRESS: {
        "addressType": "INTERNAL",
        "subnetwork": f"projects/{PROJECT}/regions/{REGION}/subnetworks/subnet",
        "address": "10.0.0.20",
        "labels": {"executor_tag": "batches"},
    },
    ROUTER: {"network": f"projects/{PROJECT}/global/networks/net", "description": "way out"},
    NAT: {
        "router": "router",
        "natIpAllocateOption": "MANUAL_ONLY",
        "natIps": [f"projects/{PROJECT}/regions/{REGION}/addresses/egress"],
        "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
        "subnetworks": [
            {
                "name": f"projects/{PROJECT}/regions/{REGION}/subnetworks/subnet",
                "sourceIpRangesToNats": ["ALL_IP_RANGES"],
            }
        ],
        "minPortsPerVm": 1024,
        "logConfig": {"enable": True, "filter": "ERRORS_ONLY"},
    },
    DISK: {
        "zone": ZONE,
        "type": "pd-balanced",
        "size": 100,
        "labels": {"executor_tag": "mirror"},
    },
    ZONAL_GROUP: {
        "zone": ZONE,
        "baseInstanceName": "mirror",
        "versions": [{"instanceTemplate": TEMPLATE_PATH}],
        "updatePolicy": recreating(),
        "instanceLifecyclePolicy": {
            "forceUpdateOnRepair": "YES",
            "defaultActionOnFailure": "REPAIR",
        },
        "waitForInstances": False,
    },
    CONFIG: {
        "zone": ZONE,
        "instanceGroupManager": "zonal",
        "preservedState": preserved("registry"),
        "removeInstanceOnDestroy": True,
    },
    ALERT: {
        "displayName": "Mirror",
        "combiner": "OR",
        "conditions": [condition(duration="300s")],
        "userLabels": {"executor_tag": "mirror"},
    },
    TEMPLATE: template(
        labels={"executor_tag": "batches"},
        metadata={"image_family": "executors"},
        metadataStartupScript="#!/bin/sh",
        serviceAccount={"email": EMAIL, "scopes": ["cloud-platform"]},
        shieldedInstanceConfig={"enableSecureBoot": True},
        tags=["executor"],
        scheduling={
            "provisioningModel": "SPOT",
            "preemptible": True,
            "automaticRestart": False,
            "instanceTerminationAction": "DELETE",
        },
        advancedMachineFeatures={"enableNestedVirtualization": True},
        disks=[
            disk(labels={"a": "b"}),
            {"type": "SCRATCH", "interface": "NVME", "diskType": "local-ssd", "diskSizeGb": 375},
        ],
    ),
    GROUP: group(
        distributionPolicyZones=[f"{REGION}-a", f"{REGION}-b"],
        instanceLifecyclePolicy={"forceUpdateOnRepair": "YES", "defaultActionOnFailure": "REPAIR"},
        waitForInstances=False,
    ),
    AUTOSCALER: autoscaler(cooldownPeriod=90),
    ACCOUNT: {"accountId": "other-account", "displayName": "Other", "disabled": True},
    KEY: {"serviceAccountId": EMAIL},
    ACCOUNT_MEMBER: MEMBER
    | {
        "serviceAccountId": f"projects/{PROJECT}/serviceAccounts/{EMAIL}",
        "role": "roles/iam.serviceAccountUser",
    },
    PROJECT_MEMBER: MEMBER | {"project": PROJECT},
    ROLE: {"roleId": "writer", "title": "W", "permissions": ["monitoring.timeSeries.create"]},
    SECRET: {
        "secretId": "second",
        "replication": {"auto": {}},
        "labels": {"team": "search"},
        "annotations": {"Owner": "Search"},
    },
    VERSION: {"secret": SECRET_NAME, "secretData": "s3cret"},
    KEY_MEMBER: MEMBER
    | {
        "cryptoKeyId": f"projects/{PROJECT}/locations/{REGION}/keyRings/r/cryptoKeys/k",
        "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
    },
    SECRET_MEMBER: MEMBER | {"secretId": "token", "role": "roles/secretmanager.secretAccessor"},
    ALERT_POLICY: {
        "displayName": "No queue size",
        "combiner": "OR",
        "severity": "CRITICAL",
        "conditions": [
            {
                "displayName": "No queue size",
                "conditionPrometheusQueryLanguage": {
                    "query": "absent(custom_googleapis_com:executors_queue_size)",
                    "duration": "600s",
                    "disableMetricValidation": True,
                },
            }
        ],
        "documentation": {"content": "Look at the worker.", "mimeType": "text/markdown"},
        "userLabels": {"team": "search"},
    },
}


@pytest.fixture
def furnished(gcp: Driver) -> Driver:
    """A cloud that has what the examples refer to."""
    gcp.cloud.network()
    gcp.cloud.subnetwork()
    gcp.cloud.account()
    gcp.cloud.template()
    gcp.cloud.group(distributionPolicy={"targetShape": "EVEN"})
    gcp.cloud.address("egress")
    gcp.cloud.router()
    gcp.cloud.mirror()
    body = {"replication": {"automatic": {}}}
    parent = f"projects/{PROJECT}"
    gcp.cloud.api.secrets.create(parent=parent, secretId="token", body=body).execute()
    return gcp


def test_every_type_has_an_example(gcp: Driver) -> None:
    assert EXAMPLES.keys() == gcp.provider.resources.keys()


@pytest.mark.parametrize("token", EXAMPLES)
def test_tables_name_properties_that_the_sdk_has(gcp: Driver, token: str) -> None:
    resource = gcp.provider.resources[token]
    known = schema.of_args(resource.args).fields.keys() | {"pulumiLabels"}
    assert resource.force_new | resource.in_place <= known
    required = {n for n, field in schema.of_args(resource.args).fields.items() if field.required}
    assert required <= resource.force_new | resource.in_place


@pytest.mark.parametrize("token", EXAMPLES)
def test_a_resource_lives_from_create_to_delete(furnished: Driver, token: str) -> None:
    before = furnished.cloud.names()
    resource_id, outputs, inputs = furnished.create(token, EXAMPLES[token])
    assert furnished.cloud.names() != before
    read = furnished.read(token, resource_id, outputs)
    assert read == outputs, "an untouched resource reads as it was created"
    for name in EXAMPLES[token]:
        assert name in outputs, f"{name} is not echoed"
    furnished.delete(token, resource_id, outputs)
    assert furnished.cloud.names() == before
    assert furnished.read(token, resource_id, outputs) is None
    furnished.delete(token, resource_id, outputs)
    assert inputs.keys() >= EXAMPLES[token].keys()


@pytest.mark.parametrize("token", EXAMPLES)
def test_the_same_inputs_are_no_change(gcp: Driver, token: str) -> None:
    answer = gcp.diff(token, EXAMPLES[token], EXAMPLES[token])
    assert (answer.changes, answer.diffs) == (False, [])


CHANGES: list[tuple[str, str, Any]] = [
    (NETWORK, "routingMode", "REGIONAL"),
    (SUBNETWORK, "privateIpGoogleAccess", False),
    (SUBNETWORK, "logConfig", None),
    (FIREWALL, "sourceRanges", ["10.0.0.0/8"]),
    (FIREWALL, "targetServiceAccounts", None),
    (FIREWALL, "allows", [{"protocol": "udp", "ports": ["53", "80-90"]}]),
    (FIREWALL, "priority", 900),
    (ADDRESS, "labels", {"executor_tag": "other"}),
    (ROUTER, "description", None),
    (NAT, "minPortsPerVm", 64),
    (NAT, "logConfig", {"enable": True, "filter": "ALL"}),
    (DISK, "size", 200),
    (DISK, "labels", None),
    (ZONAL_GROUP, "updatePolicy", recreating(type="OPPORTUNISTIC")),
    (CONFIG, "preservedState", preserved("other-name")),
    (ALERT, "conditions", [condition(duration="600s")]),
    (ALERT, "userLabels", {"executor_tag": "other"}),
    (GROUP, "targetSize", 2),
    (GROUP, "instanceLifecyclePolicy", {"defaultActionOnFailure": "DO_NOTHING"}),
    (GROUP, "updatePolicy", update_policy(type="PROACTIVE")),
    (AUTOSCALER, "autoscalingPolicy", autoscaler(maxReplicas=7)["autoscalingPolicy"]),
    (ACCOUNT, "displayName", "Renamed"),
    (ACCOUNT, "disabled", None),
    (ROLE, "permissions", ["logging.logEntries.create", "monitoring.timeSeries.create"]),
    (ROLE, "title", "Writer"),
    (SECRET, "labels", {"team": "code"}),
    (SECRET, "annotations", None),
    (VERSION, "enabled", False),
    (ALERT_POLICY, "severity", "WARNING"),
    (ALERT_POLICY, "documentation", {"content": "Look elsewhere."}),
    (ALERT_POLICY, "userLabels", None),
    (ALERT_POLICY, "enabled", False),
]


@pytest.mark.parametrize(("token", "name", "value"), CHANGES)
def test_in_place_changes_reach_the_cloud(
    furnished: Driver, token: str, name: str, value: Any
) -> None:
    old = EXAMPLES[token]
    new = {key: item for key, item in (old | {name: value}).items() if item is not None}
    answer = furnished.diff(token, old, new)
    assert (answer.changes, answer.replaces) == (True, [])
    resource_id, state, inputs = furnished.create(token, old)
    updated = furnished.update(token, resource_id, state, new, inputs)
    assert updated.get(name) != state.get(name)
    assert furnished.read(token, resource_id, updated) == updated
    fresh = {key: item for key, item in updated.items() if key in state}
    assert furnished.read(token, resource_id, fresh) == updated


@pytest.mark.parametrize(
    ("token", "name", "value"),
    [
        (NETWORK, "autoCreateSubnetworks", True),
        (SUBNETWORK, "ipCidrRange", "10.2.0.0/20"),
        (FIREWALL, "direction", "EGRESS"),
        (ADDRESS, "address", "10.0.0.21"),
        (ROUTER, "network", f"projects/{PROJECT}/global/networks/other"),
        (NAT, "router", "other"),
        (DISK, "type", "pd-ssd"),
        (DISK, "zone", f"{REGION}-b"),
        (ZONAL_GROUP, "baseInstanceName", "vm"),
        (CONFIG, "instanceGroupManager", "other"),
        (ALERT, "project", "another-project"),
        (TEMPLATE, "machineType", "n2-standard-8"),
        (TEMPLATE, "labels", {"executor_tag": "codeintel"}),
        (GROUP, "distributionPolicyZones", [f"{REGION}-a"]),
        (GROUP, "baseInstanceName", "vm"),
        (AUTOSCALER, "region", "us-east1"),
        (ACCOUNT, "accountId", "another-account"),
        (KEY, "keepers", {"rotation": "2"}),
        (PROJECT_MEMBER, "role", "roles/viewer"),
        (KEY_MEMBER, "role", "roles/cloudkms.viewer"),
        (ROLE, "roleId", "reader"),
        (SECRET, "replication", {"userManaged": {"replicas": [{"location": "us-east1"}]}}),
        (VERSION, "secretData", "other"),
        (ALERT_POLICY, "project", "another-project"),
    ],
)
def test_other_changes_replace(gcp: Driver, token: str, name: str, value: Any) -> None:
    answer = gcp.diff(token, EXAMPLES[token], EXAMPLES[token] | {name: value})
    assert name in answer.replaces


@pytest.mark.parametrize(
    ("token", "inputs", "at"),
    [
        (NETWORK, {"routingMode": "LOCAL"}, "routingMode"),
        (NETWORK, {"name": "Upper"}, "name"),
        (NETWORK, {"bogus": 1}, "bogus"),
        (NETWORK, {"mtu": "1460"}, "mtu"),
        (NETWORK, {"deletionPolicy": "KEEP"}, "deletionPolicy"),
        (SUBNETWORK, {"ipCidrRange": "10.0.0.0/24"}, "network"),
        (FIREWALL, {"network": "net"}, "allows"),
        (FIREWALL, {"network": "n", "allows": [{"ports": ["22"]}]}, "allows[0].protocol"),
        (TEMPLATE, template(disks=[disk(mode="ALL")]), "disks[0].mode"),
        (TEMPLATE, template(disks=[disk(boot=False)]), "disks[0].boot"),
        (TEMPLATE, template(disks=[disk(), disk()]), "disks[1].boot"),
        (
            TEMPLATE,
            template(disks=[disk(), {"type": "SCRATCH", "diskSizeGb": 375}]),
            "disks[1].diskType",
        ),
        (TEMPLATE, template(disks=[disk(diskType="local-ssd")]), "disks[0].diskType"),
        (TEMPLATE, template(disks=[disk(size=5)]), "disks[0].size"),
        (TEMPLATE, template(serviceAccount={"email": EMAIL}), "serviceAccount.scopes"),
        (
            TEMPLATE,
            template(metadataStartupScript="a", metadata={"startup-script": "b"}),
            "metadataStartupScript",
        ),
        (GROUP, group(distributionPolicyTargetShape="ROUND"), "distributionPolicyTargetShape"),
        (GROUP, group(updatePolicy=update_policy(type="EAGER")), "updatePolicy.type"),
        (GROUP, group(updatePolicy={"type": "PROACTIVE"}), "updatePolicy.minimalAction"),
        (
            GROUP,
            group(updatePolicy=update_policy(maxSurgeFixed=3, maxSurgePercent=1)),
            "updatePolicy.maxSurgeFixed",
        ),
        (
            GROUP,
            group(instanceLifecyclePolicy={"defaultActionOnFailure": "DELETE"}),
            "instanceLifecyclePolicy.defaultActionOnFailure",
        ),
        (AUTOSCALER, autoscaler(mode="UP"), "autoscalingPolicy.mode"),
        (
            AUTOSCALER,
            {"target": "t", "autoscalingPolicy": {"maxReplicas": 1}},
            "autoscalingPolicy.minReplicas",
        ),
        (ACCOUNT, {"accountId": "short"}, "accountId"),
        (ACCOUNT, {"displayName": "no id"}, "accountId"),
        (ROLE, {"roleId": "has-hyphen", "title": "t", "permissions": ["a.b.c"]}, "roleId"),
        (ROLE, {"roleId": "role", "title": "t", "permissions": []}, "permissions"),
        (PROJECT_MEMBER, MEMBER, "project"),
        (PROJECT_MEMBER, MEMBER | {"project": PROJECT, "member": EMAIL}, "member"),
        (SECRET, {"secretId": "token"}, "replication"),
        (SECRET, {"secretId": "a.b", "replication": {"auto": {}}}, "secretId"),
        (VERSION, {"secret": SECRET_NAME}, "secretData"),
    ],
)
def test_bad_inputs_fail_the_check(gcp: Driver, token: str, inputs: Properties, at: str) -> None:
    _, failures = gcp.check(token, inputs)
    assert list(failures) == [at]


@pytest.mark.parametrize("token", EXAMPLES)
def test_what_is_not_known_yet_passes_the_check(gcp: Driver, token: str) -> None:
    inputs = dict.fromkeys(EXAMPLES[token], UNKNOWN)
    _, failures = gcp.check(token, inputs)
    assert failures == {}


def test_a_project_is_required_somewhere(gcp: Driver) -> None:
    gcp.configure({})
    _, failures = gcp.check(NETWORK, {})
    assert list(failures) == ["project"]
    _, failures = gcp.check(NETWORK, {"project": "elsewhere"})
    assert failures == {}
    _, failures = gcp.check(SECRET_MEMBER, EXAMPLES[SECRET_MEMBER])
    assert list(failures) == ["project"]
    _, failures = gcp.check(SECRET_MEMBER, EXAMPLES[SECRET_MEMBER] | {"secretId": SECRET_NAME})
    assert failures == {}


def test_autonames_keep_to_63_characters(gcp: Driver) -> None:
    inputs, _ = gcp.check(NETWORK, {}, name="pool")
    assert inputs["name"].startswith("pool-")
    assert len(inputs["name"]) == len("pool-") + 7
    _, failures = gcp.check(NETWORK, {}, name="p" * 56)
    assert list(failures) == ["name"]


class TestLabels:
    def test_default_and_attribution_labels_reach_the_cloud(self, furnished: Driver) -> None:
        furnished.configure(SETTINGS | {"defaultLabels": {"team": "search", "env": "dev"}})
        _, outputs, _ = furnished.create(TEMPLATE, template(labels={"team": "code"}))
        assert outputs["labels"] == {"team": "code"}
        everything = {"team": "code", "env": "dev", "goog-pulumi-provisioned": "true"}
        assert outputs["pulumiLabels"] == outputs["effectiveLabels"] == everything

    def test_a_changed_default_label_changes_the_resource(self, gcp: Driver) -> None:
        old, _ = gcp.check(SECRET, EXAMPLES[SECRET])
        gcp.configure(SETTINGS | {"defaultLabels": {"env": "dev"}})
        new, _ = gcp.check(SECRET, EXAMPLES[SECRET], old=old)
        assert old["pulumiLabels"] != new["pulumiLabels"]

    def test_labels_of_others_are_no_drift(self, furnished: Driver) -> None:
        name, outputs, _ = furnished.create(SECRET, EXAMPLES[SECRET])
        labels = outputs["effectiveLabels"] | {"cost-center": "7"}
        secrets = furnished.cloud.api.secrets
        secrets.patch(name=name, updateMask="labels", body={"labels": labels}).execute()
        read = furnished.read(SECRET, name, outputs)
        assert read is not None
        assert read["labels"] == outputs["labels"]
        assert read["pulumiLabels"] == outputs["pulumiLabels"]
        assert read["effectiveLabels"] == labels


class TestMembers:
    def policy(self, gcp: Driver) -> dict[str, list[str]]:
        policy = gcp.cloud.api.projects.getIamPolicy(resource=PROJECT, body={}).execute()
        return {item["role"]: item["members"] for item in policy.get("bindings", [])}

    def test_members_are_added_to_what_others_granted(self, furnished: Driver) -> None:
        role, other = MEMBER["role"], "user:someone@example.com"
        bindings = [{"role": role, "members": [other]}]
        body = {"policy": {"bindings": bindings}}
        furnished.cloud.api.projects.setIamPolicy(resource=PROJECT, body=body).execute()
        name, state, _ = furnished.create(PROJECT_MEMBER, EXAMPLES[PROJECT_MEMBER])
        assert name == f"{PROJECT}/{role}/{MEMBER['member']}"
        assert self.policy(furnished) == {role: [other, MEMBER["member"]]}
        furnished.delete(PROJECT_MEMBER, name, state)
        assert self.policy(furnished) == {role: [other]}

    def test_a_concurrent_change_is_read_again(
        self, furnished: Driver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        api = furnished.cloud.api
        policy = members.ProjectPolicy
        read = policy.read
        rivals = iter(["user:first@example.com", "user:second@example.com"])

        def read_then_rival_writes(self: Any, name: str) -> Any:
            request = read(self, name)
            execute = request.execute

            def answer() -> Any:
                policy = execute()
                for rival in rivals:
                    bindings = [*policy.get("bindings", [])]
                    bindings.append({"role": "roles/viewer", "members": [rival]})
                    body = {"policy": policy | {"bindings": bindings}}
                    api.projects.setIamPolicy(resource=PROJECT, body=body).execute()
                    break
                return policy

            request.execute = answer
            return request

        monkeypatch.setattr(policy, "read", read_then_rival_writes)
        furnished.create(PROJECT_MEMBER, EXAMPLES[PROJECT_MEMBER])
        assert MEMBER["member"] in self.policy(furnished)[MEMBER["role"]]
        assert "roles/viewer" in self.policy(furnished)

    def test_a_condition_makes_another_binding(self, furnished: Driver) -> None:
        condition = {"title": "soon", "expression": "request.time < timestamp('2030-01-01')"}
        inputs = EXAMPLES[PROJECT_MEMBER]
        plain, plain_state, _ = furnished.create(PROJECT_MEMBER, inputs)
        name, state, _ = furnished.create(PROJECT_MEMBER, inputs | {"condition": condition})
        assert name == f"{plain}/soon"
        furnished.delete(PROJECT_MEMBER, plain, plain_state)
        assert furnished.read(PROJECT_MEMBER, name, state) is not None


class TestRoles:
    def test_a_deleted_role_is_undeleted_and_updated(self, gcp: Driver) -> None:
        name, state, _ = gcp.create(ROLE, EXAMPLES[ROLE])
        gcp.delete(ROLE, name, state)
        again, outputs, _ = gcp.create(ROLE, EXAMPLES[ROLE] | {"title": "Again"})
        assert (again, outputs["title"]) == (name, "Again")

    def test_a_living_role_is_not_taken_over(self, gcp: Driver) -> None:
        gcp.create(ROLE, EXAMPLES[ROLE])
        with pytest.raises(CloudError, match="already exists"):
            gcp.create(ROLE, EXAMPLES[ROLE])


class TestSecretsAndKeys:
    def test_a_key_is_a_secret_credentials_file(self, furnished: Driver) -> None:
        inputs, _ = furnished.check(KEY, EXAMPLES[KEY])
        request = protocol.CreateRequest(urn(KEY, "made"), to_values(inputs), 60, False)
        answer = asyncio.run(furnished.provider.create(request))
        assert answer.properties["privateKey"].is_secret
        content = base64.b64decode(properties_to_plain(answer.properties)["privateKey"])
        assert json.loads(content)["client_email"] == EMAIL

    def test_the_payload_is_secret_and_drift_in_it_shows(self, furnished: Driver) -> None:
        inputs, _ = furnished.check(VERSION, EXAMPLES[VERSION])
        request = protocol.CreateRequest(urn(VERSION, "made"), to_values(inputs), 60, False)
        answer = asyncio.run(furnished.provider.create(request))
        assert answer.properties["secretData"].is_secret
        assert answer.resource_id
        state = properties_to_plain(answer.properties)
        versions = furnished.cloud.api.secret_versions
        versions.destroy(name=answer.resource_id, body={}).execute()
        assert furnished.read(VERSION, answer.resource_id, state) is None


class TestDeletionPolicy:
    def test_prevent_refuses_and_abandon_leaves(self, gcp: Driver) -> None:
        name, state, _ = gcp.create(NETWORK, {"deletionPolicy": "PREVENT"})
        with pytest.raises(CloudError, match="PREVENT"):
            gcp.delete(NETWORK, name, state)
        gcp.delete(NETWORK, name, state | {"deletionPolicy": "ABANDON"})
        assert name in gcp.cloud.names()
        gcp.delete(NETWORK, name, state | {"deletionPolicy": "DELETE"})
        assert gcp.cloud.names() == []

    def test_deletion_protection_of_a_secret(self, gcp: Driver) -> None:
        protected = EXAMPLES[SECRET] | {"deletionProtection": True}
        name, state, _ = gcp.create(SECRET, protected)
        with pytest.raises(CloudError, match="deletionProtection"):
            gcp.delete(SECRET, name, state)


class TestGroups:
    def test_waiting_for_instances_that_cannot_come_fails(self, furnished: Driver) -> None:
        tiny = furnished.cloud.subnetwork("tiny", ipCidrRange="10.9.0.0/29")
        furnished.cloud.template("crowded", networkInterfaces=[{"subnetwork": tiny}])
        versions = [{"instanceTemplate": f"projects/{PROJECT}/global/instanceTemplates/crowded"}]
        wanted = group(versions=versions, targetSize=9, waitForInstances=True)
        with pytest.raises(CloudError, match="timeout while waiting"):
            furnished.create(GROUP, wanted)

    def test_the_unique_link_of_a_template_is_taken(self, furnished: Driver) -> None:
        _, made, _ = furnished.create(TEMPLATE, EXAMPLES[TEMPLATE])
        assert made["selfLinkUnique"] == f"{made['selfLink']}?uniqueId={made['numericId']}"
        versions = [{"instanceTemplate": made["selfLinkUnique"], "name": "current"}]
        _, outputs, _ = furnished.create(GROUP, group(versions=versions, targetSize=1))
        assert outputs["versions"][0]["name"] == "current"

    def test_the_message_of_the_api_is_what_the_user_reads(self, furnished: Driver) -> None:
        policy = update_policy(maxSurgeFixed=1)
        with pytest.raises(CloudError, match=r"Error 400: .*number of zones \(3\)"):
            furnished.create(GROUP, group(updatePolicy=policy))


class TestFunctions:
    def invoke(self, gcp: Driver, token: str, arguments: Properties) -> Properties:
        request = protocol.InvokeRequest(token, to_values(arguments))
        answer = asyncio.run(gcp.provider.invoke(request))
        assert not answer.failures
        return properties_to_plain(answer.return_value or {})

    def test_an_image_by_family_or_filter(self, gcp: Driver) -> None:
        token, project = "gcp:compute/getImage:getImage", {"project": "sourcegraph-ci"}
        family = {"family": "sourcegraph-executors-6-10"}
        image = self.invoke(gcp, token, project | family)
        assert image["selfLink"].endswith(f"/images/{image['name']}")
        wanted = {"filter": "family = sourcegraph-executors-6-10", "mostRecent": True}
        assert self.invoke(gcp, token, project | wanted) == image
        with pytest.raises(CloudError, match="was not found"):
            self.invoke(gcp, token, project | {"family": "none"})
        with pytest.raises(CloudError, match="exactly one"):
            self.invoke(gcp, token, project)

    def test_the_configured_project(self, gcp: Driver) -> None:
        project = self.invoke(gcp, "gcp:organizations/getProject:getProject", {})
        assert project["projectId"] == PROJECT
        assert project["number"].isdigit()
