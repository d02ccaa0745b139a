"""The whole program: what it refuses, what it exports, and where secrets go."""

import json
import subprocess
import sys

import pulumi
import pytest
import yaml

from tests import stacks
from tests.recorder import PROJECT, ROOT, STACK, is_secret, plain, run

TOKEN = "canary-token-0123456789abcdef"
CANARIES = (TOKEN, "Y2FuYXJ5OmF1dGg=", "aws-canary-secret-key", "gcp-canary-private-key")


def test_a_bad_stack_registers_nothing() -> None:
    with pytest.raises(pulumi.RunError, match=r"pools\.batches\.max"):
        run(stacks.with_pool("batches", min=7))


def test_secrets_reach_the_engine_marked_and_nothing_else_holds_them() -> None:
    made = run(stacks.everything(), token=TOKEN)
    holders = set()
    for registration in made.all:
        for key, value in registration.inputs.items():
            if any(canary in json.dumps(plain(value)) for canary in CANARIES):
                assert is_secret(value), (registration.urn, key)
                holders.add((registration.type.rsplit(":", 1)[-1], key))
        for outputs in registration.outputs:
            for key, value in outputs.items():
                if any(canary in json.dumps(plain(value)) for canary in CANARIES):
                    assert is_secret(value), (registration.urn, key)
    assert holders == {("SecretVersion", "secretString"), ("SecretVersion", "secretData")}


def test_the_outputs_name_commands_instead_of_secrets() -> None:
    exports = run(stacks.everything(), token=TOKEN).exports
    open_outputs = {
        key: exports[key] for key in ("pools", "sourcegraph", "prometheus", "discovery")
    }
    text = json.dumps(open_outputs)
    assert not any(canary in text for canary in CANARIES)
    secrets = exports["sourcegraph"]["worker"]["secrets"]
    command = f"pulumi stack output awsMetricWriterKey --show-secrets --stack {STACK}"
    assert secrets["EXECUTOR_METRIC_AWS_SECRET_ACCESS_KEY"] == command


def test_the_workers_environment_matches_what_the_policies_read() -> None:
    made = run(stacks.dev())
    worker = made.exports["sourcegraph"]["worker"]["environment"]
    metric = made.one("MetricAlarm", "-out-")["metricQueries"][0]["metric"]
    assert worker["EXECUTOR_METRIC_AWS_NAMESPACE"] == metric["namespace"]
    assert worker["EXECUTOR_METRIC_ENVIRONMENT_LABEL"] == metric["dimensions"]["environment"]
    assert worker["EXECUTOR_METRIC_AWS_REGION"] == made.one("Group")["region"]
    assert worker["EXECUTOR_METRIC_GCP_PROJECT_ID"] == made.one("RegionAutoscaler")["project"]
    assert json.loads(worker["EXECUTOR_ALLOCATIONS"]) == {
        "batches": {"aws": 0.0, "gcp": 1.0},
        "codeintel": {"aws": 1.0, "gcp": 0.0},
    }


def test_prometheus_looks_in_every_region_and_zone() -> None:
    (job,) = yaml.safe_load(run(stacks.dev()).exports["prometheus"])
    assert job["job_name"] == "sourcegraph-executors"
    assert [sd["region"] for sd in job["ec2_sd_configs"]] == ["us-east-1"]
    assert [sd["zone"] for sd in job["gce_sd_configs"]] == ["us-central1-a", "us-central1-b"]


def test_the_pools_output_is_what_an_operator_asks_first() -> None:
    pools = run(stacks.dev()).exports["pools"]
    assert pools["codeintel"] == {
        "cloud": "aws",
        "region": "us-east-1",
        "queues": ["codeintel"],
        "min": 0,
        "max": 10,
        "group": "executors-codeintel-0a1b2c3",
        "slots": 4,
        "jobsPerVm": {"codeintel": 4},
        "longestLife": 6.5 * 3600,
        "hourlyPrice": {"onDemand": 0.85, "spot": None, "onDemandBase": 0, "spotPercent": 0},
    }


@pytest.mark.parametrize(("used", "unused"), [("aws", "pulumi_gcp"), ("gcp", "pulumi_aws")])
def test_an_unused_clouds_sdk_is_never_imported(used: str, unused: str) -> None:
    code = (
        "import sys\nfrom tests import stacks\nfrom tests.recorder import run\n"
        f"run(stacks.three_pools({used!r}))\nassert {unused!r} not in sys.modules\n"
        f"assert 'pulumi_{used}' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_development_stack_holds_no_secret_and_encrypts_none() -> None:
    text = (ROOT / "Pulumi.dev.yaml").read_text()
    assert "secure" not in text
    assert f"{PROJECT}:accessToken" not in stacks.dev()


def test_a_second_key_is_made_beside_the_first_and_the_worker_gets_the_last() -> None:
    made = run({**stacks.dev(), f"{PROJECT}:metricWriter": {"keys": ["1", "2026"]}})
    for kind in ("AccessKey", "Key"):
        names = sorted(one.name for one in made.of(kind))
        assert names == ["executors-metric-writer-1", "executors-metric-writer-2026"]
