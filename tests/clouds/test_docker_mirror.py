"""What a docker mirror is made of, and who uses it."""

import base64
import gzip
import json
from typing import Any

import yaml

from tests import stacks
from tests.recorder import PROJECT, Recorder, run
from tests.unit.boot.scripts import carried_document

TAG = "executors-dev-docker-mirror"
CREDENTIALS = "canary-user:canary-mirror-token"


def mirrored(config: dict[str, Any] | None = None, **settings: Any) -> Recorder:
    return run((config or stacks.dev()) | {f"{PROJECT}:dockerMirror": settings})


def on_aws(made: Recorder, name: str) -> dict[str, Any]:
    data = base64.b64decode(made.one("LaunchTemplate", name)["userData"])
    return json.loads(carried_document(gzip.decompress(data).decode()))


def on_gcp(made: Recorder, name: str) -> dict[str, Any]:
    metadata = made.one("InstanceTemplate", name)["metadata"]
    return json.loads(carried_document(metadata["startup-script"]))


def test_pools_of_the_network_use_it_without_being_told() -> None:
    made = mirrored()
    for document in (on_aws(made, "codeintel"), on_gcp(made, "batches")):
        variables = document["environment"]
        assert variables["EXECUTOR_DOCKER_REGISTRY_MIRROR_URL"] == "http://10.0.0.20:5000"
        assert variables["DOCKER_REGISTRY_NODE_EXPORTER_URL"] == "http://10.0.0.20:9999"
        assert document["mirrors"] == ["http://10.0.0.20:5000"]


def test_a_pool_s_own_mirrors_come_after_it_and_no_proxy_is_between() -> None:
    config = stacks.with_pool(
        "codeintel",
        dockerRegistryMirrors=["https://mirror.example.com"],
        dockerRegistryNodeExporterUrl="http://exporter.example.com",
        proxy={"https": "http://proxy.example.com:3128"},
    )
    document = on_aws(mirrored(config), "codeintel")
    mirrors = "http://10.0.0.20:5000,https://mirror.example.com"
    variables = document["environment"]
    assert variables["EXECUTOR_DOCKER_REGISTRY_MIRROR_URL"] == mirrors
    assert variables["DOCKER_REGISTRY_NODE_EXPORTER_URL"] == "http://exporter.example.com"
    assert variables["NO_PROXY"].endswith(",10.0.0.20")


def test_pools_elsewhere_do_not_and_have_no_way_to_it() -> None:
    config = stacks.dev()
    own = {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]}
    stacks.pool(config, "codeintel")["aws"]["network"] = own
    made = mirrored(config)
    assert "EXECUTOR_DOCKER_REGISTRY_MIRROR_URL" not in on_aws(made, "codeintel")["environment"]
    assert [mirror.type for mirror in made.of("DockerMirror")] == ["executors:gcp:DockerMirror"]
    assert made.of("SecurityGroupIngressRule") == []


def test_its_ports_open_to_the_executors_of_its_network_only() -> None:
    made = mirrored()
    rules = made.of("SecurityGroupIngressRule")
    (group,) = {rule["securityGroupId"] for rule in rules}
    assert "mirror" in group
    assert {rule["fromPort"] for rule in rules} == {5000, 9999}
    assert {rule["referencedSecurityGroupId"] for rule in rules} == {
        "securitygroup-executors-codeintel"
    }
    rule = made.one("Firewall", "batches-mirror")
    assert rule["allows"] == [{"protocol": "tcp", "ports": ["5000", "9999"]}]
    pool, mirror = (made.one("InstanceTemplate", name) for name in ("batches", "acme"))
    accounts = [template["serviceAccount"]["email"] for template in (pool, mirror)]
    assert [rule["sourceServiceAccounts"], rule["targetServiceAccounts"]] == [
        [account] for account in accounts
    ]


def test_its_metrics_open_to_named_ranges_only() -> None:
    made = mirrored(metricsAccessCidrs=["10.9.0.0/16"])
    (rule,) = [r for r in made.of("SecurityGroupIngressRule") if "cidrIpv4" in r.inputs]
    assert (rule["cidrIpv4"], rule["fromPort"], rule["toPort"]) == ("10.9.0.0/16", 9999, 9999)
    metrics = [r for r in made.of("Firewall") if r.name.endswith("-metrics")]
    assert [r["sourceRanges"] for r in metrics] == [["10.9.0.0/16"]]


