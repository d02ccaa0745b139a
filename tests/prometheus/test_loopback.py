"""A real Prometheus discovers VMs of both local clouds, scrapes executors, and alerts.

A discovered VM's address is never connected to: the last relabelling puts an endpoint of this
machine in its place.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from local_clouds.gcp.server import CloudServer
from prometheus import (
    Ec2Discovery,
    GceDiscovery,
    Job,
    render_file,
    render_rules,
    scrape_job,
    worker_job,
)
from tests.prometheus.conftest import PROJECT, TAG
from tests.prometheus.google import client_environment
from tests.prometheus.loopback import Endpoint, Prometheus, endpoint, eventually, prometheus
from tests.prometheus.pools import BATCHES, CODEINTEL

IDLE = """\
src_executor_processor_handlers{{queue="{0}"}} {1}
src_executor_processor_total{{op="Handle",queue="{0}"}} 7
"""
PUSHED = """\
src_executor_processor_handlers{queue="codeintel",sg_job="sourcegraph-executors",sg_instance="a"} 3
src_executor_processor_handlers{queue="codeintel",sg_job="sourcegraph-executors",sg_instance="b"} 1
"""


def alerting(file: Path, scraped: Endpoint) -> dict[str, Any]:
    """Prometheus' configuration around the scrape jobs: fast, with the rules, alerting here."""
    rules = yaml.safe_load(render_rules([CODEINTEL, BATCHES]))
    for rule in rules["groups"][0]["rules"]:
        if "alert" in rule:
            rule["for"] = "2s"
    file.write_text(yaml.safe_dump(rules))
    return {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(file)],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [scraped.address]}]}]},
    }


def led_here(job: Job, aws: str, scraped: Endpoint) -> Job:
    """The job against the local AWS, with targets on this machine: one path for each instance."""
    for discovery in job["ec2_sd_configs"]:
        discovery |= {"endpoint": aws, "access_key": "local", "secret_key": "local"}
    here = {"target_label": "__address__", "replacement": scraped.address}
    path = {
        "source_labels": ["instance"],
        "target_label": "__metrics_path__",
        "replacement": "/$1",
    }
    return {**job, "relabel_configs": [*job["relabel_configs"], path, here]}


@pytest.fixture(scope="module")
def scraped() -> Iterator[Endpoint]:
    with endpoint() as server:
        yield server


@pytest.fixture(scope="module")
def executors(scraped: Endpoint, ec2_vms: dict[str, Any], gce_vms: dict[str, Any]) -> None:
    """What executors and worker serve: no codeintel executor has a job, and five jobs wait."""
    for vm in ("public", "private"):
        scraped.metrics[f"/{ec2_vms[vm]['InstanceId']}"] = IDLE.format("codeintel", 0)
        scraped.metrics[f"/{gce_vms[vm]['name']}"] = IDLE.format("batches", 1)
    scraped.metrics["/metrics"] = (
        'src_executor_total{queue="codeintel"} 5\nsrc_executor_total{queue="batches"} 0\n'
    )


@pytest.fixture(scope="module")
def running(
    aws: str,
    gcp: CloudServer,
    executors: None,
    scraped: Endpoint,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Prometheus]:
    """A Prometheus with the rendered job and rules."""
    del executors
    directory = tmp_path_factory.mktemp("prometheus")
    zones = ["us-central1-a", "us-central1-b"]
    found = [GceDiscovery(PROJECT, zone, TAG) for zone in zones]
    config = yaml.safe_load(render_file(scrape_job([Ec2Discovery("us-east-1", TAG), *found])))
    (job,) = config["scrape_configs"]
    worker = {"job_name": "worker", "static_configs": [{"targets": [scraped.address]}]}
    config |= alerting(directory / "rules.yml", scraped)
    config["scrape_configs"] = [led_here(job, aws, scraped), worker]
    with (
        client_environment(gcp.server_port, directory) as environment,
        prometheus(config, directory, environment) as server,
    ):
        yield server


def test_every_vm_is_scraped_with_its_labels(
    running: Prometheus, ec2_vms: dict[str, Any], gce_vms: dict[str, Any]
) -> None:
    up = 'up{job="sourcegraph-executors"} == 1'
    eventually(lambda: len(running.query(up)) == 4, lambda: running.get("targets"))
    labels = {found["instance"]: found for found, _ in running.query(up)}
    for vm in ("public", "private"):
        assert labels[ec2_vms[vm]["InstanceId"]]["pool"] == "codeintel"
        assert labels[gce_vms[vm]["name"]]["pool"] == "batches"
        assert labels[gce_vms[vm]["name"]]["project"] == PROJECT


def test_no_target_leads_to_a_vm(running: Prometheus, scraped: Endpoint) -> None:
    targets = running.get("targets")["activeTargets"]
    assert targets
    assert {target["scrapeUrl"].split("/")[2] for target in targets} == {scraped.address}


def test_the_rules_are_loaded_and_record(running: Prometheus) -> None:
    count = "serving:executors_running:count"
    eventually(
        lambda: (
            {found["queue"]: value for found, value in running.query(count)}
            == {"codeintel": 2, "batches": 2}
        ),
        lambda: running.query(count),
    )
    rules = running.get("rules")["groups"][0]["rules"]
    assert {rule["health"] for rule in rules} <= {"ok", "unknown"}
    assert running.query('pool:executors_wanted:clamped{pool="codeintel"}')[0][1] == 1


def test_an_alert_fires_is_delivered_and_ends(
    running: Prometheus, scraped: Endpoint, ec2_vms: dict[str, Any]
) -> None:
    def firing() -> bool:
        return any(
            alert["labels"]["alertname"] == name
            and alert["labels"]["queue"] == "codeintel"
            and alert["state"] == "firing"
            for alert in running.get("alerts")["alerts"]
        )

    def delivered() -> set[str]:
        labels = [alert["labels"] for alert in scraped.alerts]
        return {one["description"] for one in labels if one["alertname"] == name}

    name = "ExecutorQueueNotProcessed"
    eventually(firing, lambda: running.get("alerts"))
    eventually(delivered, lambda: scraped.alerts)
    assert delivered() == {"Jobs of codeintel wait, and none runs."}
    scraped.metrics[f"/{ec2_vms['public']['InstanceId']}"] = IDLE.format("codeintel", 2)
    eventually(lambda: not firing(), lambda: running.get("alerts"))


def test_pushed_metrics_keep_the_executors_apart(scraped: Endpoint, tmp_path: Path) -> None:
    scraped.metrics["/metrics"] = PUSHED
    config = yaml.safe_load(render_file(worker_job(scraped.address)))
    config |= alerting(tmp_path / "rules.yml", scraped)
    with prometheus(config, tmp_path, {}) as server:
        busy = "executor:executors_busy_slots:max"
        eventually(
            lambda: (
                {found["executor"]: value for found, value in server.query(busy)}
                == {"a": 3, "b": 1}
            ),
            lambda: server.query(busy),
        )
