"""The flat program's pool on GCP."""

import pulumi
from pulumi_gcp import compute, projects, secretmanager, serviceaccount

from components.boot import BootSpec, render
from components.naming import role_id
from tests.bench.flat.literals import EXECUTOR, GCP_POOL_LABELS, GCP_PROJECT, GCP_REGION


def declare(
    token: pulumi.Output[str], network: compute.Network, subnetwork: compute.Subnetwork
) -> compute.RegionInstanceGroupManager:
    """The pool; `token` is where its VMs find the access token."""
    account = serviceaccount.Account(
        "executors-batches",
        project=GCP_PROJECT,
        account_id="sg-dev-batches-6b95d62f",
        display_name="Executors of the pool batches (dev)",
    )
    for role in ("logWriter", "metricWriter"):
        service = "logging" if role == "logWriter" else "monitoring"
        projects.IAMMember(
            f"executors-batches-{role}",
            project=GCP_PROJECT,
            role=f"roles/{service}.{role}",
            member=account.member,
        )
    agent = projects.IAMCustomRole(
        "executors-batches-agent",
        project=GCP_PROJECT,
        role_id=account.unique_id.apply(lambda salt: role_id("dev", "batches-agent", salt=salt)),
        title="Executor agent of batches (dev)",
        permissions=[
            "compute.autoscalers.get",
            "compute.instanceGroupManagers.get",
            "compute.instanceGroupManagers.update",
            "compute.instances.list",
        ],
    )
    projects.IAMMember(
        "executors-batches-agent", project=GCP_PROJECT, role=agent.name, member=account.member
    )
    grant = secretmanager.SecretIamMember(
        "executors-batches-accessToken",
        secret_id=token,
        role="roles/secretmanager.secretAccessor",
        member=account.member,
    )
    compute.Firewall(
        "executors-batches-ssh",
        project=GCP_PROJECT,
        network=network.id,
        direction="INGRESS",
        allows=[{"protocol": "tcp", "ports": ["22"]}],
        source_ranges=["35.235.240.0/20"],
        target_service_accounts=[account.email],
    )
    template = compute.InstanceTemplate(
        "executors-batches",
        project=GCP_PROJECT,
        machine_type="n2-standard-16",
        disks=[
            {
                "boot": True,
                "auto_delete": True,
                "source_image": _IMAGE,
                "disk_type": "pd-ssd",
                "disk_size_gb": 200,
                "labels": GCP_POOL_LABELS,
            }
        ],
        network_interfaces=[
            {"network": network.id, "subnetwork": subnetwork.id, "access_configs": [{}]}
        ],
        service_account={"email": account.email, "scopes": ["cloud-platform"]},
        scheduling={
            "provisioning_model": "STANDARD",
            "automatic_restart": True,
            "on_host_maintenance": "MIGRATE",
        },
        advanced_machine_features={"enable_nested_virtualization": True},
        metadata={
            "startup-script": token.apply(_startup_script),
            "enable-oslogin": "TRUE",
            "image_name": "sourcegraph-executors-6-10-0",
        },
        labels=GCP_POOL_LABELS,
        opts=pulumi.ResourceOptions(depends_on=[grant]),
    )
    group = compute.RegionInstanceGroupManager(
        "executors-batches",
        project=GCP_PROJECT,
        region=GCP_REGION,
        base_instance_name="executor-batches",
        versions=[{"instance_template": template.self_link_unique}],
        distribution_policy_zones=["us-central1-a", "us-central1-b"],
        distribution_policy_target_shape="BALANCED",
        update_policy={
            "type": "OPPORTUNISTIC",
            "minimal_action": "REPLACE",
            "instance_redistribution_type": "NONE",
        },
        instance_lifecycle_policy={"force_update_on_repair": "YES"},
        wait_for_instances=False,
    )
    compute.RegionAutoscaler(
        "executors-batches",
        project=GCP_PROJECT,
        region=GCP_REGION,
        target=group.id,
        autoscaling_policy={
            "min_replicas": 1,
            "max_replicas": 6,
            "mode": "ONLY_SCALE_OUT",
            "stabilization_period": 60,
            "scale_in_control": {
                "max_scaled_in_replicas": {"percent": 80},
                "time_window_sec": 840,
            },
            "metrics": [
                {
                    "name": "custom.googleapis.com/executors/queue/size",
                    "filter": (
                        'resource.type = "global" AND metric.labels.queueName = "batches" '
                        'AND metric.labels.environment = "dev"'
                    ),
                    "single_instance_assignment": 4.0,
                }
            ],
        },
    )
    return group


_IMAGE = "projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-0"


def _startup_script(token: str) -> str:
    return render(
        BootSpec(
            cloud="gcp",
            environment={**EXECUTOR, "EXECUTOR_QUEUE_NAME": "batches"},
            secret_environment={"EXECUTOR_FRONTEND_PASSWORD": token},
            use_firecracker=True,
            stop_timeout_seconds=2100,
        )
    )
