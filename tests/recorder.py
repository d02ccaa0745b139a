"""Runs the program without an engine and records what it registers."""

import asyncio
import functools
import gc
import json
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime import mocks, rpc, settings, stack
from pulumi.runtime.config import set_all_config

from components.config.secrets import SECRET_KEYS
from tests.cloud_answers import call, resource

ROOT = Path(__file__).parent.parent
PROJECT = "sourcegraph-executors"
STACK = "dev"
_SECRET = {rpc._special_sig_key: rpc._special_secret_sig}


@dataclass
class Registration:
    """One registered resource; `inputs` are as the engine gets them, secrets still marked."""

    type: str
    name: str
    urn: str
    parent: str
    custom: bool
    inputs: dict[str, Any]
    outputs: list[dict[str, Any]] = field(default_factory=list)
    refers_to: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """URNs, by the property whose value comes from them."""

    def __getitem__(self, key: str) -> Any:
        """An input's plain value; KeyError when the program does not set it."""
        return plain(self.inputs[key])


def is_secret(value: Any) -> bool:
    """Whether the engine would keep the value encrypted."""
    return isinstance(value, Mapping) and _SECRET.items() <= value.items()


def plain(value: Any) -> Any:
    """The value without its secret marks."""
    if is_secret(value):
        return plain(value["value"])
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


class Recorder(mocks.MockMonitor, mocks.Mocks):
    """A monitor that answers like the clouds and keeps every registration in order."""

    def __init__(self) -> None:
        super().__init__(self)
        self.all: list[Registration] = []
        self.exports: dict[str, Any] = {}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return call(args.token, args.args), []

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return resource(args.typ, args.name, args.inputs)

    def RegisterResource(self, request: Any) -> Any:
        inputs = rpc.deserialize_properties(request.object)
        answer = super().RegisterResource(request)
        self.all.append(
            Registration(
                request.type,
                request.name,
                answer.urn,
                request.parent,
                request.custom,
                inputs,
                refers_to={k: tuple(v.urns) for k, v in request.propertyDependencies.items()},
            )
        )
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:
        outputs = rpc.deserialize_properties(request.outputs)
        for registration in self.all:
            if registration.urn == request.urn:
                registration.outputs.append(outputs)
        return super().RegisterResourceOutputs(request)

    def of(self, kind: str) -> list[Registration]:
        """Registrations whose type ends so, e.g. `LaunchTemplate`."""
        return [made for made in self.all if made.type.endswith(f":{kind}")]

    def one(self, kind: str, name: str = "") -> Registration:
        """The only registration of a kind, of those whose name contains `name`."""
        found = [made for made in self.of(kind) if name in made.name]
        assert len(found) == 1, [made.name for made in found]
        return found[0]


def run(config: Mapping[str, Any], token: str = "t" * 40, stack: str = STACK) -> Recorder:
    """Run `__main__.py` on the configuration of `stack`; raises what the program raises."""
    values = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()
    }
    return _run(tuple(sorted({**values, f"{PROJECT}:accessToken": token}.items())), stack)


@functools.cache
def _run(values: tuple[tuple[str, str], ...], name: str) -> Recorder:
    recorder = Recorder()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        mocks.set_mocks(recorder, project=PROJECT, stack=name, preview=False, monitor=recorder)
        secret_keys = [f"{PROJECT}:{key}" for key in SECRET_KEYS]
        set_all_config(dict(values), secret_keys)
        loop.run_until_complete(stack.run_pulumi_func(lambda: _program(recorder)))
    finally:
        settings.reset_options()
        loop.close()
    _keep_sdks()
    return recorder


@functools.cache
def _keep_sdks() -> None:
    """The SDKs' million objects stay: looking for garbage among them is a quarter of every run."""
    gc.collect()
    gc.freeze()


def _program(recorder: Recorder) -> None:
    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")
    root = settings.get_root_resource()
    assert isinstance(root, stack.Stack)
    pulumi.Output.all(**root.outputs).apply(recorder.exports.update)
