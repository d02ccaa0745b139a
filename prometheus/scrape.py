"""Scrape jobs named `sourcegraph-executors` and after it, as Sourcegraph names them.

A job name is unique in a Prometheus, so one job covers the VMs of both clouds. Its relabelling is
the same whichever clouds a stack uses: a VM carries the meta labels of one cloud only, a rule reads
both clouds' labels joined by nothing, and no rule matches an empty value, so none blanks a label.
"""

from collections.abc import Iterable
from typing import Any

from prometheus.discovery import (
    EXECUTOR_PORT,
    MIRROR_PORT,
    Discovery,
    Ec2Discovery,
    GceDiscovery,
)
from prometheus.text import to_yaml

JOB_NAME = "sourcegraph-executors"

MIRROR_MODULES = {"registry": "registry", "registry-node": "node"}
"""End of a job's name -> module of a mirror's exporter. Sourcegraph names what executors push of
their mirror `sourcegraph-executors-registry`, too."""

Job = dict[str, Any]
"""One entry of Prometheus' `scrape_configs`."""


def scrape_job(discoveries: Iterable[Discovery]) -> Job:
    """The job that finds executor VMs in their clouds and scrapes each one.

    Order and repetition of `discoveries` make no difference. Targets get the labels that
    docs/prometheus.md lists.
    """
    return {"job_name": JOB_NAME, **_discovered(discoveries, EXECUTOR_PORT)}


def mirror_jobs(discoveries: Iterable[Discovery]) -> list[Job]:
    """The jobs that scrape docker mirrors: their registries, and their VMs.

    One exporter answers for both, and a scrape names the one that it wants. Empty without
    `discoveries`.
    """
    found = _discovered(discoveries, MIRROR_PORT)
    if not {"ec2_sd_configs", "gce_sd_configs"} & found.keys():
        return []
    return [
        {
            "job_name": f"{JOB_NAME}-{name}",
            "metrics_path": "/proxy",
            "params": {"module": [module]},
            **found,
        }
        for name, module in MIRROR_MODULES.items()
    ]


def _discovered(discoveries: Iterable[Discovery], port: int) -> Job:
    wanted = set(discoveries)
    ec2 = sorted(found for found in wanted if isinstance(found, Ec2Discovery))
    gce = sorted(found for found in wanted if isinstance(found, GceDiscovery))
    job = {
        "ec2_sd_configs": [found.sd_config(port) for found in ec2],
        "gce_sd_configs": [found.sd_config(port) for found in gce],
        "relabel_configs": _relabel_configs(port),
    }
    return {key: value for key, value in job.items() if value}


def worker_job(target: str = "worker:6996") -> Job:
    """The job for a Sourcegraph whose executors push their metrics in their heartbeats.

    The worker serves what they pushed at `target` (host:port), with the labels `sg_job` and
    `sg_instance` of the executor that sent it. Labels of a metric win over those of the target.
    """
    return {
        "job_name": JOB_NAME,
        "honor_labels": True,
        "static_configs": [{"targets": [target]}],
    }


def render(*jobs: Job) -> str:
    """YAML of a list with these jobs, to paste under `scrape_configs:` of a Prometheus."""
    return to_yaml(list(jobs))


def render_file(*jobs: Job) -> str:
    """YAML of a complete Prometheus configuration that has these jobs."""
    return to_yaml({"global": {"scrape_interval": "30s"}, "scrape_configs": list(jobs)})


def _relabel_configs(port: int) -> list[dict[str, Any]]:
    return [
        # Prometheus starts with the private IP as address, which stays when there is no public one.
        _rule("__address__", "ec2_public_ip", "gce_public_ip") | {"replacement": f"${{1}}:{port}"},
        _rule("instance", "ec2_instance_id", "gce_instance_name"),
        # EC2 names a zone, Compute Engine gives its URL.
        _rule("zone", "ec2_availability_zone", "gce_zone") | {"regex": "(?:.+/)?([^/]+)"},
        _rule("project", "gce_project"),
        _rule("version", "ec2_ami"),
        _rule("pool", "ec2_tag_executor_pool", "gce_label_executor_pool"),
        {"action": "labelmap", "regex": "__meta_gce_metadata_(image_.+)"},
    ]


def _rule(target: str, *sources: str) -> dict[str, Any]:
    return {
        "source_labels": [f"__meta_{source}" for source in sources],
        "separator": "",
        "regex": "(.+)",
        "target_label": target,
    }
