"""A GitHub that keeps comments, issues and labels of one repository, on this machine."""

import json
import re
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = {"login": "github-actions[bot]"}
REPOSITORY = "acme/executors"
TOKEN = "made-up-token"


@dataclass
class GitHub:
    """What the repository holds. `url` is the base of its API."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    labels: set[str] = field(default_factory=set)

    @property
    def environment(self) -> dict[str, str]:
        """What a runner sets for it."""
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": REPOSITORY}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Any:
        """The JSON that answers one call. KeyError for what is not there."""
        match method, re.sub(r"\d+", "N", path):
            case "GET", "issues/N/comments":
                found: Any = _page(self.comments, query)
            case "POST", "issues/N/comments":
                found = _added(self.comments, {"id": len(self.comments) + 1, **body})
            case "PATCH", "issues/comments/N":
                found = _changed(self.comments, "id", path, body)
            case "GET", "issues":
                found = _page([i for i in self.issues if i["state"] == query["state"]], query)
            case "POST", "issues":
                number = len(self.issues) + 1
                found = _added(self.issues, {"number": number, "state": "open", **body})
            case "PATCH", "issues/N":
                found = _changed(self.issues, "number", path, body)
            case "DELETE", _ if label := re.fullmatch(r"issues/\d+/labels/(.+)", path):
                self.labels.remove(label[1])
                found = []
            case _:
                raise KeyError(path)
        return found


def _page(values: list[Any], query: dict[str, str]) -> list[Any]:
    size, page = int(query["per_page"]), int(query["page"])
    return values[size * (page - 1) : size * page]


def _added(values: list[dict[str, Any]], value: dict[str, Any]) -> dict[str, Any]:
    values.append({"user": BOT, **value})
    return values[-1]


def _changed(values: list[dict[str, Any]], key: str, path: str, body: Any) -> dict[str, Any]:
    (found,) = [value for value in values if value[key] == int(path.rpartition("/")[2])]
    found.update(body)
    return found


@contextmanager
def serve() -> Generator[GitHub]:
    """A running GitHub without comments, issues and labels."""
    github = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            url = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            query = {key: values[0] for key, values in parse_qs(url.query).items()}
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return self.send_error(401)
            path = url.path.removeprefix(f"/repos/{REPOSITORY}/")
            try:
                answer = github.answer(self.command, path, query, body)
            except KeyError:
                return self.send_error(404)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())
            return None

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    github.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
