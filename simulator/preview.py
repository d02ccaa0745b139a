"""The engine's JSON preview as resources that refer to each other.

`pulumi preview --json --show-sames` prints it. A resource that is yet to be made has no id, so what
refers to it is known by the engine's property dependencies only; they are there in every preview.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine prints for a value that it does not know yet."""

_GONE = {"delete", "delete-replaced", "discard", "discard-replaced", "remove-pending-replace"}


class PreviewError(ValueError):
    """A preview that lacks what is needed; the text says what to do."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as it will be. `inputs` are camelCase, with UNKNOWN for what is not known."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    refers_to: Mapping[str, tuple[str, ...]]
    """URNs, by the property whose value comes from them."""

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]

    def tag(self, key: str) -> str | None:
        """The value of a tag or a label."""
        return (self.inputs.get("tags") or self.inputs.get("labels") or {}).get(key)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """Every resource that the stack will have, and its configuration with secrets blinded."""

    stack: str
    resources: Mapping[str, Resource]
    config: Mapping[str, str]

    @classmethod
    def of(cls, digest: Mapping[str, Any]) -> Self:
        """Read what the engine printed. Raises PreviewError."""
        resources = {}
        for step in digest.get("steps", ()):
            state = step.get("newState")
            if state is not None and step["op"] not in _GONE:
                links = state.get("propertyDependencies") or {}
                resources[step["urn"]] = Resource(
                    urn=step["urn"],
                    type=state["type"],
                    inputs=state.get("inputs") or {},
                    refers_to={key: tuple(urns or ()) for key, urns in links.items()},
                )
        if not resources:
            raise PreviewError("the preview lists no resources: is it `pulumi preview --json`?")
        stack = next(iter(resources)).split(":")[2]
        return cls(stack=stack, resources=resources, config=digest.get("config") or {})

    def of_type(self, kind: str) -> Iterator[Resource]:
        """Resources whose type token ends so, e.g. `:MetricAlarm`."""
        return (one for one in self.resources.values() if one.type.endswith(kind))

    def behind(self, resource: Resource, key: str, kind: str) -> Resource | None:
        """The resource of a type that a property's value comes from. Raises PreviewError."""
        found = []
        for urn in resource.refers_to.get(key, ()):
            if urn not in self.resources:
                fix = "print it with `pulumi preview --json --show-sames`"
                raise PreviewError(
                    f"{resource.name} needs {urn}, which is not in the preview: {fix}"
                )
            if self.resources[urn].type.endswith(kind):
                found.append(self.resources[urn])
        return found[0] if found else None