def test_one_vm_whose_disk_is_encrypted_and_whose_address_is_held() -> None:
    made = mirrored(diskSize=64)
    group = made.one("Group", "mirror")
    assert (group["minSize"], group["maxSize"]) == (1, 1)
    assert group["instanceRefresh"]["preferences"]["minHealthyPercentage"] == 0
    assert len(group["vpcZoneIdentifiers"]) == 1
    volume = made.one("Volume")
    assert (volume["size"], volume["encrypted"]) == (64, True)
    assert volume["availabilityZone"] == "us-east-1a"
    assert made.one("SubnetCidrReservation")["cidrBlock"] == "10.0.0.16/28"
    assert on_aws(made, "mirror")["volume"] == "volume-executors-us-east-1-mirror"
    manager, kept = made.one("InstanceGroupManager"), made.one("PerInstanceConfig")
    assert manager["updatePolicy"]["replacementMethod"] == "RECREATE"
    assert "targetSize" not in manager.inputs
    (disk,) = kept["preservedState"]["disks"]
    assert (disk["deviceName"], disk["deleteRule"]) == ("registry", "NEVER")
    assert made.one("Address")["address"] == "10.0.0.20"


def test_beside_private_pools_it_is_private_too() -> None:
    public, private = mirrored(), mirrored(stacks.private())
    for made, expected in ((public, "true"), (private, "false")):
        (interface,) = made.one("LaunchTemplate", "mirror")["networkInterfaces"]
        assert interface["associatePublicIpAddress"] == expected
        (card,) = made.one("InstanceTemplate", "acme")["networkInterfaces"]
        assert bool(card["accessConfigs"]) == (expected == "true")
    (subnet,) = private.one("Group", "mirror")["vpcZoneIdentifiers"]
    assert "private-us-east-1a" in subnet
    assert private.exports["dockerMirrors"]["us-east-1"] == "10.0.128.20"


def test_only_the_mirror_reads_its_credentials() -> None:
    config = stacks.dev() | {f"{PROJECT}:dockerMirrorCredentials": CREDENTIALS}
    made = mirrored(config)
    reference = on_aws(made, "mirror")["credentials_secret"]
    assert "dockerMirrorCredentials" in reference
    readers = [p.name for p in made.of("RolePolicy") if reference in p["policy"]]
    assert readers == ["executors-us-east-1-mirror"]
    token = on_aws(made, "codeintel")["secret_environment"]["EXECUTOR_FRONTEND_PASSWORD"]
    readers = [p.name for p in made.of("RolePolicy") if token in p["policy"]]
    assert readers == ["executors-codeintel"]
    members = {grant.name: grant["member"] for grant in made.of("SecretIamMember")}
    assert len(members) == 2
    assert len(set(members.values())) == 2
    assert "canary" not in repr([template.inputs for template in made.of("LaunchTemplate")])


def test_a_full_disk_and_a_silent_mirror_are_alarms() -> None:
    topic = "arn:aws:sns:us-east-1:123456789012:t"
    channel = "projects/acme-executors-dev/notificationChannels/1"
    targets = {f"{PROJECT}:alerts": {"aws": [topic], "gcp": [channel]}}
    made = mirrored(stacks.dev() | targets)
    alarm = made.one("MetricAlarm", "mirror")
    metric = on_aws(made, "mirror")["metric"]
    assert (alarm["namespace"], alarm["metricName"]) == (metric["namespace"], metric["name"])
    assert alarm["dimensions"] == {"Mirror": metric["mirror"]}
    assert (alarm["threshold"], alarm["treatMissingData"]) == (90, "breaching")
    assert alarm["alarmActions"] == [topic]
    (policy,) = [one for one in made.of("AlertPolicy") if ":DockerMirror$" in one.urn]
    kinds = [next(k for k in c if k.startswith("condition")) for c in policy["conditions"]]
    assert kinds == ["conditionThreshold", "conditionAbsent"]
    assert TAG in policy["conditions"][0]["conditionThreshold"]["filter"]
    assert policy["notificationChannels"] == [channel]


def test_prometheus_scrapes_it_by_its_own_tag() -> None:
    pools, registry, node = yaml.safe_load(mirrored().exports["prometheus"])
    assert registry["params"] == {"module": ["registry"]}
    assert node["params"] == {"module": ["node"]}
    assert registry["metrics_path"] == node["metrics_path"] == "/proxy"
    assert registry["ec2_sd_configs"][0]["port"] == 9999
    assert registry["ec2_sd_configs"][0]["filters"][0]["values"] == [TAG]
    assert TAG in registry["gce_sd_configs"][0]["filter"]
    assert TAG not in repr(pools)
    tags = {tag["key"]: tag["value"] for tag in mirrored().one("Group", "mirror")["tags"]}
    assert tags["executor_tag"] == TAG
