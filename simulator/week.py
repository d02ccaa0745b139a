"""Times of the week in a time zone, as seconds of a simulation."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from components.schedules import DAY, WEEKDAYS, starts_of
from preview import PreviewError

MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
"""When a simulation starts unless it is told. No clock changes in that week."""


T = TypeVar("T")


class StartError(ValueError):
    """A text that names no time to start at."""


def start_of(text: str) -> datetime:
    """The time that `DAY HH:MM` or `DAY HH:MM ZONE` names.

    The day is a weekday, then of a week without a change of clocks, or a date such as 2026-03-29.
    The zone is a name of the IANA time zone database, Etc/UTC without one. Raises StartError.
    """
    day, _, rest = text.strip().partition(" ")
    clock, _, zone = rest.strip().partition(" ")
    try:
        weekday = WEEKDAYS.index(day.lower()) if day.isalpha() else None
        on = date.fromisoformat(day) if weekday is None else _of_the_week(weekday)
        return datetime.combine(on, time.fromisoformat(clock), ZoneInfo(zone or "Etc/UTC"))
    except (ValueError, LookupError, OSError):
        raise StartError(
            f"--start {text!r}: it is a weekday or a date, a time, and a time zone if it is not"
            " UTC; write it like Mon 06:00, or 2026-03-29 00:00 Europe/Berlin"
        ) from None


def _of_the_week(weekday: int) -> date:
    return MONDAY.date() + timedelta(days=(weekday - 1) % 7)


@dataclass(frozen=True, kw_only=True)
class Weekly:
    """What happens at the same minutes of every week by the clocks of a place."""

    minutes: tuple[int, ...]
    """Since Sunday 00:00; sorted."""
    time_zone: str

    def times(self, start: datetime, since: float) -> Iterator[float]:
        """Seconds from `start` of every time from `since` (which may be negative) on, for ever.

        A minute that the clocks show twice counts once, the first time; one that they skip is as
        much later as they skip. How the clouds do that is not documented.
        """
        zone = ZoneInfo(self.time_zone)
        # A day earlier, as a change of clocks can move a time across midnight.
        day = (start + timedelta(seconds=since)).astimezone(zone).date() - timedelta(days=1)
        while self.minutes:
            weekday = day.isoweekday() % 7
            midnight = datetime.combine(day, time(), zone)
            found = [
                (midnight + timedelta(minutes=minute % DAY)).timestamp() - start.timestamp()
                for minute in self.minutes
                if minute // DAY == weekday
            ]
            yield from (seconds for seconds in sorted(found) if seconds >= since)
            day += timedelta(days=1)


def weekly(name: str, cron: str, time_zone: str | None) -> Weekly:
    """What a schedule's cron expression names; both clouds take UTC without a time zone.

    Raises PreviewError for other expressions than `components.schedules.starts_of` reads.
    """
    try:
        return Weekly(minutes=starts_of(cron), time_zone=ZoneInfo(time_zone or "UTC").key)
    except (ValueError, LookupError, OSError):
        raise PreviewError(
            f"{name}: {cron!r} in the time zone {time_zone} is not simulated; minutes, hours and"
            " weekdays are, such as 30 7 * * 1-5, in a zone of the IANA database"
        ) from None


def merged(events: Iterable[tuple[Iterator[float], T]]) -> Iterator[tuple[float, T]]:
    """What happens at which time, in order; of one time, in the order given."""

    def each(times: Iterator[float], what: T) -> Iterator[tuple[float, T]]:
        return ((time, what) for time in times)

    return heapq.merge(*(each(times, what) for times, what in events), key=lambda one: one[0])
