"""Secrets: fetched with the VM's identity, with patience, and never told."""

import base64
import json
from dataclasses import replace

import boto3.session
import pytest

from components.boot.vm import secrets
from components.boot.vm.aws_api import AwsApi
from components.boot.vm.document import Document
from components.boot.vm.failures import BootError
from components.boot.vm.gcp_api import GcpApi
from components.boot.vm.imds import Imds
from components.boot.vm.secrets_aws import SecretsManager
from components.boot.vm.secrets_gcp import SecretManager
from components.boot.vm.sigv4 import Target
from components.boot.vm.web import Patience
from tests.unit.boot.fakes import AWS, CANARY, GCP, Clock, CloudServer, FakeCloud, plan

BOTH = pytest.mark.parametrize("kind", [AWS, GCP], ids=["aws", "gcp"])


def read(fake: FakeCloud, patience: Patience, wanted: Document | None = None) -> dict[str, str]:
    return secrets.environment(wanted or plan(fake), fake.store, patience)


@BOTH
def test_a_secret_arrives_byte_for_byte(
    kind: type[FakeCloud], cloud: CloudServer, patience: Patience
) -> None:
    fake = kind(cloud)
    value = "$HOME `id` \"'\\ é\n\U0001f600"
    fake.secret("token", value.encode())
    assert read(fake, patience) == {"EXECUTOR_FRONTEND_PASSWORD": value}


def test_aws_is_asked_as_it_wants_to_be_asked(cloud: CloudServer, patience: Patience) -> None:
    fake = AWS(cloud)
    fake.secret("token", b"x" * 20)
    read(fake, patience)
    token, domain, role, keys, secret = cloud.requests
    assert domain.headers["x-aws-ec2-metadata-token"] == "session"
    assert (token.method, token.path) == ("PUT", "/latest/api/token")
    assert 1 <= int(token.headers["x-aws-ec2-metadata-token-ttl-seconds"]) <= 21600
    assert role.headers["x-aws-ec2-metadata-token"] == "session"
    assert keys.headers["x-aws-ec2-metadata-token"] == "session"
    assert (secret.method, secret.path) == ("POST", "/")
    assert secret.headers["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert secret.headers["content-type"] == "application/x-amz-json-1.1"
    assert secret.headers["x-amz-security-token"] == "role-session"
    assert "/eu-west-1/secretsmanager/aws4_request" in secret.headers["authorization"]
    assert json.loads(secret.body) == {"SecretId": fake.reference("token")}


def test_a_binary_secret_is_read_too(cloud: CloudServer, patience: Patience) -> None:
    fake = AWS(cloud)
    binary = {"SecretBinary": base64.b64encode(b"y" * 20).decode()}
    cloud.answers["/"] = [(200, json.dumps(binary).encode())]
    assert read(fake, patience) == {"EXECUTOR_FRONTEND_PASSWORD": "y" * 20}


def test_gcp_is_asked_as_it_wants_to_be_asked(cloud: CloudServer, patience: Patience) -> None:
    fake = GCP(cloud)
    fake.secret("token", b"x" * 20)
    read(fake, patience)
    token, secret = cloud.requests
    assert token.headers["metadata-flavor"] == "Google"
    assert secret.method == "GET"
    assert secret.path == "/v1/projects/acme-1/secrets/token/versions/latest:access"
    assert secret.headers["authorization"] == "Bearer role-token"


@pytest.mark.parametrize("partition", boto3.session.Session().get_available_partitions())
def test_the_endpoint_follows_the_secret_s_region_and_the_vm_s_partition(
    partition: str, cloud: CloudServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = boto3.session.Session()
    region = session.get_available_regions("ec2", partition)[0]
    real = session.client("secretsmanager", region, aws_access_key_id="a",
                          aws_secret_access_key="b").meta  # fmt: skip
    suffix = real.endpoint_url.split(".", 2)[2]
    AWS(cloud)
    cloud.answers["/latest/meta-data/services/domain"] = [(200, suffix.encode())]
    asked = []

    def post(_: AwsApi, url: str, target: Target, *__: object) -> bytes:
        asked.append((url, target.host))
        return b'{"SecretString": "x"}'

    monkeypatch.setattr(AwsApi, "post", post)
    reference = f"arn:{partition}:secretsmanager:{region}:123456789012:secret:token-AbCdEf"
    assert SecretsManager(AwsApi(Imds(cloud.url))).fetch(reference) == b"x"
    assert asked == [(real.endpoint_url, real.endpoint_url.removeprefix("https://"))]


@BOTH
@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
def test_a_refusal_is_tried_again_until_it_ends(
    kind: type[FakeCloud], status: int, cloud: CloudServer, patience: Patience, clock: Clock
) -> None:
    fake = kind(cloud)
    fake.fail("token", status, times=4)
    fake.secret("token", CANARY.encode())
    assert read(fake, patience) == {"EXECUTOR_FRONTEND_PASSWORD": CANARY}
    for pause, limit in zip(clock.pauses, [1, 2, 4, 8], strict=True):
        assert limit / 2 <= pause <= limit


@BOTH
def test_a_metadata_server_that_is_not_ready_is_waited_for(
    kind: type[FakeCloud], cloud: CloudServer, patience: Patience, clock: Clock
) -> None:
    fake = kind(cloud)
    fake.secret("token", CANARY.encode())
    for path in fake.metadata_paths:
        ready = cloud.answers[path]
        cloud.answers[path] = [(404, b"<html>no</html>"), (200, b"{"), (200, b"[]"), *ready]
    assert read(fake, patience) == {"EXECUTOR_FRONTEND_PASSWORD": CANARY}
    assert len(clock.pauses) >= 3


@BOTH
def test_pauses_grow_to_a_limit_and_the_time_is_kept(
    kind: type[FakeCloud], cloud: CloudServer, patience: Patience, clock: Clock
) -> None:
    fake = kind(cloud)
    fake.fail("token", 403)
    with pytest.raises(BootError):
        read(fake, patience)
    assert max(clock.pauses) <= 30
    assert 540 < clock.now <= 600
    assert len(clock.pauses) > 15


@BOTH
def test_giving_up_names_the_secret_and_the_reason(
    kind: type[FakeCloud],
    cloud: CloudServer,
    patience: Patience,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake = kind(cloud)
    fake.fail("token", 403)
    with pytest.raises(BootError) as refusal:
        read(fake, patience)
    reference = fake.reference("token")
    assert str(refusal.value) == (
        f"reading secret {reference} failed for 600 seconds; the last reason: "
        f"HTTP status 403, {fake.denied}"
    )
    said = capsys.readouterr().err.splitlines()
    assert said == [
        f"executor-boot: reading secret {reference} failed, trying again for 600 seconds: "
        f"HTTP status 403, {fake.denied}"
    ]


@BOTH
def test_nobody_listening_is_a_reason_too(
    kind: type[FakeCloud], cloud: CloudServer, patience: Patience
) -> None:
    fake = kind(cloud)
    nowhere = "http://127.0.0.1:9"
    dead = (
        SecretsManager(AwsApi(Imds(nowhere)), nowhere)
        if kind is AWS
        else SecretManager(GcpApi(nowhere), nowhere)
    )
    with pytest.raises(BootError, match=r"no connection to 127\.0\.0\.1:9: .*refused"):
        secrets.environment(plan(fake), dead, patience)


@BOTH
@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("EXECUTOR_FRONTEND_PASSWORD", b"", "is empty"),
        ("EXECUTOR_FRONTEND_PASSWORD", b" \n", "is empty"),
        ("EXECUTOR_FRONTEND_PASSWORD", b"\xff" + CANARY.encode(), "is not UTF-8 text"),
        ("EXECUTOR_DOCKER_AUTH_CONFIG", b"", "is empty"),
        ("EXECUTOR_DOCKER_AUTH_CONFIG", b"{" + CANARY.encode(), "is not JSON"),
        ("EXECUTOR_DOCKER_AUTH_CONFIG", b'["canary"]', "has no object `auths`"),
        ("EXECUTOR_DOCKER_AUTH_CONFIG", b'{"auths": "canary"}', "has no object `auths`"),
    ],
)
def test_a_wrong_value_is_refused_and_not_told(
    *,
    kind: type[FakeCloud],
    variable: str,
    value: bytes,
    says: str,
    cloud: CloudServer,
    patience: Patience,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fake = kind(cloud)
    fake.secret("token", value, binary=True)
    wanted = replace(plan(fake), secret_environment={variable: fake.reference("token")})
    with pytest.raises(BootError) as refusal:
        read(fake, patience, wanted)
    assert f"secret {fake.reference('token')} {says}" in str(refusal.value)
    assert "canary" not in str(refusal.value) + capsys.readouterr().err
    assert refusal.value.__cause__ is None


@BOTH
@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"canary", b'{"payload": 1}', b'{"SecretString": 1}']
)
def test_an_answer_that_cannot_be_read_is_a_failure(
    kind: type[FakeCloud], body: bytes, cloud: CloudServer, patience: Patience
) -> None:
    fake = kind(cloud)
    cloud.answers[fake.path("token")] = [(200, body)]
    with pytest.raises(BootError, match=r"the service's answer cannot be read"):
        read(fake, patience)


