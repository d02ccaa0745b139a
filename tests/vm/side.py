"""What a VM sees of its cloud: a metadata server, and APIs in front of the local clouds.

Faults are switched on and off by tests. Nothing listens outside of the VM's own network.
"""

import http.client
import socket
import ssl
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import trustme

from tests.vm.machine import VirtualMachine, wait_for
from tests.web import Reply, Request, WebServer

METADATA, OUTSIDE, PROXY_PORT = "169.254.169.254", "192.0.2.1", 3128
PROXY = "proxy.example.com"


class CloudSide(ABC):
    """One VM's cloud. `hosts` are the API hosts that it knows, under an own authority."""

    hosts: Sequence[str]

    def __init__(self, endpoint: str) -> None:
        self._endpoint = urlsplit(endpoint)
        self.metadata_is_down = False
        self.metadata_delay = 0.0
        self.is_throttled = False
        self.calls: list[str] = []
        """Names of the API calls that came, the refused ones too."""
        self._servers: list[WebServer] = []

    def attach(self, vm: VirtualMachine) -> None:
        """Serve `vm`: it resolves the names, and trusts the certificate."""
        authority = trustme.CA()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(*self.hosts).configure_cert(tls)
        certificate = vm.root / "usr/local/share/ca-certificates/cloud.crt"
        certificate.parent.mkdir(parents=True, exist_ok=True)
        authority.cert_pem.write_to_path(certificate)
        vm.run("update-ca-certificates")
        (vm.root / "etc/hosts").write_text(
            f"127.0.0.1 localhost\n{METADATA} metadata.google.internal\n"
            f"{OUTSIDE} {' '.join([*self.hosts, PROXY])}\n"
        )
        (vm.root / "etc/resolv.conf").write_text("")
        metadata = vm.listen(METADATA, 80)
        metadata.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, self.hop_limit)
        self._servers = [
            WebServer(self._metadata, metadata),
            WebServer(self._api, vm.listen(OUTSIDE, 443), tls),
            WebServer(self._api, vm.listen(OUTSIDE, PROXY_PORT), tls, tunnels=True),
        ]

    def detach(self) -> None:
        """Serve nobody any more."""
        for server in self._servers:
            server.close()

    def _metadata(self, request: Request) -> Reply:
        time.sleep(self.metadata_delay)
        return Reply(503) if self.metadata_is_down else self.metadata(request)

    def _api(self, request: Request) -> Reply:
        self.calls.append(self.name_of(request))
        if self.is_throttled:
            return self.refusal(429, "Throttling", "Rate exceeded")
        return self.refused(request) or self._forward(request)

    def _forward(self, request: Request) -> Reply:
        server = http.client.HTTPConnection(self._endpoint.netloc, timeout=30)
        server.request(request.method, request.path, request.body, self.forwarded(request.headers))
        answer = server.getresponse()
        reply = Reply(answer.status, answer.read())
        server.close()
        return reply

    def forwarded(self, headers: dict[str, str]) -> dict[str, str]:
        """What the local cloud sees of a request's headers."""
        return headers

    @property
    @abstractmethod
    def hop_limit(self) -> int:
        """How many machines an answer of the metadata server passes, the VM included."""

    @abstractmethod
    def script(self) -> bytes:
        """The boot script that the stack gave this VM."""

    @abstractmethod
    def metadata(self, request: Request) -> Reply:
        """What the metadata server says."""

    @abstractmethod
    def name_of(self, request: Request) -> str:
        """The name of an API call."""

    @abstractmethod
    def refused(self, request: Request) -> Reply | None:
        """Why the VM's identity may not make this call; None when it may."""

    @abstractmethod
    def refusal(self, status: int, code: str, message: str) -> Reply:
        """An error as the cloud words it."""


def boot(vm: VirtualMachine, side: CloudSide) -> None:
    """Run the VM's boot script as the image's script runner does, to its good end."""
    run_script(vm, side)
    vm.run("systemctl", "is-active", "executor")


def run_script(vm: VirtualMachine, side: CloudSide) -> None:
    """Run the VM's boot script to its end, whatever that is."""
    before = _state(vm)["InvocationID"]
    start_boot(vm, side)

    def ended() -> bool:
        now = _state(vm)
        return now["InvocationID"] != before and now["ActiveState"] in ("active", "failed")

    wait_for(ended, 120, vm.journal)


def _state(vm: VirtualMachine) -> dict[str, str]:
    shown = vm.run("systemctl", "show", "--property=ActiveState,InvocationID", "startup")
    return dict(line.split("=", 1) for line in shown.splitlines())


def start_boot(vm: VirtualMachine, side: CloudSide) -> None:
    """Run the VM's boot script in the background."""
    (vm.root / "run/boot-script").write_bytes(side.script())
    vm.run("systemctl", "restart", "--no-block", "startup")


def readers(vm: VirtualMachine, needle: bytes) -> list[str]:
    """Files that the VM has written and that hold `needle`, as paths on it; /run and /tmp too."""
    found = []
    for top in (vm.written, vm.root / "run", vm.root / "tmp"):
        for path in top.rglob("*"):
            if _holds(path, needle):
                own = path.relative_to(top)
                found.append(str(own if top == vm.written else Path(top.name) / own))
    return sorted(found)


def _holds(path: Path, needle: bytes) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and needle in path.read_bytes()
    except OSError:
        return False
