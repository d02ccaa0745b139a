"""pydantic's errors in the words of the stack file: where, what was found, what is allowed."""

import difflib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from components.config.base import Settings
from components.config.problems import Problem

_ABSENT = object()
_EXPLANATIONS = {
    "string_type": ("text", "put it in quotes"),
    "int_type": ("a whole number", "write it without quotes"),
    "int_from_float": ("a whole number", "write it without a fraction"),
    "int_parsing_size": ("a whole number of a sensible size", "write a smaller number"),
    "float_type": ("a number", "write it without quotes"),
    "finite_number": ("a finite number", "write a number"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "tuple_type": ("a list", "write it as a list, such as [a, b]"),
    "dict_type": ("a mapping", "write keys and values, indented below it"),
    "model_type": ("a mapping", "write keys and values, indented below it"),
    "literal_error": ("{expected}", "choose one of them"),
    "greater_than": ("more than {gt}", "raise it"),
    "greater_than_equal": ("at least {ge}", "raise it"),
    "less_than_equal": ("at most {le}", "lower it"),
    "too_short": ("at least {min_length} of them", "add one"),
    "too_long": ("at most {max_length} of them", "remove some"),
    "string_too_short": ("text that is not empty", "write a value, or remove the key"),
    "string_too_long": ("at most {max_length} characters", "shorten it"),
    "json_invalid": ("values nested less deeply", "remove the nesting"),
    "rule": ("{allowed}", "{fix}"),
}
_HIDDEN = re.compile(r"\.(environment|vmStartupScript)\b")
_LONGEST_VALUE = 80
_FEW_KEYS = 8
UNKNOWN_KEY = "a key that does not exist"


def explain(
    kind: type[Settings], raw: Any, path: str, details: list[ErrorDetails]
) -> list[Problem]:
    """The mistakes that validating `raw` as `kind` found; `path` is where it stands."""
    by_place: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for detail in details:
        place = _locate(raw, path, detail["loc"], detail["type"])
        if detail["type"] == "too_short" and "empty" not in place[1]:
            # pydantic leaves out the entries that are wrong, each of which is told by itself.
            continue
        by_place[place].append(_explain(kind, detail))
    return [
        Problem(key, found, " or ".join(dict.fromkeys(rule for rule, _ in rules)), rules[0][1])
        for (key, found), rules in by_place.items()
    ]


def join(path: str, part: int | str) -> str:
    """The key path of `part` below `path`, as a person would write it."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    part = part if part.isascii() and part.isprintable() else json.dumps(part)
    return f"{path}.{part}" if path else part


def keys(kind: type[Settings]) -> dict[str, FieldInfo]:
    """A model's fields by their keys in the stack file."""
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def shown(path: str, value: Any) -> str:
    """A found value for a message: short, one line, without credentials of any kind."""
    if _HIDDEN.search(path):
        return "a value that is not shown"
    if isinstance(value, Mapping):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        value = re.sub(r"^.*@", "***@", value, flags=re.DOTALL)
        value = re.sub(r"([?#]).+", r"\1***", value, flags=re.DOTALL)
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 4]} ..."


def _locate(raw: Any, path: str, loc: tuple[int | str, ...], kind: str) -> tuple[str, str]:
    """Key path and found value of an error; pydantic's names of union members are left out."""
    value = raw
    path = path or ("" if loc else "the stack file")
    for part in loc:
        inside = _step(value, part)
        if inside is _ABSENT and kind != "missing":
            continue
        path = join(path, part)
        value = inside
    if value is _ABSENT:
        return path, "nothing"
    if kind == "extra_forbidden":
        return path, UNKNOWN_KEY
    if loc and loc[-1] == "[key]":
        return path, "a wrong name"
    if isinstance(value, str) and "." not in path and kind in {"dict_type", "model_type"}:
        # It is the text of many settings, with a mistake in its syntax.
        return path, "text"
    return path, shown(path, value)


def _step(value: Any, part: int | str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part, _ABSENT)
    if isinstance(value, list) and isinstance(part, int):
        return value[part]
    return _ABSENT


def _explain(kind: type[Settings], detail: ErrorDetails) -> tuple[str, str]:
    """What is allowed, and how to fix it."""
    if detail["type"] in {"extra_forbidden", "missing"}:
        *parents, key = (str(part) for part in detail["loc"])
        known = keys(_model_at(kind, parents))
        if detail["type"] == "missing":
            return (known[key].description or "a value").rstrip("."), "add it"
        close = difflib.get_close_matches(key[:_LONGEST_VALUE], known, n=1)
        fix = f"rename it to {close[0]}" if close else "remove it"
        few = len(known) <= _FEW_KEYS
        return ", ".join(sorted(known)) if few else "the keys in docs/configuration.md", fix
    allowed, fix = _EXPLANATIONS.get(detail["type"], ("another value", "correct it"))
    context = {
        name: f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in detail.get("ctx", {}).items()
    }
    return allowed.format_map(context), fix.format_map(context)


def _model_at(kind: type[Settings], parents: list[str]) -> type[Settings]:
    for part in parents:
        field = keys(kind).get(part)
        inner = _models_in(field.annotation) if field else iter(())
        kind = next(inner, kind)
    return kind


def _models_in(annotation: Any) -> Iterator[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
