"""A small GCP: Compute Engine, IAM, Secret Manager, Monitoring and projects over HTTP.

Requests are validated against Google's discovery documents and the documented rules, answers have
the documented shapes, and state lives in memory. Paths are those of the real APIs, on one host.
Two paths are this server's own: POST /token gives any caller an access token, and
GET /local/resources lists the names of everything that exists.
"""

from local_clouds.gcp.server import (
    alerting,
    firewalls,
    groups,
    images,
    keys,
    monitoring,
    networks,
    places,
    projects,
    roles,
    secret_manager,
    subnetworks,
    templates,
)
from local_clouds.gcp.server.http import CloudServer
from local_clouds.gcp.server.state import Cloud

SERVICE_MODULES = (
    alerting,
    firewalls,
    groups,
    images,
    keys,
    monitoring,
    networks,
    places,
    projects,
    roles,
    secret_manager,
    subnetworks,
    templates,
)
"""The modules that answer API methods; importing them registers their methods."""


def create_server(cloud: Cloud | None = None) -> CloudServer:
    """A server on a free port of 127.0.0.1; call `serve_forever` to run it.

    `cloud` brings existing state or an own clock.
    """
    return CloudServer(cloud or Cloud())
