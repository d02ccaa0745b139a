"""The `filter` parameter of Compute Engine listings (API document, parameter `filter`).

Comparisons `=`, `!=`, `:` with `*` wildcards, and `eq`, `ne` with RE2 expressions that must match
the whole value; joined by AND, OR, NOT, parentheses, or nothing (AND). Fields may be nested:
labels.executor_tag, scheduling.automaticRestart.
"""

import re
from collections.abc import Callable
from fnmatch import translate

from local_clouds.gcp.server.errors import ApiError, invalid
from local_clouds.gcp.server.state import Json

Predicate = Callable[[Json], bool]
_TOKEN = re.compile(r'\s*(?:([()])|(!=|=|:)|"((?:[^"\\]|\\.)*)"|([^\s()=!:"]+))')
_WORD_OPERATORS = {"eq", "ne"}


def parse(text: str) -> Predicate:
    """The predicate a filter means; an empty filter keeps everything. Raises ApiError 400."""
    if not text.strip():
        return lambda _resource: True
    parser = _Parser(text)
    predicate = parser.any_of()
    if parser.tokens:
        raise parser.error()
    return predicate


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            match = _TOKEN.match(text, position)
            if not match:
                raise self.error()
            bracket, operator, quoted, word = match.groups()
            if bracket or operator:
                self.tokens.append(("mark", bracket or operator))
            elif quoted is not None:
                self.tokens.append(("value", re.sub(r"\\(.)", r"\1", quoted)))
            else:
                self.tokens.append(("word", word))
            position = match.end()

    def error(self) -> ApiError:
        return invalid(f"Invalid value for field 'filter': '{self.text}'. Invalid list filter.")

    def next_is(self, *texts: str) -> bool:
        return bool(self.tokens) and self.tokens[0][0] != "value" and self.tokens[0][1] in texts

    def take(self) -> str:
        if not self.tokens:
            raise self.error()
        return self.tokens.pop(0)[1]

    def any_of(self) -> Predicate:
        parts = [self.all_of()]
        while self.next_is("OR"):
            self.take()
            parts.append(self.all_of())
        return lambda resource: any(part(resource) for part in parts)

    def all_of(self) -> Predicate:
        parts = [self.one()]
        while self.tokens and not self.next_is("OR", ")"):
            if self.next_is("AND"):
                self.take()
            parts.append(self.one())
        return lambda resource: all(part(resource) for part in parts)

    def one(self) -> Predicate:
        if self.next_is("NOT"):
            self.take()
            negated = self.one()
            return lambda resource: not negated(resource)
        if self.next_is("("):
            self.take()
            inside = self.any_of()
            if self.take() != ")":
                raise self.error()
            return inside
        return self.comparison()

    def comparison(self) -> Predicate:
        if not self.tokens or self.tokens[0][0] != "word":
            raise self.error()
        field, operator = self.take().split("."), self.take()
        if operator not in {"=", "!=", ":", *_WORD_OPERATORS} or self.next_is("(", ")", "=", ":"):
            raise self.error()
        value = self.take()
        try:
            pattern = re.compile(value if operator in _WORD_OPERATORS else translate(value))
        except re.error as error:
            raise self.error() from error
        wanted = operator not in {"!=", "ne"}
        return lambda resource: (
            wanted == any(pattern.fullmatch(text) for text in _texts(resource, field))
        )


def _texts(value: object, field: list[str]) -> list[str]:
    if isinstance(value, list):
        return [text for item in value for text in _texts(item, field)]
    if field:
        if not isinstance(value, dict) or field[0] not in value:
            return []
        return _texts(value[field[0]], field[1:])
    if isinstance(value, bool):
        return [str(value).lower()]
    if isinstance(value, dict):
        return list(value)
    return [str(value)]
