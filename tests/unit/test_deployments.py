"""What is pasted into Sourcegraph's own deployments: read as they read it, without a secret."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_spec import PyCompose

from components.wiring import compose, helm, merge
from components.wiring.pools import facts
from prometheus import render_rules
from tests.unit.stacks import TOKEN
from tests.unit.test_wiring import ON_AWS, ON_GCP, outputs

AWS_KEY = "EXECUTOR_METRIC_AWS_SECRET_ACCESS_KEY"
GCP_KEY = "EXECUTOR_METRIC_GOOGLE_APPLICATION_CREDENTIALS_FILE_CONTENT"
PASSWORD = "EXECUTOR_FRONTEND_PASSWORD"
KUBERNETES = "1.29"
VALUES = {
    "worker": {"env"},
    "frontend": {"env"},
    "prometheus": {"extraVolumes", "extraVolumeMounts"},
}
"""Documented keys of the chart's values (deploy-sourcegraph-helm, charts/sourcegraph)."""


@pytest.fixture(scope="module")
def stack() -> dict[str, Any]:
    return outputs()


@pytest.fixture(scope="module")
def rules(stack: dict[str, Any]) -> str:
    return render_rules(facts([stack["pools"]]))


@pytest.fixture(scope="module")
def override(stack: dict[str, Any], rules: str) -> str:
    return compose.render(stack["sourcegraph"], rules)


@pytest.fixture(scope="module")
def values(stack: dict[str, Any], rules: str) -> str:
    return helm.render(stack["sourcegraph"], rules)


def interpolated(text: str) -> str:
    """As Docker Compose reads a text; a lone `$` would name a variable."""
    assert "$" not in text.replace("$$", "")
    return text.replace("$$", "$")


def templated(text: str) -> str:
    """As Helm reads a text in which only literals stand between braces."""
    literal = re.compile(r"\{\{`([^`]*)`\}\}")
    assert "{{" not in literal.sub("", text)
    return literal.sub(lambda match: match[1], text)


def test_the_override_is_a_compose_file(override: str) -> None:
    PyCompose.from_yaml(override).to_spec()


def test_the_override_says_what_the_services_need(
    override: str, stack: dict[str, Any], rules: str
) -> None:
    file = yaml.safe_load(override)
    services = file["services"]
    assert set(services) == {
        "worker",
        "sourcegraph-frontend-0",
        "sourcegraph-frontend-internal",
        "prometheus",
    }
    plain = {k: interpolated(v) for k, v in services["worker"]["environment"].items()}
    assert plain == stack["sourcegraph"]["worker"]["environment"]
    assert services["worker"]["env_file"] == ["executors-worker.env"]
    assert services["sourcegraph-frontend-0"] == {"env_file": ["executors-frontend.env"]}
    assert interpolated(file["configs"]["executors-rules"]["content"]) == rules
    [mounted] = services["prometheus"]["configs"]
    # Sourcegraph's Prometheus: rule_files has /sg_config_prometheus/*_rules.yml.
    assert Path(mounted["target"]).match("/sg_config_prometheus/*_rules.yml")


def test_the_commands_write_the_files_that_the_override_reads(
    override: str, tmp_path: Path
) -> None:
    commands = "".join(
        line.removeprefix("#   ") + "\n"
        for line in override.splitlines()
        if line.startswith("#   ")
    )
    key = {"type": "service_account", "private_key": "-----BEGIN\nabc$d`e\\\n-----END\n"}
    answers = {"aws": "k/$HOME+`id`", "gcp": json.dumps(key, indent=2), "accessToken": TOKEN}
    for name, answer in answers.items():
        (tmp_path / name).write_text(answer + "\n")
    fake = tmp_path / "bin" / "pulumi"
    fake.parent.mkdir()
    fake.write_text(
        '#!/bin/sh\ncase "$*" in *aws*) cat aws;; *gcp*) cat gcp;; *) cat accessToken;; esac\n'
    )
    fake.chmod(0o755)
    environment = {"PATH": f"{fake.parent}:/usr/bin:/bin"}
    subprocess.run(["bash", "-eu", "-c", commands], cwd=tmp_path, env=environment, check=True)
    written = {}
    for file in tmp_path.glob("*.env"):
        assert file.stat().st_mode & 0o077 == 0
        for line in file.read_text().splitlines():
            name, _, value = line.partition("=")
            assert value[0] == value[-1] == "'"
            written[name] = value[1:-1]
    assert json.loads(written.pop(GCP_KEY)) == key
    assert written == {AWS_KEY: answers["aws"], PASSWORD: TOKEN}


