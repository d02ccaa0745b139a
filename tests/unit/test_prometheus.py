"""The rendered scrape job: its text, what it holds, and what it does not depend on."""

import random
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from prometheus import (
    Discovery,
    Ec2Discovery,
    GceDiscovery,
    Job,
    mirror_jobs,
    render,
    render_file,
    scrape_job,
    worker_job,
)

GOLDEN = Path(__file__).parents[1] / "golden"

DEV = [
    Ec2Discovery(region="us-east-1", instance_tag="executors-dev"),
    Ec2Discovery(region="eu-west-1", instance_tag="executors-dev"),
    GceDiscovery(project="acme-ci", zone="us-central1-c", instance_tag="executors-dev"),
    GceDiscovery(project="acme-ci", zone="us-central1-a", instance_tag="executors-dev"),
]

MIRRORS = [
    Ec2Discovery(region="us-east-1", instance_tag="executors-dev-docker-mirror"),
    GceDiscovery(
        project="acme-ci", zone="us-central1-a", instance_tag="executors-dev-docker-mirror"
    ),
]

# Includes the tags that YAML 1.1 reads as booleans and null when nobody quotes them.
instance_tags = st.sampled_from(["no", "on", "yes", "null", "n"]) | st.from_regex(
    r"[a-z][a-z0-9-]{0,62}", fullmatch=True
)
discoveries = st.lists(
    st.builds(
        Ec2Discovery, region=st.sampled_from(["us-east-1", "eu-west-1"]), instance_tag=instance_tags
    )
    | st.builds(
        GceDiscovery,
        project=st.sampled_from(["acme-ci", "example.com:acme"]),
        zone=st.sampled_from(["us-central1-a", "us-central1-b"]),
        instance_tag=instance_tags,
    ),
    min_size=1,
    max_size=5,
)


def found_by(job: Job) -> list[Discovery]:
    """What a job, as Prometheus reads it, looks for."""
    ec2 = [
        Ec2Discovery(config["region"], *config["filters"][0]["values"])
        for config in job.get("ec2_sd_configs", [])
    ]
    gce = [
        GceDiscovery(
            config["project"], config["zone"], config["filter"].split(")")[0].split(" = ")[1]
        )
        for config in job.get("gce_sd_configs", [])
    ]
    return [*ec2, *gce]


def test_the_job_of_two_clouds_is_the_golden_text() -> None:
    assert render(scrape_job(DEV)) == (GOLDEN / "scrape-job.yaml").read_text()


def test_the_job_of_pushed_metrics_is_the_golden_text() -> None:
    assert render_file(worker_job()) == (GOLDEN / "worker-job.yaml").read_text()


def test_the_jobs_of_mirrors_are_the_golden_text() -> None:
    assert render(*mirror_jobs(MIRRORS)) == (GOLDEN / "mirror-jobs.yaml").read_text()


def test_without_mirrors_there_is_no_job_for_them() -> None:
    assert mirror_jobs([]) == []


def test_a_worker_elsewhere_is_scraped_there() -> None:
    job = worker_job("worker.sourcegraph.svc:6996")
    assert job["static_configs"] == [{"targets": ["worker.sourcegraph.svc:6996"]}]


@settings(max_examples=30)
@given(discoveries)
def test_every_discovery_is_present_once(wanted: list[Discovery]) -> None:
    (job,) = yaml.safe_load(render(scrape_job(wanted)))
    found = found_by(job)
    assert len(found) == len(set(found))
    assert set(found) == set(wanted)


@settings(max_examples=30)
@given(discoveries, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(
    wanted: list[Discovery], chance: random.Random
) -> None:
    shuffled = [*wanted, chance.choice(wanted)]
    chance.shuffle(shuffled)
    assert render(scrape_job(shuffled)) == render(scrape_job(wanted))


@settings(max_examples=30)
@given(discoveries)
def test_the_text_means_the_job_and_has_no_aliases(wanted: list[Discovery]) -> None:
    job = scrape_job(wanted)
    assert yaml.safe_load(render(job)) == [job]
    assert yaml.safe_load(render_file(job))["scrape_configs"] == [job]
    assert not any(
        isinstance(token, yaml.AnchorToken | yaml.AliasToken)
        for token in yaml.scan(render_file(job))
    )


@pytest.mark.parametrize("wanted", [DEV[:1], DEV[2:3]], ids=["aws", "gcp"])
def test_a_cloud_that_is_not_used_is_not_asked(wanted: list[Discovery]) -> None:
    job = scrape_job(wanted)
    assert ("ec2_sd_configs" in job, "gce_sd_configs" in job) == (
        wanted == DEV[:1],
        wanted == DEV[2:3],
    )


def test_no_rule_can_blank_a_label_of_the_other_cloud() -> None:
    rules = [rule for rule in scrape_job(DEV)["relabel_configs"] if "target_label" in rule]
    targets = [rule["target_label"] for rule in rules]
    # An expression that matches nothing would replace what the target has by an empty value.
    assert all(not re.fullmatch(rule["regex"], "") for rule in rules)
    assert len(targets) == len(set(targets))
