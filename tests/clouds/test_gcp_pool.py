"""What a pool on GCP is made of."""

from typing import Any

import pytest

from tests import stacks
from tests.recorder import PROJECT, Recorder, run


@pytest.fixture(scope="module")
def dev() -> Recorder:
    return run(stacks.dev())


def changed(**settings: Any) -> Recorder:
    return run(stacks.with_pool("batches", **settings))


def test_the_group_never_deletes_a_vm_to_rebalance_or_to_update(dev: Recorder) -> None:
    group = dev.one("RegionInstanceGroupManager")
    assert group["distributionPolicyTargetShape"] == "BALANCED"
    assert group["updatePolicy"] == {
        "type": "OPPORTUNISTIC",
        "minimalAction": "REPLACE",
        "instanceRedistributionType": "NONE",
    }
    assert group["instanceLifecyclePolicy"] == {"forceUpdateOnRepair": "YES"}
    assert group["waitForInstances"] is False
    assert group["distributionPolicyZones"] == ["us-central1-a", "us-central1-b"]


def test_the_autoscaler_only_ever_adds_vms(dev: Recorder) -> None:
    policy = dev.one("RegionAutoscaler")["autoscalingPolicy"]
    assert policy["mode"] == "ONLY_SCALE_OUT"
    assert (policy["minReplicas"], policy["maxReplicas"]) == (1, 6)
    assert "targetSize" not in dev.one("RegionInstanceGroupManager").inputs


def test_the_recommended_size_falls_at_once_but_for_a_fifth(dev: Recorder) -> None:
    policy = dev.one("RegionAutoscaler")["autoscalingPolicy"]
    assert policy["stabilizationPeriod"] == 60
    assert policy["scaleInControl"] == {
        "maxScaledInReplicas": {"percent": 80},
        "timeWindowSec": 840,
    }


def test_an_autoscaler_that_deletes_vms_keeps_the_clouds_own_patience() -> None:
    config = stacks.with_pool("batches", gcp={"scaleIn": "interrupt"})
    policy = run(config).one("RegionAutoscaler", "batches")["autoscalingPolicy"]
    assert policy["mode"] == "ON"
    assert policy.keys().isdisjoint({"stabilizationPeriod", "scaleInControl"})


def test_the_autoscaler_reads_the_one_series_of_its_queue(dev: Recorder) -> None:
    (metric,) = dev.one("RegionAutoscaler")["autoscalingPolicy"]["metrics"]
    assert metric == {
        "name": "custom.googleapis.com/executors/queue/size",
        "filter": 'resource.type = "global" AND metric.labels.queueName = "batches"'
        ' AND metric.labels.environment = "dev"',
        "singleInstanceAssignment": 4,
    }


def test_a_pool_of_all_queues_reads_their_combined_series() -> None:
    config = stacks.three_pools("gcp")
    metric = run(config).one("RegionAutoscaler", "all")["autoscalingPolicy"]["metrics"][0]
    assert 'queueName = "batches_codeintel"' in metric["filter"]
    assert metric["singleInstanceAssignment"] == 8  # half of each queue, 4 slots a VM


@pytest.mark.parametrize(
    ("paused", "size", "signal"), [(False, 2, "cpuUtilization"), (True, 0, "metrics")]
)
def test_a_fixed_size_and_a_pause_are_the_autoscalers(paused: bool, size: int, signal: str) -> None:
    made = changed(min=2, max=2, paused=paused)
    assert "targetSize" not in made.one("RegionInstanceGroupManager").inputs
    policy = made.one("RegionAutoscaler")["autoscalingPolicy"]
    assert (policy["minReplicas"], policy["maxReplicas"]) == (size, size)
    assert policy["mode"] == "ONLY_SCALE_OUT"
    assert {"cpuUtilization", "metrics"} & policy.keys() == {signal}
    assert "scaleInControl" not in policy


def test_a_job_runs_in_a_vm_of_its_own_inside_the_vm(dev: Recorder) -> None:
    features = dev.one("InstanceTemplate")["advancedMachineFeatures"]
    assert features == {"enableNestedVirtualization": True}
    plain = changed(firecracker={"enabled": False}, gcp={"machineType": "e2-standard-16"})
    assert "advancedMachineFeatures" not in plain.one("InstanceTemplate").inputs


def test_spot_and_local_disks_are_choices_of_the_pool() -> None:
    scratch = {"spot": True, "localSsd": True, "machineType": "n1-standard-16"}
    made = changed(gcp=scratch).one("InstanceTemplate")
    assert made["scheduling"]["provisioningModel"] == "SPOT"
    assert made["scheduling"]["automaticRestart"] is False
    assert [disk.get("type") for disk in made["disks"]] == [None, "SCRATCH"]
    assert changed().one("InstanceTemplate")["scheduling"]["provisioningModel"] == "STANDARD"


