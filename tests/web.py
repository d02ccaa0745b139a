"""A web server for tests: a function answers what comes over HTTP, TLS or a proxy's tunnel."""

import socket
import ssl
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Request(NamedTuple):
    """A request that the server received; `headers` by name in small letters."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Reply(NamedTuple):
    """What the server says to it."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = {}


Answer = Callable[[Request], Reply]


class WebServer(ThreadingHTTPServer):
    """Listens on 127.0.0.1, or on the socket that it is given, until it is closed.

    With `tls` it speaks TLS from the start, or only inside of tunnels where `tunnels` is true.
    """

    daemon_threads = True

    def __init__(
        self,
        answer: Answer,
        listening: socket.socket | None = None,
        tls: ssl.SSLContext | None = None,
        *,
        tunnels: bool = False,
    ) -> None:
        self.answer, self.tls, self.tunnels = answer, tls, tunnels
        super().__init__(("127.0.0.1", 0), _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listening or socket.create_server(("127.0.0.1", 0), backlog=64)
        self.server_port = self.socket.getsockname()[1]
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        thread.daemon = True
        thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """Stop listening."""
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that give up are no news; anything else is a fault of the test."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@contextmanager
def serving(answer: Answer) -> Generator[str]:
    """The URL of a server on 127.0.0.1 that runs meanwhile."""
    server = WebServer(answer)
    try:
        yield server.url
    finally:
        server.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _web(self) -> WebServer:
        assert isinstance(self.server, WebServer)
        return self.server

    def setup(self) -> None:
        if self._web.tls is not None and not self._web.tunnels:
            self.request = self._web.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_CONNECT(self) -> None:
        if self._web.tls is None or not self._web.tunnels:
            self.send_error(405)
            return
        self.send_response(200)
        self.end_headers()
        self.connection = self._web.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.close_connection = False

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self._web.answer(Request(self.command, self.path, headers, body))
        self.send_response_only(reply.status)
        own = {"Date": self.date_time_string(), "Content-Length": str(len(reply.body))}
        for name, value in {**own, **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body)
        self.wfile.flush()

    do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = _answer

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
