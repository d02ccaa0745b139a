"""`Schedule`: a minimum size for some hours of the week."""

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from components.config.base import Settings, Words, reject
from components.config.types import MAX_VMS, Duration, seconds
from components.schedules import WEEK, Window, starts_of

_CRON = "minute, hour, * * and weekdays"


def _cron(value: str) -> str:
    try:
        starts_of(value)
    except ValueError:
        reject(f"{_CRON}, each a number, a range, a list or *", "write it like 30 7 * * MON-FRI")
    return value


def _time_zone(value: str) -> str:
    try:
        # AWS takes canonical names only, which have an area; others may be files of this machine.
        known = "/" in value and value[0].isupper() and ZoneInfo(value).key == value
    except (ValueError, LookupError, OSError):
        known = False
    if not known:
        reject("a name of the IANA time zone database", "write it like Europe/Berlin or Etc/UTC")
    return value


def _duration(value: str) -> str:
    length = seconds(value)
    if length % 60 or not 300 <= length < WEEK * 60:
        reject("whole minutes, at least 5m and less than 168h", "write it like 10h or 9h30m")
    return value


class Schedule(Settings):
    """Hours of the week in which a pool keeps more VMs than its `min`."""

    cron: Annotated[
        str,
        Field(max_length=200),
        AfterValidator(_cron),
        Words(f"{_CRON}, such as `30 7 * * MON-FRI`"),
    ]
    """When it begins; VMs need some minutes more until they take jobs."""
    time_zone: Annotated[
        str,
        Field(max_length=64),
        AfterValidator(_time_zone),
        Words("a name of the IANA time zone database, such as Europe/Berlin"),
    ] = "Etc/UTC"
    """Time zone of `cron`; the same for all schedules of a pool."""
    duration: Annotated[
        Duration,
        AfterValidator(_duration),
        Words("whole minutes, at least 5m and less than 168h, such as 9h30m"),
    ]
    """How long it lasts."""
    min: Annotated[int, Field(ge=1, le=MAX_VMS)]
    """Fewest VMs meanwhile: more than the pool's `min`. Where schedules overlap, the largest."""

    def window(self, name: str) -> Window:
        """The schedule in minutes of the week."""
        minutes = round(seconds(self.duration)) // 60
        return Window(name=name, starts=starts_of(self.cron), minutes=minutes, size=self.min)
