"""Raw stack values into models, with every mistake in them as a `Problem`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from components.config.base import Settings
from components.config.explain import explain, join, keys
from components.config.problems import Problem
from components.config.rules import Rule

Model = TypeVar("Model", bound=Settings)


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
        problems = explain(kind, raw, path, details)
        wrong = frozenset(str(detail["loc"][0]) if detail["loc"] else "" for detail in details)
        model = _rest(kind, raw, wrong)
    if "" in wrong:
        return Parsed(model, wrong | keys(kind).keys(), tuple(problems))
    for rule in rules:
        if wrong.isdisjoint(rule.keys):
            problems += [Problem(join(path, key), *rest) for key, *rest in rule.findings(model)]
    return Parsed(model, wrong, tuple(problems))


def _rest(kind: type[Model], raw: Any, wrong: frozenset[str]) -> Model:
    values = {}
    for name, field in kind.model_fields.items():
        key = field.alias or name
        if isinstance(raw, Mapping) and key in raw and key not in wrong:
            adapter = _adapter(kind, name)
            values[name] = adapter.validate_json(json.dumps(raw[key]), strict=True)
    return kind.model_construct(**values)


@cache
def _adapter(kind: type[Settings], field: str) -> TypeAdapter[Any]:
    return TypeAdapter(kind.model_fields[field].rebuild_annotation())
