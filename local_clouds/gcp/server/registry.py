"""Which function answers which API method."""

import base64
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from local_clouds.gcp.server.errors import invalid
from local_clouds.gcp.server.state import Cloud, Json


@dataclass(frozen=True)
class Call:
    """A validated request: `path` is the relative resource name, without version and verb."""

    method: str
    path: str
    params: dict[str, Any]
    body: Json

    @property
    def project(self) -> str:
        """The project id in the path."""
        return self.path.split("/")[1]

    @property
    def place(self) -> str:
        """The region or zone in the path, such as projects/p/zones/z."""
        return "/".join(self.path.split("/")[:4])

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rsplit("/", 1)[-1]


Handler = Callable[[Cloud, Call], Json]
HANDLERS: dict[str, Handler] = {}


def handles(*method_ids: str) -> Callable[[Handler], Handler]:
    """Register the decorated function for API methods such as compute.networks.get."""

    def register(handler: Handler) -> Handler:
        HANDLERS.update(dict.fromkeys(method_ids, handler))
        return handler

    return register


def page(call: Call, resources: Iterable[tuple[str, Json]], key: str, size: str) -> Json:
    """One page of a listing, under `key`; `size` names the parameter that limits it."""
    limit = call.params.get(size) or 500
    after = _decode(call.params.get("pageToken", ""))
    rest = [(name, resource) for name, resource in resources if name > after]
    answer: Json = {key: [resource for _, resource in rest[:limit]]} if rest else {}
    if len(rest) > limit:
        answer["nextPageToken"] = base64.urlsafe_b64encode(rest[limit - 1][0].encode()).decode()
    return answer


def _decode(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode()).decode()
    except ValueError as error:
        raise invalid(f"Invalid value for field 'pageToken': '{token}'.") from error
