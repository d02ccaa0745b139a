"""Stands between a Google client that only knows https://compute.googleapis.com and a local server.

The client gets here by its proxy variables, trusts the certificate through SSL_CERT_FILE and signs
in with a service-account file; all of them are made anew for each run. Every other host is refused,
so a client that is set up this way cannot leave the machine.
"""

import http.client
import json
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.web import Reply, Request, WebServer

HOST = "compute.googleapis.com"


@contextmanager
def client_environment(api_port: int, directory: Path) -> Generator[dict[str, str]]:
    """Environment variables that lead a Google client to the API server on 127.0.0.1:`api_port`."""
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    certificate = authority.issue_cert(HOST, key_type=trustme.KeyType.RSA)
    trusted = directory / "certificate.pem"
    authority.cert_pem.write_to_path(trusted)
    account = directory / "service-account.json"
    account.write_text(
        json.dumps(
            {
                "type": "service_account",
                "client_email": "prometheus@acme-ci.iam.gserviceaccount.com",
                "private_key": certificate.private_key_pem.bytes().decode(),
                "private_key_id": "local",
                "token_uri": f"http://127.0.0.1:{api_port}/token",
            }
        )
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(tls)
    proxy = WebServer(lambda request: _forward(api_port, request), tls=tls, tunnels=True)
    try:
        yield {
            # Neither is used for 127.0.0.1 itself.
            "HTTP_PROXY": proxy.url,
            "HTTPS_PROXY": proxy.url,
            "SSL_CERT_FILE": str(trusted),
            "GOOGLE_APPLICATION_CREDENTIALS": str(account),
        }
    finally:
        proxy.close()


def _forward(api_port: int, request: Request) -> Reply:
    if request.headers.get("host") != HOST or not request.path.startswith("/"):
        return Reply(403, f"Only {HOST} may be reached.".encode())
    upstream = http.client.HTTPConnection("127.0.0.1", api_port, timeout=10)
    upstream.request(request.method, request.path)
    answer = upstream.getresponse()
    content = answer.read()
    upstream.close()
    return Reply(answer.status, content, {"Content-Type": "application/json"})
