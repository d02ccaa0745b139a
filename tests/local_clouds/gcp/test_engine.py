"""The real engine drives the gcp provider: create, no change, update, replace, drift, destroy."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation

from local_clouds import gcp as gcp_provider
from local_clouds import plugin
from scripts import engine
from tests.local_clouds.gcp_cloud import PROJECT, REGION, LocalGcp, running

pytestmark = pytest.mark.engine

PAYLOAD = "token-that-is-made-up"


@dataclass
class Program:
    """A small pool; tests change its settings between two runs."""

    priority: int = 1000
    script: str = "#!/bin/sh"
    largest: int = 3

    def __call__(self) -> None:
        import pulumi_gcp as gcp  # noqa: PLC0415 - the engine's tests alone need the whole SDK

        network = gcp.compute.Network("net", auto_create_subnetworks=False)
        subnetwork = gcp.compute.Subnetwork("net", network=network.id, ip_cidr_range="10.0.0.0/20")
        account = gcp.serviceaccount.Account("vm", account_id="executor-vm")
        gcp.compute.Firewall(
            "ssh",
            network=network.self_link,
            allows=[{"protocol": "tcp", "ports": ["22"]}],
            source_ranges=["35.235.240.0/20"],
            target_service_accounts=[account.email],
            priority=self.priority,
        )
        secret = gcp.secretmanager.Secret("token", replication={"auto": {}})
        gcp.secretmanager.SecretVersion(
            "token", secret=secret.id, secret_data=pulumi.Output.secret(PAYLOAD)
        )
        gcp.secretmanager.SecretIamMember(
            "vm",
            secret_id=secret.id,
            role="roles/secretmanager.secretAccessor",
            member=account.member,
        )
        role = gcp.projects.IAMCustomRole(
            "writer",
            role_id="queueWriter",
            title="Queue writer",
            permissions=["monitoring.timeSeries.create"],
        )
        gcp.projects.IAMMember("vm", project=PROJECT, role=role.name, member=account.member)
        key = gcp.serviceaccount.Key("writer", service_account_id=account.name)
        pulumi.export("key", key.private_key)
        self._pool(gcp, subnetwork, account)

    def _pool(self, gcp: Any, subnetwork: Any, account: Any) -> None:
        image = gcp.compute.get_image_output(
            family="sourcegraph-executors-6-10", project="sourcegraph-ci"
        )
        template = gcp.compute.InstanceTemplate(
            "pool",
            machine_type="n2-standard-8",
            disks=[{"source_image": image.self_link, "disk_size_gb": 100}],
            network_interfaces=[{"subnetwork": subnetwork.self_link, "access_configs": [{}]}],
            service_account={"email": account.email, "scopes": ["cloud-platform"]},
            labels={"executor_tag": "batches"},
            metadata_startup_script=self.script,
        )
        group = gcp.compute.RegionInstanceGroupManager(
            "pool",
            base_instance_name="executor",
            versions=[{"instance_template": template.self_link_unique}],
            distribution_policy_target_shape="BALANCED",
            update_policy={
                "type": "OPPORTUNISTIC",
                "minimal_action": "REPLACE",
                "instance_redistribution_type": "NONE",
            },
        )
        gcp.compute.RegionAutoscaler(
            "pool",
            target=group.id,
            autoscaling_policy={
                "min_replicas": 0,
                "max_replicas": self.largest,
                "mode": "ONLY_SCALE_OUT",
                "metrics": [
                    {
                        "name": "custom.googleapis.com/executors/queue/size",
                        "filter": 'resource.type = "global" AND '
                        'metric.labels.queueName = "batches"',
                        "single_instance_assignment": 2,
                    }
                ],
            },
        )


RESOURCES = 13  # and the stack itself


@dataclass
class Stack:
    cloud: LocalGcp
    stack: automation.Stack
    program: Program
    directory: Path

    def up(self) -> Mapping[automation.OpType, int] | None:
        return self.stack.up().summary.resource_changes

    def state(self) -> str:
        """What the engine keeps on disk."""
        return (self.directory / ".pulumi/stacks/p/dev.json").read_text()


@pytest.fixture
def running_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setenv("PATH", str(engine.prepare().parent), prepend=os.pathsep)
    program = Program()
    with running() as cloud:
        port = plugin.serve(gcp_provider.provider(cloud.endpoint))
        options = automation.LocalWorkspaceOptions(
            work_dir=str(tmp_path),
            env_vars={
                "PULUMI_BACKEND_URL": tmp_path.as_uri(),
                "PULUMI_CONFIG_PASSPHRASE": "made-up",
                "PULUMI_SKIP_UPDATE_CHECK": "1",
                "PULUMI_DEBUG_PROVIDERS": f"gcp:{port}",
            },
        )
        stack = automation.create_stack("dev", project_name="p", program=program, opts=options)
        for key, value in {"project": PROJECT, "region": REGION}.items():
            stack.set_config(f"gcp:{key}", automation.ConfigValue(value))
        labels = json.dumps({"team": "search"})
        stack.set_config("gcp:defaultLabels", automation.ConfigValue(labels))
        yield Stack(cloud, stack, program, tmp_path)


def test_a_pool_lives_through_the_real_engine(running_stack: Stack) -> None:
    cloud, stack, program = running_stack.cloud, running_stack.stack, running_stack.program
    assert stack.preview().change_summary == {automation.OpType.CREATE: RESOURCES + 1}
    assert cloud.names() == []

    result = stack.up()
    assert result.summary.resource_changes == {"create": RESOURCES + 1}
    assert result.outputs["key"].secret
    assert "queueWriter" in running_stack.state()
    assert PAYLOAD not in running_stack.state()
    assert "PRIVATE KEY" not in running_stack.state()
    cloud.write_queue_size(5)
    labels = [vm["labels"] for vm in cloud.instances()]
    expected = {"executor_tag": "batches", "team": "search", "goog-pulumi-provisioned": "true"}
    assert labels == [expected] * 3
    assert running_stack.up() == {"same": RESOURCES + 1}

    program.priority, program.script, program.largest = 900, "#!/bin/bash", 4
    assert running_stack.up() == {"same": RESOURCES - 3, "update": 3, "replace": 1}
    assert running_stack.up() == {"same": RESOURCES + 1}

    assert stack.refresh().summary.resource_changes == {"same": RESOURCES + 1}
    firewall, secret = (
        next(name for name in cloud.names() if f"/{kind}/" in name)
        for kind in ("firewalls", "secrets")
    )
    rule = firewall.rsplit("/", 1)[-1]
    body = {"name": rule, "priority": 7}
    cloud.compute.firewalls().patch(project=PROJECT, firewall=rule, body=body).execute()
    cloud.api.secrets.delete(name=secret.split("/versions")[0]).execute()
    changes = stack.refresh().summary.resource_changes
    assert changes == {"same": RESOURCES - 3, "update": 1, "delete": 3}
    assert running_stack.up() == {"same": RESOURCES - 3, "update": 1, "create": 3}
    rules = cloud.compute.firewalls().list(project=PROJECT).execute()["items"]
    assert [item["priority"] for item in rules] == [900]

    stack.destroy()
    assert cloud.names() == []
    assert running_stack.up() == {"create": RESOURCES + 1}


def test_what_the_api_refuses_stops_the_update_with_its_message(running_stack: Stack) -> None:
    running_stack.program.largest = -1
    with pytest.raises(automation.CommandError, match="minNumReplicas"):
        running_stack.stack.up()
    running_stack.stack.destroy()
    assert running_stack.cloud.names() == []
