"""boto3 clients for the local AWS, as strict about requests as the real API.

moto stores most requests as they come. So each one is held against the service's own model, which
botocore carries: enums, lengths, ranges and patterns (the AWS API documents say the same).
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import cache
from threading import Lock
from typing import Any

import boto3
import botocore.loaders
import botocore.session
from botocore.config import Config
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from local_clouds.resource import CloudError

_CONFIG = Config(
    retries={"total_max_attempts": 1},
    proxies={},  # the endpoint is on this machine, whatever the environment's proxy is
    parameter_validation=True,
)
_MODELS = botocore.loaders.create_loader()
"""Reads the services' models, which are large, once for all clients."""

Judge = Callable[[OperationModel, dict[str, Any], str], None]


class ApiError(CloudError):
    """AWS refused a request; `code` is the API's error code."""

    def __init__(self, operation: str, code: str, message: str) -> None:
        """Keep the code beside the sentence that the user reads."""
        super().__init__(f"{operation}: {code}: {message}")
        self.code = code


class Clients:
    """Clients of one endpoint, by service and region. They never read the user's AWS settings."""

    def __init__(self, endpoint: str, guard: Judge | None = None) -> None:
        """Talk to `endpoint` (http://127.0.0.1:port) with credentials made for the purpose.

        `guard` sees every request first, with its operation, parameters and region, and raises
        what AWS would answer to a caller who may not make it.
        """
        self._guard = guard
        # The user's profiles must neither be needed nor leak in.
        files = dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))
        session = botocore.session.Session(
            session_vars={**files, "profile": (None, None, None, None)}
        )
        session.register_component("data_loader", _MODELS)
        self._session = boto3.session.Session(
            aws_access_key_id="local",
            aws_secret_access_key="local",  # noqa: S106 - moto takes any
            botocore_session=session,
        )
        self._endpoint = endpoint
        self._lock = Lock()
        self._clients: dict[tuple[str, str], Any] = {}

    @property
    def aws(self) -> "Clients":
        """The same without a guard: for what AWS does by itself, and moto leaves undone."""
        return self if self._guard is None else Clients(self._endpoint)

    def __call__(self, service: str, region: str) -> Any:
        """Return the client of a service in a region; a failed call raises `ApiError`."""
        with self._lock:  # making a client is not thread-safe, using one is
            if (service, region) not in self._clients:
                self._clients[service, region] = self._make(service, region)
            return self._clients[service, region]

    def _make(self, service: str, region: str) -> Any:
        client = self._session.client(
            service, region_name=region, endpoint_url=self._endpoint, config=_CONFIG
        )
        client.meta.events.register("before-parameter-build.*.*", _refuse_invalid)
        client.meta.events.register("after-call.*.*", _raise_api_error)
        if self._guard is not None:
            judge = self._guard

            def guard(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
                judge(model, params, region)

            client.meta.events.register("provide-client-params.*.*", guard)
        return client


def _refuse_invalid(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
    problems = list(_problems(model.input_shape, params, "")) if model.input_shape else []
    if problems:
        raise ApiError(model.name, "ValidationError", " ".join(problems))


def _raise_api_error(parsed: dict[str, Any], model: OperationModel, **_: Any) -> None:
    if "Error" in parsed and parsed["ResponseMetadata"]["HTTPStatusCode"] >= 300:
        error = parsed["Error"]
        raise ApiError(model.name, error.get("Code", "Unknown"), error.get("Message", ""))


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Yield a sentence for everything that the service model does not allow in `value`."""
    limits = shape.metadata
    low, high = limits.get("min", 0), limits.get("max", float("inf"))
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        for name, item in value.items():
            if name in shape.members:
                yield from _problems(shape.members[name], item, f"{path}.{name}".lstrip("."))
        return
    if isinstance(shape, ListShape) and isinstance(value, list):
        for index, item in enumerate(value):
            yield from _problems(shape.member, item, f"{path}[{index}]")
    if isinstance(shape, MapShape) and isinstance(value, dict):
        for key, item in value.items():
            yield from _problems(shape.value, item, f"{path}.{key}")
    if isinstance(value, (str, list, dict)) and not low <= len(value) <= high:
        yield f"{path} has length {len(value)}; allowed is {low} to {high}."
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        low = limits.get("min", float("-inf"))
        if not low <= value <= high:
            yield f"{path} is {value}; allowed is {low} to {high}."
    # Values are never shown: some are secrets.
    allowed = limits.get("enum")
    if allowed and isinstance(value, str) and value not in allowed:
        yield f"{path} must be one of: {', '.join(allowed)}."
    pattern = _compiled(limits.get("pattern"))
    if pattern and isinstance(value, str) and not pattern.search(value):
        yield f"{path} must match {pattern.pattern}."


@cache
def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    """Compile a Java pattern of a service model, or None where Python has no such syntax."""
    if not pattern:
        return None
    try:
        # The API anchors patterns; the models write some with and some without anchors.
        return re.compile(rf"^(?:{pattern})$", re.DOTALL)
    except re.error:  # \p{L} and its like
        return None
