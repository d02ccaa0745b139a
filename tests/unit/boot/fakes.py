"""What the tests of the VM's program stand on: a machine, a clock and the two clouds."""

import base64
import json
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from components.boot.vm.aws_api import AwsApi
from components.boot.vm.document import Document
from components.boot.vm.gcp_api import GcpApi
from components.boot.vm.imds import Imds
from components.boot.vm.paths import Paths
from components.boot.vm.secrets_aws import SecretsManager
from components.boot.vm.secrets_gcp import SecretManager
from tests.web import Request

CANARY = "canary-0123456789abcdef"


@dataclass
class Clock:
    """Time that passes by sleeping only."""

    now: float = 0.0
    pauses: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@dataclass
class CloudServer:
    """Answers each path with its answers in order, and with the last of them from then on."""

    url: str = ""
    answers: dict[str, list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))
    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> tuple[int, bytes]:
        self.requests.append(request)
        answers = self.answers[request.path] or [(404, b"")]
        return answers.pop(0) if len(answers) > 1 else answers[0]


class FakeCloud(ABC):
    """A metadata server that knows the VM's role, and a secret store."""

    denied = "DENIED: not for you"
    metadata_paths: Sequence[str]
    store: SecretsManager | SecretManager

    def __init__(self, server: CloudServer) -> None:
        self.server = server

    @abstractmethod
    def reference(self, name: str) -> str: ...

    @abstractmethod
    def path(self, name: str) -> str: ...

    @abstractmethod
    def secret(self, name: str, value: bytes, *, binary: bool = False) -> None: ...

    @abstractmethod
    def fail(self, name: str, status: int, times: int = 1) -> None: ...


class AWS(FakeCloud):
    """All secrets share a path: they differ in the body."""

    metadata_paths = (
        "/latest/api/token",
        "/latest/meta-data/iam/security-credentials/",
        "/latest/meta-data/iam/security-credentials/pool",
        "/latest/meta-data/services/domain",
    )

    def __init__(self, server: CloudServer) -> None:
        super().__init__(server)
        self.store = SecretsManager(AwsApi(Imds(server.url)), server.url)
        keys = {"AccessKeyId": "AKID", "SecretAccessKey": "key", "Token": "role-session"}
        bodies = (b"session", b"pool\n", json.dumps(keys).encode(), b"amazonaws.com")
        for path, body in zip(self.metadata_paths, bodies, strict=True):
            server.answers[path] = [(200, body)]
        server.answers["/latest/meta-data/instance-id"] = [(200, b"i-0123456789abcdef0")]

    def reference(self, name: str) -> str:
        return f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-AbCdEf"

    def path(self, name: str) -> str:  # noqa: ARG002 - the same for all
        return "/"

    def secret(self, name: str, value: bytes, *, binary: bool = False) -> None:
        key, text = "SecretString", value.decode(errors="replace")
        if binary:
            key, text = "SecretBinary", base64.b64encode(value).decode()
        answer = {"ARN": self.reference(name), key: text}
        self.server.answers["/"].append((200, json.dumps(answer).encode()))

    def fail(self, name: str, status: int, times: int = 1) -> None:
        body = {"__type": "DENIED", "Message": "not for you"}
        self.server.answers[self.path(name)] += [(status, json.dumps(body).encode())] * times


class GCP(FakeCloud):
    """Every secret has its own path."""

    metadata_paths = ("/computeMetadata/v1/instance/service-accounts/default/token",)

    def __init__(self, server: CloudServer) -> None:
        super().__init__(server)
        self.store = SecretManager(GcpApi(server.url), server.url)
        token = {"access_token": "role-token", "expires_in": 3599, "token_type": "Bearer"}
        server.answers[self.metadata_paths[0]] = [(200, json.dumps(token).encode())]
        server.answers["/computeMetadata/v1/instance/id"] = [(200, b"1234567890")]

    def reference(self, name: str) -> str:
        return f"projects/acme-1/secrets/{name}"

    def path(self, name: str) -> str:
        return f"/v1/{self.reference(name)}/versions/latest:access"

    def secret(self, name: str, value: bytes, *, binary: bool = False) -> None:  # noqa: ARG002
        payload = {"data": base64.b64encode(value).decode()} if value else {}
        answer = {"name": self.path(name), "payload": payload}
        self.server.answers[self.path(name)].append((200, json.dumps(answer).encode()))

    def fail(self, name: str, status: int, times: int = 1) -> None:
        body = {"error": {"code": status, "status": "DENIED", "message": "not for you"}}
        self.server.answers[self.path(name)] += [(status, json.dumps(body).encode())] * times


def plan(fake: FakeCloud) -> Document:
    """The least that a VM can be told."""
    return Document(
        environment={"EXECUTOR_QUEUE_NAME": "batches"},
        secret_environment={"EXECUTOR_FRONTEND_PASSWORD": fake.reference("token")},
        private_ca_secret=None,
        vm_startup_script=None,
        mirrors=[],
        job_network_allow=[],
        log_group=None,
        local_ssd=False,
        proxy={},
        use_firecracker=True,
        stop_timeout_seconds=2100,
    )


@dataclass
class Machine:
    """A VM: its files below `paths.root`, and what was asked of the image's programs."""

    folder: Path
    paths: Paths

    def install(self, name: str, script: str = "", path: Path | None = None) -> None:
        """Give the image a program, which writes down how it is called."""
        file = path or self.folder / "bin" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        record = f'echo "{name}${{*:+ $*}}" >>"$STATE/calls"'
        file.write_text(f"#!/bin/sh\nSTATE={self.folder}/state\n{record}\n{script}\n")
        file.chmod(0o755)

    def calls(self, name: str = "") -> list[str]:
        """The calls since somebody looked last, of the programs whose names start with `name`."""
        file = self.folder / "state/calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.write_text("")
        return [line for line in lines if line.startswith(name)]

    @property
    def iptables(self) -> list[str]:
        """The rules of now, first to last."""
        return (self.folder / "state/iptables").read_text().splitlines()

    @property
    def executor(self) -> str:
        """systemd's state of the executor."""
        return (self.folder / "state/executor").read_text().strip()

    @executor.setter
    def executor(self, state: str) -> None:
        (self.folder / "state/executor").write_text(state + "\n")
