"""Clouds that are only an HTTP server on 127.0.0.1."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.unit.agent.fakes import Aws, Vm, World, aws_world
from tests.web import Reply, serving

Answer = Callable[[str, str, dict[str, str], bytes], tuple[int, bytes]]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answer], str]]:
    """Serve with a function until the test ends; returns the URL."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as running:

        def start(answer: Answer) -> str:
            return running.enter_context(serving(lambda request: Reply(*answer(*request))))

        yield start


@pytest.fixture
def vm(tmp_path: Path) -> Vm:
    return Vm(tmp_path / "executor-agent/leaving.json")


@pytest.fixture
def aws(vm: Vm, serve: Callable[[Answer], str]) -> Aws:
    made = Aws(vm)
    made.url = serve(made.answer)
    return made


@pytest.fixture
def world(vm: Vm, aws: Aws) -> World:
    return aws_world(vm, aws)
