"""A small GCP: Compute Engine, IAM, Secret Manager, Monitoring and projects over HTTP.

Requests are validated against Google's discovery documents and the documented rules, answers have
the documented shapes, and state lives in memory. Paths are those of the real APIs, on one host.
Three paths are this server's own: POST /token gives any caller an access token that may do
everything, POST /local/tokens makes tokens with nothing but the permissions given for each, and
GET /local/resources lists the names of everything that exists.
"""

from local_clouds.calls import CallLog
from local_clouds.gcp.server import (
    addresses,
    alerting,
    disks,
    firewalls,
    groups,
    images,
    keys,
    keys_of_customers,
    monitoring,
    networks,
    per_instance_configs,
    places,
    projects,
    roles,
    routers,
    secret_manager,
    subnetworks,
    templates,
)
from local_clouds.gcp.server.http import CloudServer
from local_clouds.gcp.server.state import Cloud

SERVICE_MODULES = (
    addresses,
    alerting,
    disks,
    firewalls,
    groups,
    images,
    keys,
    keys_of_customers,
    monitoring,
    networks,
    per_instance_configs,
    places,
    projects,
    roles,
    routers,
    secret_manager,
    subnetworks,
    templates,
)
"""The modules that answer API methods; importing them registers their methods."""


def create_server(cloud: Cloud | None = None, log: CallLog | None = None) -> CloudServer:
    """A server on a free port of 127.0.0.1; call `serve_forever` to run it.

    `cloud` brings existing state or an own clock; `log` keeps what callers needed.
    """
    return CloudServer(cloud or Cloud(), log=log)
