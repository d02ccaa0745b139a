"""The provider's schema as the Python SDK's input classes state it.

The classes are generated from the provider's own schema, so property names (camelCase), nesting,
primitive types and requiredness are the provider's, at every level. Stricter than the bridge in one
thing: it would convert `"80"` to 80 and back; here a value has the type that the schema says.
"""

import inspect
import sys
import types
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from pulumi import Output
from pulumi._types import (
    input_type_py_to_pulumi_names,
    is_input_type,
    resource_py_to_pulumi_names,
)

from local_clouds.resource import Failure
from local_clouds.values import Unknown


@dataclass(frozen=True)
class Primitive:
    """A string, number or boolean."""

    type: type

    def failures(self, path: str, value: Any) -> list[Failure]:
        """Return what is wrong with `value`, which stands at `path`."""
        accepted = (int, float) if self.type is float else self.type
        is_bool = isinstance(value, bool)
        if isinstance(value, accepted) and is_bool == (self.type is bool):
            return []
        return [_ill_typed(path, self.type.__name__, value)]


@dataclass(frozen=True)
class ListOf:
    """A list whose items have one shape."""

    item: "Shape"

    def failures(self, path: str, value: Any) -> list[Failure]:
        """Return what is wrong with `value` and its items."""
        if not isinstance(value, list):
            return [_ill_typed(path, "list", value)]
        return [
            f for i, item in enumerate(value) for f in failures(self.item, f"{path}[{i}]", item)
        ]


@dataclass(frozen=True)
class MapOf:
    """A map with free keys whose values have one shape."""

    item: "Shape"

    def failures(self, path: str, value: Any) -> list[Failure]:
        """Return what is wrong with `value` and its items."""
        if not isinstance(value, dict):
            return [_ill_typed(path, "map", value)]
        return [
            f for key, item in value.items() for f in failures(self.item, f"{path}.{key}", item)
        ]


@dataclass(frozen=True)
class Field:
    """One property of an object."""

    shape: "Shape"
    required: bool


@dataclass(frozen=True)
class Object:
    """A resource, a function's arguments, or a nested block."""

    fields: Mapping[str, Field]

    def failures(self, path: str, value: Any) -> list[Failure]:
        """Return unknown, missing and ill-typed properties of `value`, at every level."""
        if not isinstance(value, dict):
            return [_ill_typed(path, "object", value)]
        prefix = f"{path}." if path else ""
        found = [
            Failure(
                prefix + name, f"is no property here; allowed: {', '.join(sorted(self.fields))}."
            )
            for name in value
            if name not in self.fields
        ]
        for name, field in self.fields.items():
            if name in value:
                found += failures(field.shape, prefix + name, value[name])
            elif field.required:
                found.append(Failure(prefix + name, "is required, but is not set."))
        return found


Shape = Primitive | ListOf | MapOf | Object


def failures(shape: Shape, path: str, value: Any) -> list[Failure]:
    """Return what the schema refuses in `value`; what is not known yet passes."""
    return [] if isinstance(value, Unknown) else shape.failures(path, value)


def _ill_typed(path: str, wanted: str, value: Any) -> Failure:
    # Only the type is told: the value may be a secret.
    return Failure(path, f"must be of type {wanted}, not {type(value).__name__}.")


@cache
def of_args(args: type) -> Object:
    """Return the schema of an SDK input class such as `pulumi_aws.ec2.VpcArgs`."""
    # The generated signature, not the decorated class, tells required from optional.
    return _of_signature(args.__init__, input_type_py_to_pulumi_names(args))


def outputs_of(args: type) -> frozenset[str]:
    """Return the outputs that the resource of an SDK input class has, without id and urn."""
    module = sys.modules[args.__module__]
    resource = getattr(module, args.__name__.removesuffix("Args"))
    return frozenset(resource_py_to_pulumi_names(resource).values()) - {"id", "urn"}


@cache
def of_function(function: Callable[..., Any]) -> Object:
    """Return the schema of the arguments of an SDK function such as `pulumi_aws.ec2.get_ami`."""
    names = [name for name in inspect.signature(function).parameters if name != "opts"]
    return _of_signature(function, {name: _camel(name) for name in names})


def _of_signature(function: Callable[..., Any], names: Mapping[str, str]) -> Object:
    # `pulumi.Input` names these two by forward reference, which the SDK's modules do not import.
    hints = get_type_hints(function, localns={"Output": Output, "T": type(None)})
    parameters = inspect.signature(function).parameters
    return Object(
        {
            pulumi_name: Field(
                _of_hint(hints[name]), parameters[name].default is inspect.Parameter.empty
            )
            for name, pulumi_name in names.items()
        }
    )


def _of_hint(hint: Any) -> Shape:
    alternatives = _alternatives(hint)
    # Where the bridge takes an object or a JSON text (IAM policies), the provider has the text.
    hint = str if str in alternatives else alternatives[0]
    match get_origin(hint), get_args(hint):
        case origin, (_, item) if origin is not None and issubclass(origin, Mapping):
            return MapOf(_of_hint(item))
        case origin, (item,) if origin is not None and issubclass(origin, Sequence):
            return ListOf(_of_hint(item))
    return of_args(hint) if is_input_type(hint) else Primitive(hint)


def _alternatives(hint: Any) -> list[Any]:
    """Return the types without plumbing: None, Output, Awaitable and the TypedDict twins."""
    if get_origin(hint) in (Union, types.UnionType):
        found = [member for part in get_args(hint) for member in _alternatives(part)]
        return list(dict.fromkeys(found))
    if hint is type(None) or get_origin(hint) in (Output, Awaitable) or is_typeddict(hint):
        return []
    if isinstance(hint, type) and issubclass(hint, Enum):
        # The provider's schema has a plain value where the SDK offers an enum as a convenience.
        return [type(next(iter(hint)).value)]
    return [hint]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
