"""A real Prometheus accepts what is rendered, whole and pasted."""

from pathlib import Path

import pytest

from prometheus import (
    Ec2Discovery,
    GceDiscovery,
    Job,
    mirror_jobs,
    render,
    render_file,
    scrape_job,
    worker_job,
)
from tests.prometheus.promtool import promtool

EC2 = Ec2Discovery("us-east-1", "no")
GCE = GceDiscovery("acme-ci", "us-central1-a", "null")

JOBS = {
    "mirror": mirror_jobs([EC2, GCE])[0],
    "mirror's VM": mirror_jobs([EC2, GCE])[1],
    "aws": scrape_job([EC2]),
    "gcp": scrape_job([GCE]),
    "both": scrape_job([EC2, GCE]),
    "no pool": scrape_job([]),
    "pushed": worker_job(),
}


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_a_whole_file_is_accepted(job: Job, tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yaml"
    file.write_text(render_file(job))
    promtool("check", "config", str(file))


@pytest.mark.parametrize("job", JOBS.values(), ids=JOBS)
def test_a_pasted_job_is_accepted_beside_others(job: Job, tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yaml"
    file.write_text("scrape_configs:\n- job_name: prometheus\n" + render(job))
    promtool("check", "config", str(file))


def test_the_jobs_of_a_stack_are_accepted_together(tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yaml"
    file.write_text(render_file(scrape_job([EC2, GCE]), *mirror_jobs([EC2, GCE])))
    promtool("check", "config", str(file))
