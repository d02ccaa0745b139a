"""The executor is told what the stack file says, in the text that Go reads."""

from typing import Any

import pytest

from components.config import ConfigError, ExecutorConfig
from components.environment import executor_environment, proxy_environment
from tests.unit.stacks import AWS, deployed


def config(changes: dict[str, Any] | None = None) -> ExecutorConfig:
    return (
        deployed({f"pools.codeintel.{k}": v for k, v in (changes or {}).items()}).pools[1].executor
    )


def test_settings_become_the_executors_variables() -> None:
    environment = executor_environment(config())
    assert environment["EXECUTOR_FRONTEND_URL"] == "https://sourcegraph.example.com"
    assert environment["EXECUTOR_QUEUE_NAME"] == "codeintel"
    assert environment["EXECUTOR_MAXIMUM_NUM_JOBS"] == "4"
    assert environment["EXECUTOR_MAXIMUM_RUNTIME_PER_JOB"] == "30m"
    assert environment["EXECUTOR_USE_FIRECRACKER"] == "true"
    assert environment["EXECUTOR_FIRECRACKER_DISK_SPACE"] == "20G"
    assert list(environment) == sorted(environment)


def test_exactly_one_of_queue_name_and_queue_names_is_set() -> None:
    several = {"queues": ["codeintel", "batches"], "aws": AWS}
    environment = executor_environment(deployed({"pools": {"all": several}}).pools[0].executor)
    assert environment["EXECUTOR_QUEUE_NAMES"] == "codeintel,batches"
    assert "EXECUTOR_QUEUE_NAME" not in environment
    assert "EXECUTOR_QUEUE_NAMES" not in executor_environment(config())


def test_what_is_unset_is_left_to_the_executor() -> None:
    environment = executor_environment(config())
    for name in ("EXECUTOR_FIRECRACKER_IMAGE", "NODE_EXPORTER_URL"):
        assert name not in environment
    assert "" not in environment.values()
    assert "EXECUTOR_DOCKER_REGISTRY_MIRROR_URL" not in environment


def test_mirrors_are_one_list() -> None:
    mirrors = ["http://10.0.1.4:5000", "https://mirror.gcr.io"]
    environment = executor_environment(config({"dockerRegistryMirrors": mirrors}))
    assert environment["EXECUTOR_DOCKER_REGISTRY_MIRROR_URL"] == ",".join(mirrors)


def test_further_variables_are_handed_on() -> None:
    environment = executor_environment(
        config({"environment": {"EXECUTOR_KEEP_WORKSPACES": "true"}})
    )
    assert environment["EXECUTOR_KEEP_WORKSPACES"] == "true"


def test_no_secret_is_in_the_environment() -> None:
    assert not any("PASSWORD" in name or "AUTH" in name for name in executor_environment(config()))


def every_variable() -> list[str]:
    """All variables that settings of the stack file can set."""
    changes = {
        "firecracker": {
            "image": "i",
            "kernelImage": "k",
            "sandboxImage": "s",
            "bandwidthIngress": 1,
            "bandwidthEgress": 1,
        },
        "dockerRegistryMirrors": ["https://mirror.gcr.io"],
        "dockerRegistryNodeExporterUrl": "http://10.0.1.4:9999",
        "nodeExporterUrl": "http://127.0.0.1:9100",
        "proxy": {"http": "http://proxy:3128", "https": "http://proxy:3128"},
    }
    full = config(changes)
    return sorted({**executor_environment(full), **proxy_environment(full)})


@pytest.mark.parametrize("name", every_variable())
def test_a_variable_with_a_setting_cannot_be_set_beside_it(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"environment\.{name}: .* instead"):
        config({"environment": {name: "x"}})


def test_without_a_proxy_nothing_is_told_of_one() -> None:
    assert proxy_environment(config({"proxy": {"noProxy": ["example.com"]}})) == {}


def test_the_metadata_servers_are_never_behind_the_proxy() -> None:
    proxy = {"https": "http://proxy:3128", "noProxy": ["sourcegraph.example.com"]}
    environment = proxy_environment(config({"proxy": proxy}))
    assert environment["HTTPS_PROXY"] == "http://proxy:3128"
    assert "HTTP_PROXY" not in environment
    direct = environment["NO_PROXY"].split(",")
    assert {"169.254.169.254", "metadata.google.internal", "sourcegraph.example.com"} <= {*direct}
