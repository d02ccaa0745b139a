"""A bad stack is refused, before any resource exists, with messages that mend it."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from components.config import ConfigError, RawConfig, load
from components.config.problems import Problem
from components.config.reference import settings
from tests.unit.bad_stacks import BAD
from tests.unit.stacks import DELETED, PROVIDERS, TOKEN, changed, raw

JARGON = re.compile(
    r"validation|Dictionary|Tuple|Input should|JSON|instance of|pydantic|constrained|NoneType"
    r"|another value|\^|\[a-z|\{[a-z_]+\}"
)


def refusal(config: RawConfig) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(config)
    return caught.value


def line(config: RawConfig, key: str) -> str:
    """The problem with this key path, as the user reads it."""
    problems = {problem.key: str(problem) for problem in refusal(config).problems}
    assert key in problems, f"{key} is not among {sorted(problems)}"
    return problems[key]


@pytest.mark.parametrize(("changes", "key", "words"), BAD, ids=[key for _, key, _ in BAD])
def test_a_mistake_is_refused_by_its_key_path(
    changes: Mapping[str, Any], key: str, words: str
) -> None:
    message = line(raw(changed(changes)), key)
    assert words in message
    assert not JARGON.search(message), message


@pytest.mark.parametrize("changes", [changes for changes, _, _ in BAD])
def test_every_problem_says_what_was_found_what_is_allowed_and_how_to_fix_it(
    changes: Mapping[str, Any],
) -> None:
    for problem in refusal(raw(changed(changes))).problems:
        assert isinstance(problem, Problem)
        assert all((problem.key, problem.found, problem.allowed, problem.fix)), problem
        assert "\n" not in str(problem)


def test_the_table_covers_every_setting() -> None:
    named = " ".join(key for _, key, _ in BAD)
    missing = [name for name in settings() if not re.search(rf"\b{name}\b", named)]
    free = ["kernelImage", "sandboxImage", "bandwidthEgress", "https"]
    assert sorted(missing) == sorted(free), "free: the same type as a neighbour in the table"


def test_a_wrong_entry_is_told_once_and_not_as_a_missing_one() -> None:
    changes = {"pools.codeintel.aws.machineTypes": ["m8i"]}
    [problem] = refusal(raw(changed(changes))).problems
    assert problem.key == "pools.codeintel.aws.machineTypes[0]"


SECRETS = [
    ({}, "accessToken", "config set --secret accessToken"),
    ({"accessToken": "short"}, "accessToken", "a token of 5 characters"),
    ({"accessToken": "a token with spaces in it"}, "accessToken", "without spaces"),
    ({"accessToken": "tokén-0123456789-0123456789"}, "accessToken", "printable ASCII"),
    ({"accessToken": TOKEN + "\n"}, "accessToken", "a special character"),
    ({"accessToken": "x" * 70000}, "accessToken", "at most 65536 bytes"),
    ({"dockerAuthConfig": "not json"}, "dockerAuthConfig", "text that is not JSON"),
    ({"dockerAuthConfig": "{}"}, "dockerAuthConfig", "without an `auths` object"),
    ({"dockerAuthConfig": '{"auths":[]}'}, "dockerAuthConfig", "without an `auths` object"),
    ({"dockerAuthConfig": '{"auths":{"r":{}}}'}, "dockerAuthConfig", "`auth` in base64"),
    ({"dockerAuthConfig": '{"auths":{"r":5}}'}, "dockerAuthConfig", "`auth` in base64"),
    ({"dockerAuthConfig": '{"auths":{"r":{"auth":"?"}}}'}, "dockerAuthConfig", "base64"),
    ({"dockerAuthConfig": '{"auths":{},"credsStore":"x"}'}, "dockerAuthConfig", "helper"),
    ({"dockerAuthConfig": "[" * 60000}, "dockerAuthConfig", "text that is not JSON"),
    ({"dockerMirrorCredentials": "robot"}, "dockerMirrorCredentials", "with a colon between"),
    ({"dockerMirrorCredentials": "a:b c"}, "dockerMirrorCredentials", "without spaces"),
    ({"privateCaCertificate": "hello"}, "privateCaCertificate", "no PEM certificate"),
    (
        {"privateCaCertificate": "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----"},
        "privateCaCertificate",
        "found a private key",
    ),
]


@pytest.mark.parametrize(("secrets", "key", "words"), SECRETS)
def test_a_bad_secret_is_refused_without_its_value(
    secrets: dict[str, str], key: str, words: str
) -> None:
    stated = secrets if key == "accessToken" else {"accessToken": TOKEN, **secrets}
    message = line(raw(secrets=stated), key)
    assert words in message
    if secrets:
        assert secrets[key] not in message


def test_an_account_for_mirrors_needs_mirrors() -> None:
    secrets = {"accessToken": TOKEN, "dockerMirrorCredentials": "robot:token"}
    assert "without dockerMirror" in line(raw(secrets=secrets), "dockerMirrorCredentials")
    load(raw(changed({"dockerMirror": {}}), secrets=secrets))


def test_a_secret_in_clear_text_is_refused() -> None:
    message = line(raw(encrypted=frozenset()), "accessToken")
    assert "a value in clear text" in message
    assert "replace the value" in message


def test_an_encrypted_setting_is_refused_before_a_message_could_show_it() -> None:
    values = changed({"pools.codeintel.queue": "canary-queue"})
    error = refusal(raw(values, encrypted=frozenset({"accessToken", "pools"})))
    assert [problem.key for problem in error.problems] == ["pools"]
    assert "canary" not in str(error)


@pytest.mark.parametrize(
    ("provider", "changes"),
    [
        ("aws:region", {}),
        ("gcp:project", {}),
        ("gcp:region", {}),
        ("aws:region", {"pools.codeintel.aws.region": "us-east-1"}),
    ],
)
def test_a_missing_provider_setting_is_named_once_with_the_command_that_sets_it(
    provider: str, changes: dict[str, Any]
) -> None:
    providers = {key: value for key, value in PROVIDERS.items() if key != provider}
    [problem] = refusal(raw(changed(changes), providers=providers)).problems
    assert problem.key == provider
    assert f"pulumi config set {provider}" in problem.fix


def test_a_wrong_provider_setting_is_named_by_the_providers_key() -> None:
    assert "us-east-1" in line(raw(providers={**PROVIDERS, "aws:region": "Virginia"}), "aws:region")


def test_all_mistakes_of_all_levels_are_told_at_once() -> None:
    changes = {
        "sourcegraph.url": "sourcegraph.example.com",
        "elsewhere": {"codeintel": {"aws": "half"}},
        "executors.queuePollInterval": "often",
        "pools.codeintel.min": "0",
        "pools.codeintel.jobNumCpus": 3,
        "pools.codeintel.aws.zones": ["eu-west-1a"],
        "pools.codeintel.aws.bootDiskThroughput": 1000,
        "pools.batches.max": 0,
        "pools.batches.gcp.machineType": "e2-standard-8",
        "pools.lonely": {"queue": "batches"},
        "network.cidr": "10.61.0.0/16",
    }
    values = changed(changes) | {"typo": 1}
    config = raw(values, secrets={"accessToken": "short"}, encrypted=frozenset())
    expected = {"typo", "accessToken", "elsewhere.codeintel.aws", *changes} - {"elsewhere"}
    assert {problem.key for problem in refusal(config).problems} == expected


def test_the_message_counts_the_mistakes_and_stays_bounded() -> None:
    values = changed({"pools.codeintel.environment": {f"{i} ": "x" for i in range(5000)}})
    text = str(refusal(raw(values)))
    assert text.startswith("5000 mistakes in the stack's configuration:\n  - pools.codeintel.")
    assert text.endswith("... and 4900 more")


CANARIES = [
    {"sourcegraph.url": "https://user:canary@sg.example.com"},
    {"sourcegraph.url": "https://user:ca/na@canary@sg.example.com"},
    {"sourcegraph.url": "https://user:\ncanary@sg.example.com"},
    {"sourcegraph.url": "https://sg.example.com/?token=canary"},
    {"sourcegraph.url": ["https://user:canary@sg.example.com"]},
    {"pools.codeintel.proxy": {"http": "user:canary@proxy:3128"}},
    {"pools.codeintel.proxy": "http://user:canary@proxy:3128"},
    {"pools.codeintel.dockerRegistryMirrors": ["http://user:canary@mirror"]},
    {"pools.codeintel.dockerRegistryMirrors": "http://user:canary@mirror"},
    {"pools.codeintel.environment": {"A TOKEN": "canary"}},
    {"pools.codeintel.environment": {"TOKEN": "canary\n"}},
    {"pools.codeintel.environment": ["TOKEN=canary"]},
    {"pools.codeintel.environment": "TOKEN=canary"},
    {"executors.environment": {"TOKEN": ["canary"]}},
    {"executors": [{"environment": {"TOKEN": "canary"}}]},
    {"executors": '{"environment": {"TOKEN": "canary"'},
    {"pools.codeintel.vmStartupScript": "export TOKEN=canary"},
    {"sourcegraph.accessToken": "canary"},
    {"accessTokn": "canary"},
    {"pools.codeintel.dockerAuthConfig": {"auths": {"r": {"auth": "canary"}}}},
]


@pytest.mark.parametrize("changes", CANARIES, ids=[json.dumps(change) for change in CANARIES])
def test_no_message_shows_a_credential(changes: dict[str, Any]) -> None:
    error = refusal(raw(changed(changes)))
    assert "canary" not in str(error)
    assert "canary" not in repr(error.problems)


def test_no_message_shows_a_secret_of_the_stack() -> None:
    secrets = {
        "accessToken": "canary with spaces, long enough",
        "dockerAuthConfig": '{"auths": {"r": {"auth": "canary"}}, "credsStore": "canary"}',
        "privateCaCertificate": "canary",
    }
    config = raw(changed({"pools": DELETED}), secrets=secrets, encrypted=frozenset())
    assert "canary" not in str(refusal(config))