@BOTH
def test_a_private_ca_is_taken_apart(
    kind: type[FakeCloud], cloud: CloudServer, patience: Patience
) -> None:
    fake = kind(cloud)
    pems = [
        f"-----BEGIN CERTIFICATE-----\n{n}\n-----END CERTIFICATE-----\n" for n in ("AA==", "BB==")
    ]
    fake.secret("ca", ("# two\n" + "\n".join(pems)).encode())
    wanted = replace(plan(fake), private_ca_secret=fake.reference("ca"))
    assert secrets.certificates(wanted, fake.store, patience) == pems


@BOTH
def test_a_private_ca_without_certificate_is_refused(
    kind: type[FakeCloud], cloud: CloudServer, patience: Patience
) -> None:
    fake = kind(cloud)
    fake.secret("ca", b"-----BEGIN PRIVATE KEY-----\ncanary\n-----END PRIVATE KEY-----\n")
    wanted = replace(plan(fake), private_ca_secret=fake.reference("ca"))
    with pytest.raises(BootError, match=r"holds no PEM certificate$"):
        secrets.certificates(wanted, fake.store, patience)


def test_the_metadata_server_is_never_asked_through_a_proxy(
    cloud: CloudServer, patience: Patience, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The endpoint is: it answers here as a proxy, which gets the whole URL as its path."""
    fake = GCP(cloud)
    far = SecretManager(GcpApi(cloud.url), "http://secretmanager.invalid")
    monkeypatch.setenv("http_proxy", cloud.url)
    monkeypatch.delenv("no_proxy", raising=False)
    fake.secret("token", CANARY.encode())
    proxied = "http://secretmanager.invalid" + fake.path("token")
    cloud.answers[proxied] = cloud.answers.pop(fake.path("token"))
    assert secrets.environment(plan(fake), far, patience)
    assert [request.path for request in cloud.requests] == [*fake.metadata_paths, proxied]