def test_only_identity_aware_proxy_may_open_a_shell(dev: Recorder) -> None:
    rule = dev.one("Firewall", "ssh")
    assert rule["sourceRanges"] == ["35.235.240.0/20"]
    assert rule["allows"] == [{"protocol": "tcp", "ports": ["22"]}]
    assert rule["targetServiceAccounts"] == [dev.one("InstanceTemplate")["serviceAccount"]["email"]]


def test_the_vms_may_read_their_secret_and_write_logs_and_metrics(dev: Recorder) -> None:
    roles = {made["role"] for made in dev.of("IAMMember") if "batches" in made.name}
    (agent,) = roles - {"roles/logging.logWriter", "roles/monitoring.metricWriter"}
    assert agent.endswith(dev.one("IAMCustomRole", "batches-agent")["roleId"])
    grant = dev.one("SecretIamMember")
    assert grant["role"] == "roles/secretmanager.secretAccessor"
    assert grant["secretId"] == dev.one("SecretVersion", "acme")["secret"]


def test_a_pool_may_do_without_the_right_to_leave_groups() -> None:
    made = changed(gcp={"scaleIn": "interrupt"})
    assert [role.name for role in made.of("IAMCustomRole") if "batches" in role.name] == []
    assert made.one("RegionAutoscaler")["autoscalingPolicy"]["mode"] == "ON"


def test_the_metric_writers_role_holds_one_permission(dev: Recorder) -> None:
    assert dev.one("IAMCustomRole", "writer")["permissions"] == ["monitoring.timeSeries.create"]
    assert dev.one("IAMCustomRole", "discovery")["permissions"] == [
        "compute.instances.list",
        "compute.zones.list",
    ]


def test_a_keyless_worker_has_no_key_anywhere() -> None:
    config = stacks.dev() | {f"{PROJECT}:metricWriter": {"gcp": "keyless"}}
    made = run(config)
    assert made.of("Key") == []
    assert "gcpMetricWriterKey" not in made.exports
    worker = made.exports["sourcegraph"]["worker"]
    assert not any("GOOGLE" in name for name in {**worker["environment"], **worker["secrets"]})


def test_prometheus_finds_the_image_in_the_metadata(dev: Recorder) -> None:
    metadata = dev.one("InstanceTemplate")["metadata"]
    assert metadata["image_name"] == "sourcegraph-executors-6-10-0"
    assert dev.one("InstanceTemplate")["labels"]["executor_tag"] == "executors-dev"


def test_without_an_image_the_family_of_the_version_is_used() -> None:
    config = stacks.dev()
    del config[f"{PROJECT}:pools"]["batches"]["gcp"]["image"]
    template = run(config).one("InstanceTemplate")
    family = "projects/sourcegraph-ci/global/images/family/sourcegraph-executors-6-10"
    assert template["disks"][0]["sourceImage"] == family
    assert template["metadata"]["image_family"] == "sourcegraph-executors-6-10"


def test_a_shared_network_of_another_project_keeps_its_own_firewall() -> None:
    shared = {
        "network": "projects/host-project/global/networks/shared",
        "subnetwork": "projects/host-project/regions/us-central1/subnetworks/executors",
    }
    made = changed(gcp={"network": shared, "assignPublicIp": False})
    assert made.of("Firewall") == [f for f in made.of("Firewall") if not f.custom]
    (interface,) = made.one("InstanceTemplate")["networkInterfaces"]
    assert interface == {**shared, "accessConfigs": []}


def test_a_schedule_is_the_autoscalers_own(dev: Recorder) -> None:
    office = {"cron": "30 7 * * MON-FRI", "timeZone": "Europe/Berlin", "duration": "10h", "min": 4}
    policy = changed(schedules={"office": office}).one("RegionAutoscaler")["autoscalingPolicy"]
    assert policy["scalingSchedules"] == [
        {
            "name": "office",
            "schedule": "30 7 * * 1,2,3,4,5",
            "timeZone": "Europe/Berlin",
            "durationSec": 36000,
            "minRequiredReplicas": 4,
        }
    ]
    assert policy["minReplicas"] == 1
    assert "scalingSchedules" not in dev.one("RegionAutoscaler")["autoscalingPolicy"]
    paused = changed(paused=True, schedules={"office": office}).one("RegionAutoscaler")
    assert "scalingSchedules" not in paused["autoscalingPolicy"]


def test_plain_names_of_a_network_mean_the_pool_s_own_project_and_region() -> None:
    placement = {"project": "acme-vms", "region": "europe-west1", "zones": ["europe-west1-b"]}
    network = {"network": "corp", "subnetwork": "vms"}
    made = changed(min=2, max=2, gcp={**placement, "network": network})
    (interface,) = made.one("InstanceTemplate")["networkInterfaces"]
    assert interface["network"] == "projects/acme-vms/global/networks/corp"
    assert interface["subnetwork"] == "projects/acme-vms/regions/europe-west1/subnetworks/vms"
