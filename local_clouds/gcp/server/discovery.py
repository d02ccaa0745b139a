"""Google's discovery documents as routes: which method a request means, and its parameters.

The documents are those that the google-api-python-client package carries, so the server and a
client built from the same package agree on every path, parameter and schema.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

from local_clouds.gcp.server.errors import not_implemented

SERVICES = {
    "compute": "compute.v1",
    "iam": "iam.v1",
    "secretmanager": "secretmanager.v1",
    "monitoring": "monitoring.v3",
    "cloudkms": "cloudkms.v1",
    "cloudresourcemanager": "cloudresourcemanager.v1",
}
_TEMPLATE_VARIABLE = re.compile(r"\{(\+?)(\w+)\}")


def load(service: str) -> dict[str, Any]:
    """The discovery document of one of SERVICES."""
    directory = files("googleapiclient.discovery_cache") / "documents"
    return json.loads((directory / f"{SERVICES[service]}.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Method:
    """One API method: its id, HTTP verb, path, parameters and request schema."""

    id: str
    verb: str
    path: re.Pattern[str]
    parameters: dict[str, Any]
    request: dict[str, Any] | None
    schemas: dict[str, Any]


class Routes:
    """The implemented methods, found by HTTP verb and path."""

    def __init__(self, method_ids: Iterable[str]) -> None:
        wanted = set(method_ids)
        self._methods = [
            method
            for service in SERVICES
            for method in _methods(load(service))
            if method.id in wanted
        ]
        unknown = wanted - {method.id for method in self._methods}
        if unknown:
            raise LookupError(*sorted(unknown))

    def find(self, verb: str, path: str) -> tuple[Method, dict[str, str]]:
        """The method and its decoded path parameters; raises ApiError 501 when there is none."""
        for method in self._methods:
            match = method.path.fullmatch(path) if method.verb == verb else None
            if match:
                return method, {key: unquote(value) for key, value in match.groupdict().items()}
        raise not_implemented(f"{verb} {path}")


def _methods(document: dict[str, Any]) -> Iterator[Method]:
    common = document["parameters"]

    def walk(node: dict[str, Any]) -> Iterator[Method]:
        for raw in node.get("methods", {}).values():
            parameters = raw.get("parameters", {})
            yield Method(
                id=raw["id"],
                verb=raw["httpMethod"],
                path=_pattern(document["servicePath"] + raw["path"], parameters),
                parameters=common | parameters,
                request=raw.get("request"),
                schemas=document["schemas"],
            )
        for child in node.get("resources", {}).values():
            yield from walk(child)

    return walk(document)


def _pattern(path: str, parameters: dict[str, Any]) -> re.Pattern[str]:
    regex, position = "/", 0
    for variable in _TEMPLATE_VARIABLE.finditer(path):
        reserved, name = variable.groups()
        # A reserved variable spans several segments, and only its own pattern says which.
        value = parameters[name]["pattern"].strip("^$") if reserved else "[^/]+"
        value = value.replace("[^/]+", "[^/:]+")
        regex += re.escape(path[position : variable.start()]) + f"(?P<{name}>{value})"
        position = variable.end()
    return re.compile(regex + re.escape(path[position:]))
