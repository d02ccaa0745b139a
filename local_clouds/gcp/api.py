"""The Google APIs of one endpoint, called through Google's own client."""

from collections.abc import Callable
from typing import Any

import httplib2
from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest

from local_clouds.gcp.server.discovery import SERVICES, load
from local_clouds.resource import CloudError, Properties

_NOT_FOUND = 404
_CONFLICT = 409


class Api:
    """Clients of the services at `endpoint`, such as http://127.0.0.1:8080; usable by threads."""

    def __init__(self, endpoint: str, token: Callable[[], str | None] = lambda: None) -> None:
        """Call as the holder of what `token` returns at the time of a request."""
        clients = {service: _client(service, endpoint, token) for service in SERVICES}
        self.compute = clients["compute"]
        self.service_accounts = clients["iam"].projects().serviceAccounts()
        self.service_account_keys = self.service_accounts.keys()
        self.roles = clients["iam"].projects().roles()
        self.secrets = clients["secretmanager"].projects().secrets()
        self.secret_versions = self.secrets.versions()
        self.projects = clients["cloudresourcemanager"].projects()
        self.time_series = clients["monitoring"].projects().timeSeries()
        self.notification_channels = clients["monitoring"].projects().notificationChannels()
        self.crypto_keys = clients["cloudkms"].projects().locations().keyRings().cryptoKeys()
        self.alert_policies = clients["monitoring"].projects().alertPolicies()
        self._collections: dict[str, Any] = {}

    def collection(self, name: str) -> Any:
        """A collection of Compute Engine such as networks; building one takes 20 ms, so keep it."""
        if name not in self._collections:
            self._collections[name] = getattr(self.compute, name)()
        return self._collections[name]

    def call(self, request: HttpRequest) -> Properties:
        """The answer to a request; raises CloudError with Google's message."""
        try:
            return request.execute()
        except HttpError as error:
            raise _refused(error) from error

    def find(self, request: HttpRequest) -> Properties | None:
        """The answer to a request, None when there is no such resource."""
        try:
            return request.execute()
        except HttpError as error:
            if error.resp.status == _NOT_FOUND:
                return None
            raise _refused(error) from error

    def run(self, request: HttpRequest) -> None:
        """Make a Compute Engine request and wait until its operation is done."""
        operation = self.call(request)
        _, _, _, _, _, _, project, *place, _, name = operation["selfLink"].split("/")
        arguments = {"project": project, "operation": name}
        if place[0] == "regions":
            waiting = self.collection("regionOperations").wait(region=place[1], **arguments)
        elif place[0] == "zones":
            waiting = self.collection("zoneOperations").wait(zone=place[1], **arguments)
        else:
            waiting = self.collection("globalOperations").wait(**arguments)
        errors = self.call(waiting).get("error", {}).get("errors", [])
        if errors:
            message = "; ".join(error["message"] for error in errors)
            raise CloudError(f"Error waiting for the operation: {message}")


def is_conflict(error: CloudError) -> bool:
    """Whether the API refused a change because another one came first."""
    cause = error.__cause__
    return isinstance(cause, HttpError) and cause.resp.status == _CONFLICT


def _refused(error: HttpError) -> CloudError:
    return CloudError(f"googleapi: Error {error.resp.status}: {error.reason}")


def _client(service: str, endpoint: str, token: Callable[[], str | None]) -> Any:
    def request(_http: object, *args: Any, **kwargs: Any) -> HttpRequest:
        # httplib2 connections must not be shared between threads.
        made = HttpRequest(httplib2.Http(), *args, **kwargs)
        bearer = token()
        if bearer is not None:
            made.headers["Authorization"] = f"Bearer {bearer}"
        return made

    # Google's client builds its methods at run time, so there is no better type.
    document = load(service)
    return build_from_document(
        document,
        credentials=AnonymousCredentials(),
        client_options={"api_endpoint": f"{endpoint}/{document['servicePath']}"},
        requestBuilder=request,
    )
