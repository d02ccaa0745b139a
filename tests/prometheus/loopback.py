"""A real Prometheus on this machine, and what it scrapes and alerts."""

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

PATIENCE_SECONDS = 60


class Endpoint:
    """Serves `metrics` (text by path) to Prometheus and keeps the `alerts` that it is sent."""

    def __init__(self) -> None:
        self.metrics: dict[str, str] = {}
        self.alerts: list[dict[str, Any]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, endpoint: Endpoint, *request: Any) -> None:
        self.endpoint = endpoint
        super().__init__(*request)

    def do_GET(self) -> None:
        """Answer a scrape."""
        text = self.endpoint.metrics.get(self.path)
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write((text or "").encode())

    def do_POST(self) -> None:
        """Take alerts, as an Alertmanager does."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.endpoint.alerts += json.loads(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""


@contextmanager
def endpoint() -> Generator[Endpoint]:
    """An endpoint that runs as long as the context."""
    made = Endpoint()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


class Prometheus:
    """A running Prometheus."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, **parameters: str) -> Any:
        """The data of an answer of its API."""
        url = f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - on this machine
            return json.load(answer)["data"]

    def query(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of every sample that an expression has now."""
        result = self.get("query", query=expression)["result"]
        return [(sample["metric"], float(sample["value"][1])) for sample in result]


@contextmanager
def prometheus(
    config: dict[str, Any], directory: Path, environment: dict[str, str]
) -> Generator[Prometheus]:
    """Prometheus with a configuration; it sees no other environment variables."""
    binary = shutil.which("prometheus")
    assert binary, "prometheus is not on PATH: run the tests through make, or install Prometheus."
    file = directory / "prometheus.yml"
    file.write_text(yaml.safe_dump(config))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    log = directory / "prometheus.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                binary,
                f"--config.file={file}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address={address}",
            ],
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    running = Prometheus(f"http://{address}")
    try:
        eventually(lambda: process.poll() is None and _ready(running), log.read_text)
        yield running
    finally:
        process.terminate()
        process.wait(timeout=30)


def _ready(running: Prometheus) -> bool:
    try:
        return bool(running.get("status/runtimeinfo"))
    except OSError:
        return False


def eventually(holds: Callable[[], object], explain: Callable[[], object]) -> None:
    """Wait until something holds; fail with an explanation when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, explain()
        time.sleep(0.2)
