"""CloudWatch metric math, as its guide documents it, for the expressions that alarms use here.

A series holds values by minute. Between two series a missing value is 0; a series and a number
have values where the series has; a division by zero has none. IF has a value where its condition
has: a missing branch of a true condition is 0, a missing or omitted branch of a false one leaves
none. FILL fills the gaps of a series that has any value. AND and OR are refused: what they make of
a missing value is not documented.

The guide is silent in places, so alarms must also hold under the other reading, `pointwise`: every
minute is computed by itself, with 0 for whatever is missing in it.
"""

import functools
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Series = dict[int, float]
Value = Series | float

_TOKEN = re.compile(r"\s*(\d+\.?\d*(?:e[+-]?\d+)?|[A-Za-z_]\w*|[<>=]=|[-+*/(),<>])")
_LEVELS: list[dict[str, Callable[[float, float], float]]] = [
    {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le, "==": operator.eq},
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
]


class MathError(ValueError):
    """An expression that is not understood here; the text quotes it."""


class Query(NamedTuple):
    """One query of an alarm: a metric, or an expression over earlier queries."""

    id: str
    expression: str | None
    returned: bool


def evaluate(
    queries: Sequence[Query], published: Mapping[str, Series], *, pointwise: bool = False
) -> Series:
    """The returned series of an alarm's queries; `published` holds the metrics by query id.

    Raises MathError.
    """
    window = frozenset(minute for series in published.values() for minute in series)
    scope = _Scope({}, window, pointwise)
    result: Value | None = None
    for query in queries:
        if query.expression is None:
            value: Value = published.get(query.id, {})
        else:
            value = _compiled(query.expression)(scope)
        scope.values[query.id] = value
        if query.returned:
            result = value
    if not isinstance(result, dict):
        raise MathError("an alarm watches exactly one series: one query returns data")
    return result


@dataclass(frozen=True)
class _Scope:
    values: dict[str, Value]
    window: frozenset[int]
    pointwise: bool

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

    def function(self, name: str, arguments: list[Value]) -> Value:
        match name, arguments:
            case "CEIL", [dict(series)]:
                return {minute: float(math.ceil(value)) for minute, value in series.items()}
            case "FILL", [dict(series), float(filler)]:
                gaps = self.window if series or self.pointwise else frozenset[int]()
                return dict.fromkeys(gaps, filler) | series
            case "IF", [dict(condition), then, *otherwise]:
                chosen = {m: _branch(m, true, then, otherwise) for m, true in condition.items()}
                return {m: value for m, value in chosen.items() if value is not None}
        raise MathError(f"{name} with {len(arguments)} arguments is not understood")


_Node = Callable[[_Scope], Value]


@functools.lru_cache(maxsize=256)
def _compiled(text: str) -> _Node:
    """The expression as a function, since an alarm evaluates it every minute."""
    return _Parser(text).whole()


class _Parser:
    """Recursive descent over one expression."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _TOKEN.findall(text)
        if "".join(self.tokens) != re.sub(r"\s", "", text):
            raise MathError(f"cannot read {text!r}")

    def whole(self) -> _Node:
        node = self.expression()
        if self.tokens:
            raise MathError(f"cannot read {self.text!r} from {self.tokens[0]!r} on")
        return node

    def expression(self, level: int = 0) -> _Node:
        if level == len(_LEVELS):
            return self.factor()
        node = self.expression(level + 1)
        while self.tokens and self.tokens[0] in _LEVELS[level]:
            node = _operation(_LEVELS[level][self.tokens.pop(0)], node, self.expression(level + 1))
        return node

    def factor(self) -> _Node:
        word = self.next()
        if word == "(":
            node = self.expression()
            self.expect(")")
            return node
        if word == "-":
            return _operation(operator.mul, lambda _: -1.0, self.factor())
        if word[0].isdigit():
            number = float(word)
            return lambda _: number
        if self.tokens and self.tokens[0] == "(":
            arguments = self.arguments()
            return lambda scope: scope.function(word, [node(scope) for node in arguments])
        return lambda scope: scope.values[word]

    def arguments(self) -> list[_Node]:
        self.expect("(")
        arguments = [self.expression()]
        while self.tokens and self.tokens[0] == ",":
            self.expect(",")
            arguments.append(self.expression())
        self.expect(")")
        return arguments

    def expect(self, token: str) -> None:
        if self.next() != token:
            raise MathError(f"cannot read {self.text!r}: {token!r} is missing")

    def next(self) -> str:
        if not self.tokens:
            raise MathError(f"cannot read {self.text!r}: it ends too early")
        return self.tokens.pop(0)


def _operation(apply: Callable[[float, float], float], left: _Node, right: _Node) -> _Node:
    return lambda scope: scope.combined(apply, left(scope), right(scope))


def _branch(minute: int, true: float, then: Value, otherwise: list[Value]) -> float | None:
    if true:
        return then.get(minute, 0.0) if isinstance(then, dict) else then
    if not otherwise:
        return None
    [other] = otherwise
    return other.get(minute) if isinstance(other, dict) else other
