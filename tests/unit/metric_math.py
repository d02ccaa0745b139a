"""CloudWatch metric math, as its guide documents it, for the expressions that alarms use here.

A series holds values by minute. Between two series a missing value is 0; a series and a number
have values where the series has; a division by zero has none. IF has a value where its condition
has: a missing branch of a true condition is 0, a missing or omitted branch of a false one leaves
none. FILL fills the gaps of a series that has any value. AND and OR are refused: what they make of
a missing value is not documented.

The guide is silent in places, so alarms must also hold under the other reading, `pointwise`: every
minute is computed by itself, with 0 for whatever is missing in it.
"""

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Series = dict[int, float]
Value = Series | float

_TOKEN = re.compile(r"\s*(\d+\.?\d*(?:e[+-]?\d+)?|[A-Za-z_]\w*|[<>=]=|[-+*/(),<>])")
_LEVELS: list[dict[str, Callable[[float, float], float]]] = [
    {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "==": operator.eq},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
]


def evaluate(
    queries: Sequence[Mapping[str, Any]],
    published: Mapping[str, Series],
    *,
    pointwise: bool = False,
) -> Series:
    """The returned series of an alarm's queries; `published` holds the metrics by query id."""
    window = {minute for series in published.values() for minute in series}
    values: dict[str, Value] = {}
    result: Value | None = None
    for query in queries:
        if "metric" in query:
            values[query["id"]] = published.get(query["id"], {})
        else:
            values[query["id"]] = _Parser(
                query["expression"], values, window, pointwise=pointwise
            ).whole()
            if query["return_data"]:
                assert result is None, "an alarm has exactly one returned query"
                result = values[query["id"]]
    assert isinstance(result, dict), "an alarm watches a series"
    return result


class _Parser:
    """Recursive descent over one expression; evaluates as it reads."""

    def __init__(
        self, text: str, values: Mapping[str, Value], window: set[int], *, pointwise: bool
    ) -> None:
        self.tokens = _TOKEN.findall(text)
        assert "".join(self.tokens) == re.sub(r"\s", "", text), text
        self.values = values
        self.window = window
        self.pointwise = pointwise

    def whole(self) -> Value:
        value = self.expression()
        assert not self.tokens, self.tokens
        return value

    def expression(self, level: int = 0) -> Value:
        if level == len(_LEVELS):
            return self.factor()
        value = self.expression(level + 1)
        while self.tokens and self.tokens[0] in _LEVELS[level]:
            apply = _LEVELS[level][self.tokens.pop(0)]
            value = self.combined(apply, value, self.expression(level + 1))
        return value

    def factor(self) -> Value:
        token = self.tokens.pop(0)
        if token == "(":
            value = self.expression()
            self.expect(")")
            return value
        if token == "-":
            return self.combined(operator.mul, -1.0, self.factor())
        if token[0].isdigit():
            return float(token)
        if self.tokens and self.tokens[0] == "(":
            return self.function(token, self.arguments())
        return self.values[token]

    def arguments(self) -> list[Value]:
        self.expect("(")
        arguments = [self.expression()]
        while self.tokens[0] == ",":
            self.expect(",")
            arguments.append(self.expression())
        self.expect(")")
        return arguments

    def expect(self, token: str) -> None:
        assert self.tokens.pop(0) == token

    def function(self, name: str, arguments: list[Value]) -> Value:
        match name, arguments:
            case "CEIL", [dict(series)]:
                return {minute: float(math.ceil(value)) for minute, value in series.items()}
            case "FILL", [dict(series), float(filler)]:
                gaps = self.window if series or self.pointwise else set()
                return dict.fromkeys(gaps, filler) | series
            case "IF", [dict(condition), then, *otherwise]:
                chosen = {m: _branch(m, true, then, otherwise) for m, true in condition.items()}
                return {m: value for m, value in chosen.items() if value is not None}
        raise AssertionError(f"{name} is not used with {arguments}")

    def combined(self, apply: Callable[[float, float], float], left: Value, right: Value) -> Value:
        if isinstance(left, float) and isinstance(right, float):
            return float(apply(left, right))
        sides = [side for side in (left, right) if isinstance(side, dict)]
        minutes = self.window if self.pointwise else {m for side in sides for m in side}
        result = {}
        for minute in sorted(minutes):
            values = [
                side.get(minute, 0.0) if isinstance(side, dict) else side for side in (left, right)
            ]
            try:
                result[minute] = float(apply(*values))
            except ZeroDivisionError:
                continue
        return result


def _branch(minute: int, true: float, then: Value, otherwise: list[Value]) -> float | None:
    if true:
        return then.get(minute, 0.0) if isinstance(then, dict) else then
    if not otherwise:
        return None
    [other] = otherwise
    return other.get(minute) if isinstance(other, dict) else other
