"""Local clouds that live as long as the tests of a module."""

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local_clouds.clouds import Clouds
from local_clouds.gcp.api import Api
from local_clouds.stack import LocalStack

GCP_PROJECT = "projects/acme-executors-dev"


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clouds]:
    running = Clouds.start(tmp_path_factory.mktemp("clouds"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def channel(clouds: Clouds) -> str:
    """A notification channel that an operator has."""
    channels = Api(clouds.gcp_endpoint).notification_channels
    body = {"type": "email", "labels": {"email_address": "ops@example.com"}}
    return channels.create(name=GCP_PROJECT, body=body).execute()["name"]


def stack(clouds: Clouds, config: dict[str, Any], name: str = "dev") -> LocalStack:
    """The program's stack `name` with a configuration."""
    return LocalStack(clouds=clouds, name=name, config=config)


def files_below(directory: Path) -> dict[str, bytes]:
    """Content of every file, by path."""
    return {str(path): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def vms(clouds: Clouds) -> list[dict[str, Any]]:
    """Compute Engine's description of all VMs of the development project."""
    url = f"{clouds.gcp_endpoint}/compute/v1/projects/acme-executors-dev/aggregated/instances"
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - on this machine
        zones = json.load(answer)["items"].values()
    return [vm for zone in zones for vm in zone.get("instances", [])]
