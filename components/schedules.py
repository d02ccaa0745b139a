"""Minimum sizes by the clock: windows of the week, and the moments at which the minimum changes.

Compute Engine takes windows, and applies the largest of those that overlap. Auto Scaling takes
moments, each of which sets the minimum for good. So the moments are derived from all windows of a
pool together, and mean the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

DAY = 24 * 60
WEEK = 7 * DAY
"""Minutes."""
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@dataclass(frozen=True, kw_only=True)
class Window:
    """A time that comes again every week, in which a pool keeps more VMs."""

    name: str
    starts: tuple[int, ...]
    """Minutes since the week's start, which is Sunday 00:00; sorted."""
    minutes: int
    """Its length."""
    size: int
    """Fewest VMs in it."""

    @property
    def cron(self) -> str:
        """The starts as a cron expression of plain lists; Sunday is 0."""
        minutes = {start % 60 for start in self.starts}
        hours = {start // 60 % 24 for start in self.starts}
        days = {start // DAY for start in self.starts}
        return f"{_listed(minutes, 60)} {_listed(hours, 24)} * * {_listed(days, 7)}"


@dataclass(frozen=True)
class MinimumChange:
    """A moment of the week from which on the fewest VMs are others than before."""

    minute: int
    """Minutes since Sunday 00:00."""
    size: int

    @property
    def name(self) -> str:
        """Such as mon-0830; no two changes of a pool have the same."""
        day, minute = divmod(self.minute, DAY)
        return f"{WEEKDAYS[day]}-{minute // 60:02}{minute % 60:02}"

    @property
    def cron(self) -> str:
        """The moment as a cron expression."""
        day, minute = divmod(self.minute, DAY)
        return f"{minute % 60} {minute // 60} * * {day}"


def starts_of(cron: str) -> tuple[int, ...]:
    """The minutes of the week that `minute hour * * weekday` names; ValueError for anything else.

    Every field takes numbers, ranges, lists and steps; weekdays have names too, and Sunday is 0 or
    7. A day of the month or a month would be no week.
    """
    minute, hour, day, month, weekday = cron.split()
    if (day, month) != ("*", "*"):
        raise ValueError(cron)
    times = product(
        _field(weekday, 6, WEEKDAYS), sorted(_field(hour, 23)), sorted(_field(minute, 59))
    )
    return tuple(sorted(day * DAY + hour * 60 + minute for day, hour, minute in times))


def minimum_changes(windows: Iterable[Window], base: int) -> tuple[MinimumChange, ...]:
    """The moments of a week at which the minimum changes; none if it never does."""
    level = [base] * WEEK
    for window in windows:
        covered = bytearray(2 * WEEK)
        length = min(window.minutes, WEEK)
        for start in window.starts:
            covered[start : start + length] = b"\1" * length
        level = [
            max(size, window.size) if covered[minute] or covered[minute + WEEK] else size
            for minute, size in enumerate(level)
        ]
    return tuple(
        MinimumChange(minute, size)
        for minute, size in enumerate(level)
        if size != level[minute - 1]
    )


def _field(text: str, highest: int, names: tuple[str, ...] = ()) -> set[int]:
    """The numbers from 0 to `highest` that one field of a cron expression names."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        low = 0 if span == "*" else _number(first, names)
        high = highest if span == "*" else _number(last, names) if dash else low
        if names and low > high == 0:
            high = len(names)  # a week that ends with its Sunday
        stride = _number(step) if slash else 1
        if not low <= high <= highest + bool(names) or not stride or (slash and low == high):
            raise ValueError(text)
        found.update(range(low, high + 1, stride))
    return {value % len(names) for value in found} if names else found


def _number(text: str, names: tuple[str, ...] = ()) -> int:
    if text.lower() in names:
        return names.index(text.lower())
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise ValueError(text)
    return int(text)


def _listed(values: set[int], count: int) -> str:
    return "*" if len(values) == count else ",".join(map(str, sorted(values)))
