"""Rules that hold for every component and every resource of every stack."""

import dataclasses
import importlib
import inspect
from collections import Counter

import pulumi
import pytest

from tests import stacks
from tests.recorder import Recorder, plain, run

TOKENS = {
    f"executors:{cloud}:{kind}"
    for cloud in ("aws", "gcp")
    for kind in (
        "Alarms",
        "Credentials",
        "DockerMirror",
        "ExecutorPool",
        "Firewall",
        "Identity",
        "KeyAccess",
        "Network",
        "Scaler",
        "SecretStore",
    )
}
"""Part of every resource's URN: a changed token replaces what it names."""


@pytest.fixture(scope="module")
def everything() -> Recorder:
    return run(stacks.everything())


def _twin(cloud: str) -> dict[str, type[pulumi.ComponentResource]]:
    module = importlib.import_module(f"components.{cloud}")
    return {name: getattr(module, name) for name in module.__all__}


def test_every_component_is_in_use_under_its_known_token(everything: Recorder) -> None:
    components = {made.type for made in everything.all if made.type.startswith("executors:")}
    assert components == TOKENS


def test_the_twins_have_the_same_components_arguments_and_outputs() -> None:
    aws, gcp = _twin("aws"), _twin("gcp")
    assert aws.keys() == gcp.keys()
    for name, component in aws.items():
        assert inspect.signature(component) == inspect.signature(gcp[name]), name
        if name == "Firewall":
            continue  # AWS rules belong to a group that VMs join, GCP rules aim at an identity
        public = {key for key in component.__annotations__ if not key.startswith("_")}
        assert public == set(gcp[name].__annotations__), name


def test_every_component_takes_name_args_and_opts() -> None:
    for cloud in ("aws", "gcp"):
        for name, component in _twin(cloud).items():
            parameters = inspect.signature(component).parameters
            assert list(parameters) == ["name", "args", "opts"], name
            kind = parameters["args"].annotation
            assert dataclasses.is_dataclass(kind), name
            assert dataclasses.fields(kind), name


def test_no_two_resources_share_a_urn(everything: Recorder) -> None:
    counts = Counter(made.urn for made in everything.all)
    assert [urn for urn, count in counts.items() if count > 1] == []


def test_every_resource_has_a_component_as_its_parent(everything: Recorder) -> None:
    components = {made.urn for made in everything.all if not made.custom}
    orphans = [made.urn for made in everything.all if made.custom and made.parent not in components]
    assert orphans == []


def test_every_component_registers_its_outputs_once(everything: Recorder) -> None:
    components = [made for made in everything.all if made.type.startswith("executors:")]
    assert {len(made.outputs) for made in components} == {1}


def test_every_taggable_resource_carries_the_stacks_tag(everything: Recorder) -> None:
    checked = 0
    for made in everything.all:
        if not made.custom or made.type == "pulumi:pulumi:Stack":
            continue
        arguments = _arguments_of(made.type)
        if made.type.endswith(":Group"):
            keys = {tag["key"] for tag in made["tags"] if tag["propagateAtLaunch"]}
        elif made.type.startswith("aws:") and "tags" in arguments:
            keys = set(made["tags"])
        elif made.type.startswith("gcp:") and "labels" in arguments:
            keys = set(made["labels"])
        else:
            continue
        checked += 1
        assert "executor_tag" in keys, made.urn
        if "executors-" in made.name and "ExecutorPool" in made.urn:
            assert "executor_pool" in keys, made.urn
    assert checked > 40


def _arguments_of(token: str) -> set[str]:
    package, module, kind = token.split(":")
    sdk = importlib.import_module(f"pulumi_{package}.{module.split('/')[0].lower()}")
    return set(inspect.signature(getattr(sdk, f"{kind}Args").__init__).parameters)


def test_nothing_of_a_resource_is_the_text_of_an_unresolved_output(everything: Recorder) -> None:
    for made in everything.all:
        assert "Calling __str__" not in repr(plain(made.inputs)), made.urn
        assert "<pulumi.output" not in repr(plain(made.inputs)), made.urn
