"""The HTTP side: a request becomes a validated Call, an answer or an ApiError becomes JSON."""

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from local_clouds.calls import CallLog, CallRecord
from local_clouds.gcp.server import validation
from local_clouds.gcp.server.discovery import Routes
from local_clouds.gcp.server.errors import ApiError, invalid
from local_clouds.gcp.server.permissions import authorize
from local_clouds.gcp.server.reconcile import reconcile
from local_clouds.gcp.server.registry import HANDLERS, Call
from local_clouds.gcp.server.state import Cloud, Json

_API_PREFIX = re.compile(r"^/(?:compute/v1|v1|v3)/")
_PROJECT = re.compile(r"(?<=^projects/)[^/]+")


class CloudServer(ThreadingHTTPServer):
    """Serves one Cloud. `cloud` may be inspected in-process, under its lock."""

    daemon_threads = True

    def __init__(
        self,
        cloud: Cloud,
        address: tuple[str, int] = ("127.0.0.1", 0),
        log: CallLog | None = None,
    ) -> None:
        self.cloud = cloud
        self.log = log
        self.routes = Routes(HANDLERS)
        super().__init__(address, _RequestHandler)

    def answer(self, verb: str, target: str, content: bytes, bearer: str | None = None) -> Json:
        """What the API says to one request of the holder of a token; raises ApiError."""
        url = urlsplit(target)
        if (verb, url.path) == ("POST", "/token"):
            return {"access_token": "local", "expires_in": 3600, "token_type": "Bearer"}
        if (verb, url.path) == ("GET", "/local/resources"):
            with self.cloud.lock:
                return {"names": leftovers(self.cloud)}
        if (verb, url.path) == ("POST", "/local/tokens"):
            with self.cloud.lock:
                self.cloud.tokens.update(
                    {token: frozenset(given) for token, given in _parse(content).items()}
                )
                return {}
        method, path_parameters = self.routes.find(verb, unquote(url.path))
        query = parse_qs(url.query, keep_blank_values=True)
        parameters = validation.parameters(method, path_parameters, query)
        body = validation.body(method, _parse(content))
        with self.cloud.lock:
            name = _resource_name(self.cloud, method.id, unquote(url.path))
            call = Call(method.id, name, parameters, body)
            self._note(call, bearer)
            reconcile(self.cloud)
            answer = HANDLERS[method.id](self.cloud, call)
            reconcile(self.cloud)
            return json.loads(json.dumps(answer))

    def _note(self, call: Call, bearer: str | None) -> None:
        permissions = authorize(self.cloud, bearer, call)
        if self.log is not None:
            self.log.note(
                CallRecord(permission=one, resource=call.path, allowed=True) for one in permissions
            )


def leftovers(cloud: Cloud) -> list[str]:
    """Names of what users made and did not delete.

    Deleted roles and destroyed secret versions, which linger at Google too, are not among them.
    IAM bindings are, as "<resource>: <role> <member>", and each NAT of a router.
    """
    resources = [
        name
        for name, resource in cloud.resources.items()
        if not resource.get("deleted") and resource.get("state") != "DESTROYED"
    ]
    bindings = [
        f"{resource}: {binding['role']} {member}"
        for resource, policy in cloud.policies.items()
        for binding in policy.get("bindings", [])
        for member in binding["members"]
    ]
    nats = [
        f"{router}/nats/{nat['name']}"
        for router, resource in cloud.resources.items()
        for nat in resource.get("nats", [])
    ]
    return sorted(resources + nats) + sorted(bindings)


def _parse(content: bytes) -> Any:
    try:
        return json.loads(content) if content else {}
    except ValueError as error:
        raise invalid(f"Invalid JSON payload received. {error}") from error


def _resource_name(cloud: Cloud, method_id: str, path: str) -> str:
    # An action comes last: "/resize" in Compute Engine, ":setIamPolicy" in the newer APIs.
    action = method_id.rpartition(".")[2]
    name = _API_PREFIX.sub("", path).removesuffix(f"/{action}").removesuffix(f":{action}")
    return _PROJECT.sub(lambda match: cloud.project_id(match.group()), name)


class _RequestHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it each answer waits for the client's delayed acknowledgement, about 40 ms.
    disable_nagle_algorithm = True
    wbufsize = -1

    def _respond(self) -> None:
        server = self.server
        assert isinstance(server, CloudServer)  # noqa: S101 - says it to the type checker
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            scheme, _, token = (self.headers.get("Authorization") or "").partition(" ")
            bearer = token if scheme == "Bearer" else None
            self._send(200, server.answer(self.command, self.path, content, bearer))
        except ApiError as error:
            self._send(error.code, error.body())

    def _send(self, code: int, document: Json) -> None:
        content = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _respond

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet: request lines may hold names that tests and logs need not repeat."""
