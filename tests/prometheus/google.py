"""Stands between a Google client that only knows https://compute.googleapis.com and a local server.

The client gets here by its proxy variables, trusts the certificate through SSL_CERT_FILE and signs
in with a service-account file; all of them are made anew for each run. Every other host is refused,
so a client that is set up this way cannot leave the machine.
"""

import http.client
import json
import ssl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

HOST = "compute.googleapis.com"


@contextmanager
def client_environment(api_port: int, directory: Path) -> Generator[dict[str, str]]:
    """Environment variables that lead a Google client to the API server on 127.0.0.1:`api_port`."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    certificate = directory / "certificate.pem"
    certificate.write_bytes(_certificate(key).public_bytes(serialization.Encoding.PEM))
    private_key = directory / "key.pem"
    private_key.write_text(pem)
    account = directory / "service-account.json"
    account.write_text(
        json.dumps(
            {
                "type": "service_account",
                "client_email": "prometheus@acme-ci.iam.gserviceaccount.com",
                "private_key": pem,
                "private_key_id": "local",
                "token_uri": f"http://127.0.0.1:{api_port}/token",
            }
        )
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, private_key)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Tunnel, api_port, tls))
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{proxy.server_port}"
        yield {
            # Neither is used for 127.0.0.1 itself.
            "HTTP_PROXY": address,
            "HTTPS_PROXY": address,
            "SSL_CERT_FILE": str(certificate),
            "GOOGLE_APPLICATION_CREDENTIALS": str(account),
        }
    finally:
        proxy.shutdown()
        proxy.server_close()


def _certificate(key: rsa.RSAPrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )


class _Tunnel(BaseHTTPRequestHandler):
    """Opens the tunnel, then answers the requests inside it itself."""

    protocol_version = "HTTP/1.1"

    def __init__(self, api_port: int, tls: ssl.SSLContext, *request: Any) -> None:
        self.api_port = api_port
        self.tls = tls
        super().__init__(*request)

    def do_CONNECT(self) -> None:
        if self.path != f"{HOST}:443":
            self.send_error(403, f"Only {HOST} may be reached.")
            return
        self.send_response(200)
        self.end_headers()
        self.connection = self.tls.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.close_connection = False

    def do_GET(self) -> None:
        if not isinstance(self.connection, ssl.SSLSocket):
            self.send_error(403, f"Only {HOST} may be reached.")
            return
        upstream = http.client.HTTPConnection("127.0.0.1", self.api_port, timeout=10)
        upstream.request("GET", self.path)
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep quiet."""
