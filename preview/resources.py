"""The resources of one side of a preview, before the change or after it, and how they refer to
each other.

A resource that is yet to be made has no id, so what refers to it is known by the engine's property
dependencies only; they are there in every preview.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self


class PreviewError(ValueError):
    """A text that is no preview, or one that lacks what is needed; says what to do."""


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource as it is on one side."""

    urn: str
    type: str
    """The type's token, such as `aws:ec2/vpc:Vpc`."""
    inputs: Mapping[str, Any]
    """In camelCase, with UNKNOWN for what is not known."""
    parent: str = ""
    refers_to: Mapping[str, tuple[str, ...]]
    """URNs, by the property whose value comes from them."""

    @classmethod
    def of(cls, state: Mapping[str, Any], urn: str) -> Self:
        """From a state of the engine; `urn` is the step's."""
        links = state.get("propertyDependencies") or {}
        return cls(
            # A resource that gets another name has its old URN in its old state.
            urn=state.get("urn", urn),
            type=state.get("type", ""),
            inputs=state.get("inputs") or {},
            parent=state.get("parent", ""),
            refers_to={key: tuple(urns or ()) for key, urns in links.items()},
        )

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]

    def tag(self, key: str) -> str | None:
        """The value of a tag or a label."""
        return (self.inputs.get("tags") or self.inputs.get("labels") or {}).get(key)


@dataclass(frozen=True)
class Resources:
    """Every resource of one side."""

    all: tuple[Resource, ...]

    @classmethod
    def of(cls, found: Iterable[Resource | None]) -> Self:
        """Those that are there."""
        return cls(tuple(one for one in found if one is not None))

    @cached_property
    def by_urn(self) -> Mapping[str, Resource]:
        """Each by its URN on this side."""
        return {one.urn: one for one in self.all}

    def of_type(self, kind: str) -> Iterator[Resource]:
        """Resources whose type token ends so, e.g. `:MetricAlarm`."""
        return (one for one in self.all if one.type.endswith(kind))

    def behind(self, resource: Resource, key: str, kind: str) -> Resource | None:
        """The resource of a type that a property's value comes from. Raises PreviewError."""
        found = []
        for urn in resource.refers_to.get(key, ()):
            if urn not in self.by_urn:
                fix = "print it with `pulumi preview --json --show-sames`"
                raise PreviewError(
                    f"{resource.name} needs {urn}, which is not in the preview: {fix}"
                )
            if self.by_urn[urn].type.endswith(kind):
                found.append(self.by_urn[urn])
        return found[0] if found else None
