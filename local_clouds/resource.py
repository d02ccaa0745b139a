"""What a provider knows about one resource type or one function, as data.

The registry of a cloud is a list of `ResourceType` and `Function`; `LocalProvider` drives it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Properties = dict[str, Any]
"""Plain camelCase properties: no secrets, no outputs; null properties are left out."""


@dataclass(frozen=True)
class Failure:
    """A property that the provider refuses.

    `property` is a path as the engine prints it (`disks[0].diskSizeGb`), "" for the whole resource.
    """

    property: str
    reason: str


Rule = Callable[[Properties], list[Failure]]
"""Judges checked inputs. A value that is not known yet is `values.UNKNOWN`: a rule skips it."""


class CloudError(Exception):
    """The cloud or the provider refused an operation; the message is what the user reads."""


@dataclass(frozen=True, kw_only=True)
class Autoname:
    """How the bridge names a resource whose program gives no name: `<logical name>-<7 hex digits>`.

    `pattern` is what the finished name must match in full; a logical name that cannot make such a
    name fails the check, as it would at the service.
    """

    property: str = "name"
    max_length: int
    pattern: str = ".*"
    separator: str = "-"


class Lifecycle(Protocol):
    """The calls that make one resource exist. All raise `CloudError` when the cloud refuses.

    `state` holds the outputs of the last call (and whatever inputs they echo). The outputs of
    create, read and update are complete, and alike for a resource that nobody touched: drift is
    found by comparing two of them.
    """

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Make the resource; returns its id and its outputs."""
        ...

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the outputs as the cloud has them now, or None when the resource is gone.

        On an import `state` is empty.
        """
        ...

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Apply `inputs` in place; returns the outputs."""
        ...

    def delete(self, resource_id: str, state: Properties) -> None:
        """Delete the resource; one that is gone already is no error."""
        ...


def no_rules(_: Properties) -> list[Failure]:
    """Judge nothing beyond the schema."""
    return []


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """One resource type of a provider."""

    token: str
    """The Pulumi type token, such as `gcp:compute/network:Network`."""

    args: type
    """The SDK's input class; names, nesting, types and requiredness come from it."""

    lifecycle: Lifecycle

    force_new: frozenset[str]
    """Top-level properties whose change replaces the resource (source: the provider document)."""

    in_place: frozenset[str] = frozenset()
    """Top-level properties whose change updates it. A property in neither set fails the check."""

    replaced_together: frozenset[str] = frozenset()
    """In-place properties that replace when another of them is set than before."""

    autoname: Autoname | None = None

    check: Rule = no_rules
    """What the provider refuses beyond the schema: values, lengths, conflicts."""

    secret_outputs: frozenset[str] = frozenset()
    """Outputs that the provider itself marks as secret."""

    volatile_outputs: frozenset[str] = frozenset()
    """Outputs that an update may change: unknown in its preview. All others stay known."""

    delete_before_replace: bool = False
    """The provider deletes first on every replacement. (With a fixed name it always does.)"""

    def __post_init__(self) -> None:
        both = self.force_new & self.in_place
        if both:
            message = f"{self.token}: {sorted(both)} cannot be force-new and in-place."
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class Function:
    """A data source of a provider (an invoke)."""

    token: str
    """The Pulumi function token, such as `aws:ec2/getAmi:getAmi`."""

    function: Callable[..., Any]
    """The SDK's function; argument names, types and requiredness come from its signature."""

    call: Callable[[Properties], Mapping[str, Any]]
    """Answers checked arguments; raises `CloudError`."""
