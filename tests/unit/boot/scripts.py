"""Boot scripts, and what they carry."""

import base64
import lzma
import random
import re
import string
from pathlib import Path
from typing import Any

from components import boot

CLOUDS = ("aws", "gcp")
REFERENCES = {
    "aws": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf",
    "gcp": "projects/acme-1/secrets/token",
}
PROGRAM = Path(boot.__file__).parent / "vm"
SOURCES = sorted(PROGRAM.rglob("*.py"))
ROOT = Path(__file__).parents[3]
PAYLOAD = re.compile(r"<<'PAYLOAD'\n([A-Za-z0-9+/=]*)\nPAYLOAD\n")


def spec(cloud: Any, **fields: Any) -> boot.BootSpec:
    wanted: dict[str, Any] = {
        "environment": {"EXECUTOR_QUEUE_NAME": "batches"},
        "secret_environment": {"EXECUTOR_FRONTEND_PASSWORD": REFERENCES[cloud]},
        "use_firecracker": True,
        "stop_timeout_seconds": 2100,
    }
    return boot.BootSpec(cloud=cloud, **{**wanted, **fields})


def noise(length: int, alphabet: str = string.printable) -> str:
    """Text that hardly compresses, the same in every run."""
    return "".join(random.Random(1).choices(alphabet, k=length))  # noqa: S311 - no secret


def largest(cloud: str) -> boot.BootSpec:
    """Everything set, and as long as the configuration allows."""
    text = noise(3062, string.ascii_letters + string.digits + " $`'\"\\\n")
    own = {"aws": {"log_group": "/executors/batches-1a2b3c4"}, "gcp": {"local_ssd": True}}
    return spec(
        cloud,
        environment={f"EXECUTOR_SETTING_{n}": f"value-{text[n * 20 :][:20]}" for n in range(40)},
        secret_environment={f"SECRET_{n}": REFERENCES[cloud] for n in range(2)},
        private_ca_secret=REFERENCES[cloud],
        vm_startup_script="#!/bin/sh\n" + text,
        mirrors=tuple(f"https://mirror-{n}.example.com:5000" for n in range(5)),
        job_network_allow=tuple(f"10.{n}.0.0/16" for n in range(10)),
        proxy={"HTTP_PROXY": "http://proxy:3128", "NO_PROXY": ",".join(["a.example.com"] * 10)},
        metrics_listen="0.0.0.0:6060",
        **own[cloud],
    )


def payload(script: str) -> list[str]:
    found = PAYLOAD.search(script)
    assert found is not None, "no payload"
    data = base64.b64decode(found[1], validate=True)
    return lzma.decompress(data).decode().split("\0")


def carried(script: str) -> dict[str, str]:
    """The program's members, as the script unpacks them."""
    *parts, _ = payload(script)
    return dict(zip(parts[::2], parts[1::2], strict=True))


def carried_document(script: str) -> str:
    return payload(script)[-1]
