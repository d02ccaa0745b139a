"""Secrets in clear, and names that look like one."""

import json
from typing import Any

import pytest

from preview import read
from preview.values import SECRET, UNKNOWN
from review import red_lines
from review.secrets import is_secret_name
from tests.review.steps import POOL, preview, rules, step


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"secretString": SECRET}, {"secretString": "hunter2"}),
        ({}, {"password": "hunter2"}),
        ({"note": SECRET}, {"note": "hunter2"}),
        ({}, {"value": f"ghp_{'a' * 36}"}),
        ({}, {"value": "https://user:hunter2@registry.example.com"}),
        ({}, {"value": "-----BEGIN RSA PRIVATE KEY-----"}),
    ],
)
def test_a_secret_in_a_property_is_told_but_not_shown(
    old: dict[str, str], new: dict[str, str]
) -> None:
    lines = red_lines(preview(step("update", "aws:x/y:Y", old=old, new=new)))
    assert {line.rule for line in lines} == {"Secret in clear"}
    assert not any("hunter2" in line.text or "aaaa" in line.text for line in lines)


@pytest.mark.parametrize(
    "new",
    [
        {"secretString": SECRET},
        {"secretString": UNKNOWN},
        {"secretId": "projects/p/secrets/s"},
        {"metadataOptions": {"httpTokens": "required"}},
        {"token": "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"},
    ],
)
def test_a_reference_to_a_secret_is_none(new: dict[str, Any]) -> None:
    assert rules(step("update", "aws:x/y:Y", old={"secretString": SECRET}, new=new)) == set()


@pytest.mark.parametrize(
    "name",
    [
        "secretKey",
        "SECRET_KEY",
        "AWS_SECRET_KEY",
        "AWS_SECRET_ACCESS_KEY",
        "SSH_KEY",
        "ENCRYPTION_KEY",
        "SIGNING_KEY",
        "GITHUB_PAT",
        "githubPat",
        "DB_PASS",
        "dbPass",
        "passphrase",
        "GPG_PASSPHRASE",
        "SRC_ACCESS_TOKEN",
    ],
)
def test_a_name_of_a_secret_is_known(name: str) -> None:
    assert is_secret_name(name)
    assert is_secret_name(f"pools.codeintel.environment.{name}")


@pytest.mark.parametrize(
    "name",
    [
        "NPM_TOKEN_FILE",
        "secretId",
        "encryptionKeys[0]",
        "kmsKeyId",
        "sshPublicKey",
        "PATH",
        "compat",
        "bypass",
        "COMPAT",
    ],
)
def test_a_name_of_something_else_is_none(name: str) -> None:
    assert not is_secret_name(name)


def test_a_providers_secret_in_the_stack_file_is_told_and_an_id_is_not() -> None:
    component = {"op": "same", "urn": POOL, "newState": {"parent": ""}, "oldState": {"parent": ""}}
    config = {"aws:accessKey": "AKIAIOSFODNN7EXAMPLE", "aws:secretKey": "hunter2"}
    (line,) = red_lines(read(json.dumps({"config": config, "steps": [component]})))
    assert (line.rule, line.place) == ("Secret in clear", "stack file")
    assert "`secretKey`" in line.text
    assert "hunter2" not in line.text


def test_a_secret_in_the_stack_file_is_told_by_its_path() -> None:
    pools = {"codeintel": {"environment": {"NPM_TOKEN": "hunter2", "NPM_TOKEN_FILE": "/run/t"}}}
    (line,) = red_lines(preview(pools=pools))
    assert "pools.codeintel.environment.NPM_TOKEN" in line.text
    assert "hunter2" not in line.text
