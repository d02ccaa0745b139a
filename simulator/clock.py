"""Simulated time: a heap of what happens next."""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime

from simulator.week import MONDAY


class Clock:
    """Events in the order of their time; those of one time in the order of their making."""

    def __init__(self, start: datetime = MONDAY) -> None:
        self.start = start
        """When the simulation begins, which schedules go by."""
        self.now = 0.0
        """Seconds since then."""
        self.events = 0
        """How many events have happened."""
        self._heap: list[tuple[float, int, Callable[..., None], tuple[object, ...]]] = []
        self._numbers = itertools.count()

    def at(self, time: float, action: Callable[..., None], *arguments: object) -> None:
        """Do `action` at a time, or now when that is past."""
        entry = (max(time, self.now), next(self._numbers), action, arguments)
        heapq.heappush(self._heap, entry)

    def after(self, seconds: float, action: Callable[..., None], *arguments: object) -> None:
        """Do `action` so much later."""
        self.at(self.now + seconds, action, *arguments)

    def every(self, seconds: float, action: Callable[[], None], first: float = 0.0) -> None:
        """Do `action` again and again, the first time at `first`."""

        def again() -> None:
            action()
            self.after(seconds, again)

        self.at(first, again)

    def run(self, done: Callable[[], bool]) -> None:
        """Let time pass until `done` or until nothing is left to happen."""
        heap = self._heap
        while heap:
            self.now, _, action, arguments = heapq.heappop(heap)
            action(*arguments)
            self.events += 1
            if done():
                return