def test_the_values_have_documented_keys(values: str) -> None:
    document = yaml.safe_load(values)
    assert set(document) == {*VALUES, "extraResources"}
    for service, keys in VALUES.items():
        assert set(document[service]) == keys


def test_the_values_make_valid_kubernetes_objects(values: str) -> None:
    document = yaml.safe_load(values)
    prometheus = document["prometheus"]
    container = {"name": "c", "image": "i", "volumeMounts": prometheus["extraVolumeMounts"]}
    for service in ("worker", "frontend"):
        # As the chart renders `env`: the name, and the item below it.
        env = [{"name": name, **item} for name, item in document[service]["env"].items()]
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": service},
            "spec": {
                "containers": [{**container, "env": env}],
                "volumes": prometheus["extraVolumes"],
            },
        }
        kubernetes_validate.validate(pod, KUBERNETES, strict=True)
    [resource] = document["extraResources"]
    kubernetes_validate.validate(resource, KUBERNETES, strict=True)


def test_the_values_say_what_the_services_need(
    values: str, stack: dict[str, Any], rules: str
) -> None:
    document = yaml.safe_load(values)
    env = document["worker"]["env"]
    plain = {name: item["value"] for name, item in env.items() if "value" in item}
    assert plain == stack["sourcegraph"]["worker"]["environment"]
    references = {
        name: item["valueFrom"]["secretKeyRef"]
        for name, item in {**env, **document["frontend"]["env"]}.items()
        if "valueFrom" in item
    }
    assert references == {
        name: {"name": helm.SECRET, "key": name} for name in (AWS_KEY, GCP_KEY, PASSWORD)
    }
    [resource] = document["extraResources"]
    prometheus = document["prometheus"]
    [volume], [mount] = prometheus["extraVolumes"], prometheus["extraVolumeMounts"]
    assert volume["configMap"]["name"] == resource["metadata"]["name"]
    assert mount["name"] == volume["name"]
    assert templated(resource["data"][mount["subPath"]]) == rules
    assert Path(mount["mountPath"]).match("/sg_config_prometheus/*_rules.yml")


def test_the_command_makes_the_secret_that_the_values_refer_to(values: str, tmp_path: Path) -> None:
    commands = "".join(
        line.removeprefix("#   ") + "\n" for line in values.splitlines() if line.startswith("#   ")
    )
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "pulumi").write_text('#!/bin/sh\necho "value of $*"\n')
    (programs / "kubectl").write_text(
        '#!/bin/sh\necho "$1 $2 $3 $4"; shift 4\n'
        'for file; do file=${file#--from-file=}; echo "${file%%=*}: $(cat ${file#*=})"; done\n'
    )
    for program in programs.iterdir():
        program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-eu", "-c", commands],
        env={"PATH": f"{programs}:/usr/bin:/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [
        f"create secret generic {helm.SECRET}",
        f"{PASSWORD}: value of config get accessToken --stack prod",
        f"{AWS_KEY}: value of stack output awsMetricWriterKey --show-secrets --stack prod",
        f"{GCP_KEY}: value of stack output gcpMetricWriterKey --show-secrets --stack prod",
    ]


def test_a_keyless_worker_has_no_file_of_its_own(rules: str) -> None:
    keyless = outputs({**ON_GCP, "metricWriter": {"gcp": "keyless"}})["sourcegraph"]
    worker = yaml.safe_load(compose.render(keyless, rules))["services"]["worker"]
    assert "env_file" not in worker
    env = yaml.safe_load(helm.render(keyless, rules))["worker"]["env"]
    assert all("value" in item for item in env.values())


def test_two_stacks_make_one_deployment() -> None:
    stacks = outputs(ON_AWS, "aws"), outputs(ON_GCP, "gcp")
    together = merge(stack["sourcegraph"] for stack in stacks)
    rules = render_rules(facts(stack["pools"] for stack in stacks))
    env = yaml.safe_load(helm.render(together, rules))["worker"]["env"]
    assert {AWS_KEY, GCP_KEY, "EXECUTOR_ALLOCATIONS"} <= env.keys()
    recorded = [rule.get("labels", {}) for rule in yaml.safe_load(rules)["groups"][0]["rules"]]
    assert {labels["pool"] for labels in recorded if "pool" in labels} == {"codeintel", "batches"}


def test_pools_of_two_stacks_with_one_name_are_told_apart() -> None:
    one, other = outputs(stack="a"), outputs(stack="b")
    names = {pool.name for pool in facts(stack["pools"] for stack in (one, other))}
    assert names == {
        f"executors-{pool}-{stack}" for pool in ("batches", "codeintel") for stack in ("a", "b")
    }


def test_no_secret_is_in_what_is_pasted(override: str, values: str) -> None:
    assert TOKEN not in override + values
