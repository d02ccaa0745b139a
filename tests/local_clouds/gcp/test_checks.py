"""What the gcp provider refuses before anything is made."""

import pytest

from local_clouds.resource import Properties
from local_clouds.values import UNKNOWN
from tests.local_clouds.gcp.driver import Driver
from tests.local_clouds.gcp.examples import EXAMPLES
from tests.local_clouds.gcp.inputs import (
    ACCOUNT,
    AUTOSCALER,
    EMAIL,
    FIREWALL,
    GROUP,
    MEMBER,
    NETWORK,
    PROJECT_MEMBER,
    ROLE,
    SECRET,
    SECRET_MEMBER,
    SECRET_NAME,
    SUBNETWORK,
    TEMPLATE,
    VERSION,
    autoscaler,
    disk,
    group,
    template,
    update_policy,
)
from tests.local_clouds.gcp_cloud import PROJECT


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
