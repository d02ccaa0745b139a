"""Small rules that judge checked inputs beyond the schema, and ways to combine them.

A path names a property at any depth: `blockDeviceMappings[].ebs.volumeType`, where `[]` stands for
every item of a list and `{}` for every value of a map. Rules skip what is not set or not known yet.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from local_clouds.resource import Failure, Properties, Rule
from local_clouds.values import Unknown


def values_at(properties: Properties, path: str) -> Iterator[tuple[str, Any]]:
    """Yield (concrete path, value) of every set and known value at `path`."""
    yield from _walk("", properties, re.findall(r"\[\]|\{\}|[^.\[\]{}]+", path))


def _walk(at: str, value: Any, steps: list[str]) -> Iterator[tuple[str, Any]]:
    if value is None or isinstance(value, Unknown):
        return
    if not steps:
        yield at, value
        return
    step, *rest = steps
    if step == "[]":
        for index, item in enumerate(value):
            yield from _walk(f"{at}[{index}]", item, rest)
    elif step == "{}":
        for key, item in value.items():
            yield from _walk(f"{at}.{key}", item, rest)
    else:
        yield from _walk(f"{at}.{step}" if at else step, value.get(step), rest)


def all_of(*rules: Rule) -> Rule:
    """Apply every rule and return all failures."""
    return lambda properties: [failure for rule in rules for failure in rule(properties)]


def each(path: str, accepts: Callable[[Any], bool], reason: str) -> Rule:
    """Every value at `path` must be accepted; `reason` is what the user reads."""
    return lambda properties: [
        Failure(at, reason) for at, value in values_at(properties, path) if not accepts(value)
    ]


def one_of(path: str, *allowed: Any) -> Rule:
    """Every value at `path` must be one of `allowed`."""
    listed = ", ".join(map(str, allowed))
    return lambda properties: [
        Failure(at, f"{value!r} is not allowed; expected one of: {listed}.")
        for at, value in values_at(properties, path)
        if value not in allowed
    ]


def matches(path: str, pattern: str, meaning: str) -> Rule:
    """Every text at `path` must match `pattern` in full; `meaning` says it in words."""
    return lambda properties: [
        Failure(at, f"{value!r} must be {meaning}.")
        for at, value in values_at(properties, path)
        if not re.fullmatch(pattern, value)
    ]


def length(path: str, low: int, high: int) -> Rule:
    """Every text, list or map at `path` must have `low` to `high` characters or items."""
    return lambda properties: [
        Failure(at, f"has length {len(value)}; allowed is {low} to {high}.")
        for at, value in values_at(properties, path)
        if not low <= len(value) <= high
    ]


def between(path: str, low: float, high: float) -> Rule:
    """Every number at `path` must lie in `low`..`high`, both included."""
    return lambda properties: [
        Failure(at, f"is {value}; allowed is {low} to {high}.")
        for at, value in values_at(properties, path)
        if not low <= value <= high
    ]


def conflicts(*names: str) -> Rule:
    """At most one of these top-level properties may be set."""
    return lambda properties: [
        Failure(name, f"cannot be set together with {', '.join(sorted(set(found) - {name}))}.")
        for found in [[name for name in names if name in properties]]
        if len(found) > 1
        for name in found[:1]
    ]


def exactly_one(*names: str) -> Rule:
    """Exactly one of these top-level properties must be set."""
    return lambda properties: [
        Failure(names[0], f"set exactly one of {', '.join(names)}; found {len(found)}.")
        for found in [[name for name in names if name in properties]]
        if len(found) != 1
    ]
