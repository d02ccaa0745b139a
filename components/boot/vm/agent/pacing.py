"""When a call to a cloud may be made again."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

FIRST_SECONDS = 10
LONGEST_SECONDS = 120


class Pacing:
    """Exponential back-off for each kind of call, half of each pause at random."""

    def __init__(self, jitter: Callable[[float, float], float] = random.uniform) -> None:
        self._jitter = jitter
        self._due: dict[Hashable, float] = {}
        self._failures: dict[Hashable, int] = {}

    def due(self, kind: Hashable, now: float) -> bool:
        """Whether the call may be made."""
        return now >= self._due.get(kind, now)

    def done(self, kind: Hashable, now: float, pause: float) -> None:
        """The call was accepted; the next one comes after `pause`."""
        self._failures[kind] = 0
        self._due[kind] = now + pause

    def refused(self, kind: Hashable, now: float) -> None:
        """The call failed."""
        failures = self._failures.get(kind, 0)
        self._failures[kind] = failures + 1
        pause = min(FIRST_SECONDS * 2.0 ** min(failures, 9), LONGEST_SECONDS)
        self._due[kind] = now + self._jitter(pause / 2, pause)
