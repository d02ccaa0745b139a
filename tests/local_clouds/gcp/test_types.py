"""Every type of the gcp provider: a whole life, and what a change does to it."""

from typing import Any

import pytest

from local_clouds import schema
from tests.local_clouds.gcp.driver import Driver
from tests.local_clouds.gcp.examples import EXAMPLES
from tests.local_clouds.gcp.inputs import (
    ACCOUNT,
    ADDRESS,
    ALERT_POLICY,
    AUTOSCALER,
    CONFIG,
    DISK,
    FIREWALL,
    GROUP,
    KEY,
    KEY_MEMBER,
    NAT,
    NETWORK,
    PROJECT_MEMBER,
    ROLE,
    ROUTER,
    SECRET,
    SUBNETWORK,
    TEMPLATE,
    VERSION,
    ZONAL_GROUP,
    autoscaler,
    condition,
    preserved,
    recreating,
    update_policy,
)
from tests.local_clouds.gcp_cloud import PROJECT, REGION


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
    (ALERT_POLICY, "conditions", [condition(duration="600s")]),
    (ALERT_POLICY, "userLabels", {"executor_tag": "other"}),
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
