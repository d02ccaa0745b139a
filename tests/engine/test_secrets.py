"""A secret is in the cloud's secret store, and encrypted in the state; nowhere else."""

import base64
import contextlib
import gzip
import json
import lzma
import re
from collections.abc import Iterator
from typing import Any

import pytest

from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.stack_file import Secret
from tests import stacks
from tests.engine.conftest import files_below, stack
from tests.recorder import PROJECT

pytestmark = pytest.mark.engine
TOKEN = "canary-0123456789-token"
MIRROR = "canary-user:canary-mirror-token"
AUTH = json.dumps({"auths": {"r.example.com": {"auth": "Y2FuYXJ5OmF1dGg="}}})


@pytest.fixture(scope="module")
def outputs(clouds: Clouds, channel: str) -> dict[str, Any]:
    config = stacks.everything() | {
        f"{PROJECT}:alerts": {"gcp": [channel]},
        f"{PROJECT}:encryptionKeys": [],
        f"{PROJECT}:dockerMirrorCredentials": Secret(MIRROR),
        f"{PROJECT}:accessToken": Secret(TOKEN),
        f"{PROJECT}:dockerAuthConfig": Secret(AUTH),
    }
    return dict(stack(clouds, config).up().outputs)


def test_the_state_and_the_engines_log_hold_no_secret_in_clear(
    clouds: Clouds, outputs: dict[str, Any]
) -> None:
    keys = [outputs[f"{cloud}MetricWriterKey"].value for cloud in ("aws", "gcp")]
    private_key = json.loads(keys[1])["private_key"].splitlines()[1]
    canaries = [TOKEN, "canary-mirror-token", "Y2FuYXJ5OmF1dGg=", keys[0], private_key]
    forms = [form.encode() for form in canaries]
    forms += [base64.b64encode(form)[:-4] for form in forms]
    found = [
        path
        for path, content in files_below(clouds.directory).items()
        if any(form in content for form in forms)
    ]
    assert found == []


def test_only_the_metric_writers_keys_are_secret_outputs(outputs: dict[str, Any]) -> None:
    secret = {key for key, output in outputs.items() if output.secret}
    assert secret == {"awsMetricWriterKey", "gcpMetricWriterKey"}
    text = json.dumps([output.value for output in outputs.values() if not output.secret])
    assert TOKEN not in text
    assert outputs["awsMetricWriterKey"].value not in text


def test_the_secret_store_has_the_token_and_user_data_has_its_name(
    clouds: Clouds, outputs: dict[str, Any]
) -> None:
    del outputs
    clients = Clients(clouds.aws_endpoint)
    store = clients("secretsmanager", "us-east-1")
    secrets = store.list_secrets()["SecretList"]
    values = {s["ARN"]: store.get_secret_value(SecretId=s["ARN"])["SecretString"] for s in secrets}
    assert sorted(values.values()) == sorted([TOKEN, AUTH, MIRROR])
    arns = {value: arn.encode() for arn, value in values.items()}
    ec2 = clients("ec2", "us-east-1")
    for template in ec2.describe_launch_templates()["LaunchTemplates"]:
        version = ec2.describe_launch_template_versions(
            LaunchTemplateId=template["LaunchTemplateId"], Versions=["$Latest"]
        )["LaunchTemplateVersions"][0]
        data = base64.b64decode(version["LaunchTemplateData"]["UserData"])
        script = gzip.decompress(data).decode()
        assert TOKEN not in script
        layers = list(_layers(script))
        is_mirror = "mirror" in template["LaunchTemplateName"]
        own, foreign = (MIRROR, TOKEN) if is_mirror else (TOKEN, MIRROR)
        assert any(arns[own] in layer for layer in layers)
        assert not any(arns[foreign] in layer for layer in layers)
        assert not any(b"canary" in layer for layer in layers)


def _layers(script: str) -> Iterator[bytes]:
    """Everything that a script carries in its here-documents, in base64, unpacked."""
    for _, text in re.findall(r"<<'(\w+)'.*?\n(.*?)\n\1\n", script, re.DOTALL):
        layer = base64.b64decode(text)
        yield layer
        for unpack in (gzip.decompress, lzma.decompress):
            with contextlib.suppress(OSError, lzma.LZMAError, EOFError):
                yield unpack(layer)
