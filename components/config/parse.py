"""Raw stack values into models, and every mistake in them into a `Problem`."""

import difflib
import json
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from components.config.base import Settings
from components.config.problems import Problem
from components.config.rules import Rule

Model = TypeVar("Model", bound=Settings)

_ABSENT = object()
_ALLOWED = {
    "string_type": "text; quote it",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
}


@dataclass(frozen=True)
class Parsed(Generic[Model]):
    """A model of what is right in the raw values, the keys that are wrong, and what is wrong.

    Attributes of wrong and missing keys hold defaults or are absent: read `model` whole only
    when `problems` is empty.
    """

    model: Model
    wrong: frozenset[str]
    problems: tuple[Problem, ...]

    def has(self, *keys: str) -> bool:
        """Whether all `keys` (as in the stack file) hold values to rely on."""
        return self.wrong.isdisjoint(keys)


def parse(kind: type[Model], raw: Any, path: str, rules: tuple[Rule, ...] = ()) -> Parsed[Model]:
    """Validate `raw` as `kind`; `path` is where it stands in the stack file."""
    problems: list[Problem] = []
    wrong: frozenset[str] = frozenset()
    try:
        model = kind.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        details = error.errors(include_url=False)
        problems = _problems(kind, raw, path, details)
        wrong = frozenset(str(detail["loc"][0]) if detail["loc"] else "" for detail in details)
        model = _rest(kind, raw, wrong)
    if wrong == {""}:
        return Parsed(model, wrong | _keys(kind), tuple(problems))
    for rule in rules:
        if wrong.isdisjoint(rule.keys):
            problems += [Problem(join(path, key), *rest) for key, *rest in rule.findings(model)]
    return Parsed(model, wrong, tuple(problems))


def join(path: str, part: int | str) -> str:
    """The key path of `part` below `path`, as a person would write it."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    return f"{path}.{part}" if path else part


def _keys(kind: type[Settings]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in kind.model_fields.items())


def _rest(kind: type[Model], raw: Any, wrong: frozenset[str]) -> Model:
    values = {}
    for name, field in kind.model_fields.items():
        key = field.alias or name
        if isinstance(raw, Mapping) and key in raw and key not in wrong:
            adapter = TypeAdapter(field.rebuild_annotation())
            values[name] = adapter.validate_json(json.dumps(raw[key]), strict=True)
    return kind.model_construct(**values)


def _problems(
    kind: type[Settings], raw: Any, path: str, details: list[ErrorDetails]
) -> list[Problem]:
    by_place: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for detail in details:
        key, found = _locate(raw, path, detail["loc"], detail["type"])
        by_place[key, found].append(_explain(kind, key, detail))
    return [
        Problem(key, found, " or ".join(dict.fromkeys(rule for rule, _ in rules)), rules[0][1])
        for (key, found), rules in by_place.items()
    ]


def _locate(raw: Any, path: str, loc: tuple[int | str, ...], kind: str) -> tuple[str, str]:
    """Key path and found value of an error; pydantic's names of union members are left out."""
    value = raw
    for part in loc:
        inside = _step(value, part)
        if inside is _ABSENT and kind != "missing":
            continue
        path = join(path, part)
        value = inside
    if value is _ABSENT:
        return path, "nothing"
    if kind == "extra_forbidden":
        return path, "a key that does not exist"
    if kind == "invalid_key" or (loc and loc[-1] == "[key]"):
        return path, "a wrong name"
    return path, shown(path, value)


def _step(value: Any, part: int | str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part, _ABSENT)
    if isinstance(value, list) and isinstance(part, int):
        return value[part]
    return _ABSENT


def shown(path: str, value: Any) -> str:
    """A found value for a message: short, one line, without credentials of any kind."""
    if ".environment." in path:
        return "a value that is not shown"
    text = re.sub(r"//[^/@\s]*@", "//***@", json.dumps(value, ensure_ascii=True, sort_keys=True))
    return text if len(text) <= 80 else f"{text[:76]} ..."


def _explain(kind: type[Settings], key: str, detail: ErrorDetails) -> tuple[str, str]:
    context = detail.get("ctx", {})
    if detail["type"] == "rule":
        return context["allowed"], context["fix"]
    if detail["type"] == "extra_forbidden":
        known = sorted(_keys(kind))
        close = difflib.get_close_matches(key.rsplit(".", 1)[-1], known, n=1)
        return "a documented key", f"rename it to {close[0]}" if close else "remove it"
    if detail["type"] == "missing":
        return "a value", "add it"
    if detail["type"] == "string_pattern_mismatch":
        return f"text that matches {context['pattern']}", "correct it"
    message = detail["msg"].removeprefix("Input should be ").removeprefix("a valid ")
    return _ALLOWED.get(detail["type"], message), "correct it"
