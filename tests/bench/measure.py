"""Costs of previews, taken so that a slow minute of the machine hits all programs alike."""

import resource
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from local_clouds.stack import LocalStack


class UnexpectedError(Exception):
    """A preview shows something else than what was to be measured."""


@dataclass(frozen=True)
class Cost:
    """What one preview, or anything up to a point in time, took."""

    wall: float
    """Seconds that passed."""
    cpu: float
    """CPU seconds of engine and program; other work on the machine hardly changes them."""

    @classmethod
    def until_now(cls) -> Self:
        """Since this process began, with all child processes that have ended."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.perf_counter(), children.ru_utime + children.ru_stime)

    def __sub__(self, earlier: "Cost") -> "Cost":
        return Cost(self.wall - earlier.wall, self.cpu - earlier.cpu)


def interleaved(
    title: str, stacks: Mapping[str, LocalStack], rounds: int, *, expect: Literal["create", "same"]
) -> dict[str, list[Cost]]:
    """Costs of `rounds` previews of each stack; every other round runs in reverse order.

    So two stacks are measured A B B A. One preview of each goes before and is not counted: it
    encrypts the stack's secrets and fills caches. Raises UnexpectedError unless each preview
    does nothing but `expect`.
    """
    costs: dict[str, list[Cost]] = {name: [] for name in stacks}
    for number in range(rounds + 1):
        for name in list(stacks)[:: 1 if number % 2 else -1]:
            cost = _preview(stacks[name], expect)
            if number:
                costs[name].append(cost)
            counted = f"round {number} of {rounds}" if number else "warm-up"
            _show(f"{title}, {counted}: {name} {cost.wall:.2f} s, {cost.cpu:.2f} s of CPU")
    _show(f"{title}: done", last=True)
    return costs


def _preview(stack: LocalStack, expect: str) -> Cost:
    started = Cost.until_now()
    result = stack.preview()
    cost = Cost.until_now() - started
    if set(result.changes) != {expect}:
        raise UnexpectedError(f"A preview of {stack.name} shows {dict(result.changes)}.")
    return cost


def _show(line: str, *, last: bool = False) -> None:
    if sys.stdout.isatty():
        print(f"\r\x1b[K{line}", end="\n" if last else "", flush=True)
    elif not last:
        print(line, flush=True)
