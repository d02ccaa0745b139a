"""Scaling schedules of autoscalers, as far as they come again every day or week.

Sources: API document of AutoscalingPolicyScalingSchedule;
https://cloud.google.com/compute/docs/autoscaler/scaling-schedules.
"""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from local_clouds.gcp.server.errors import invalid_field, not_implemented
from local_clouds.gcp.server.state import Json

_MOST = 128
_SHORTEST_SECONDS = 300
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_FIELDS = {"minute": (0, 59), "hour": (0, 23), "day": (1, 31), "month": (1, 12), "weekday": (0, 7)}
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_PART = re.compile(r"(?:(\*)|([A-Z]+|\d+)(?:-([A-Z]+|\d+))?)(?:/([1-9]\d*))?", re.IGNORECASE)


def check(schedules: Json, at: str) -> None:
    """Refuse what the API refuses; raises ApiError 400."""
    if len(schedules) > _MOST:
        raise invalid_field(at, len(schedules), "At most 128 schedules.")
    for name, schedule in schedules.items():
        where = f"{at}.{name}"
        if not _NAME.fullmatch(name):
            raise invalid_field(at, name, f"Must be a match of regex '{_NAME.pattern}'")
        for field in ("schedule", "durationSec", "minRequiredReplicas"):
            if schedule.get(field) is None:
                raise invalid_field(f"{where}.{field}", "", "No value was given.")
        for field, lowest in (("durationSec", _SHORTEST_SECONDS), ("minRequiredReplicas", 0)):
            if schedule[field] < lowest:
                rule = f"Must be at least {lowest}."
                raise invalid_field(f"{where}.{field}", schedule[field], rule)
        _zone(schedule, f"{where}.timeZone")
        _times(schedule["schedule"], f"{where}.schedule")


def active(schedule: Json, now: datetime) -> bool:
    """Whether the schedule is in force at `now`."""
    if schedule.get("disabled"):
        return False
    zone, times = _zone(schedule, "timeZone"), _times(schedule["schedule"], "schedule")
    for ago in range(-(-schedule["durationSec"] // 60)):
        start = (now - timedelta(minutes=ago)).astimezone(zone)
        if (start.isoweekday() % 7, start.hour, start.minute) in times:
            return True
    return False


def _zone(schedule: Json, at: str) -> ZoneInfo:
    name = schedule.get("timeZone") or "UTC"
    try:
        return ZoneInfo(name)
    except (ValueError, LookupError, OSError):
        raise invalid_field(at, name, "Must be a name of the tz database.") from None


def _times(cron: str, at: str) -> set[tuple[int, int, int]]:
    """Weekday (Sunday is 0), hour and minute of every start."""
    fields = cron.split()
    if len(fields) not in {5, 6}:
        raise invalid_field(at, cron, "Must be a cron expression.")
    found = {
        name: _numbers(field, name, low, high, at)
        for field, (name, (low, high)) in zip(fields, _FIELDS.items(), strict=False)
    }
    if len(fields) == 6 or fields[2] != "*" or fields[3] != "*":
        raise not_implemented("Schedules of days of the month, months and years")
    return {
        (weekday % 7, hour, minute)
        for weekday in found["weekday"]
        for hour in found["hour"]
        for minute in found["minute"]
    }


def _numbers(field: str, name: str, low: int, high: int, at: str) -> set[int]:
    found: set[int] = set()
    for part in field.split(","):
        match = _PART.fullmatch(part)
        if not match:
            raise invalid_field(at, part, f"It is no {name} of a cron expression.")
        first = low if match[1] else _number(match[2], name)
        last = high if match[1] else _number(match[3] or match[2], name)
        if not low <= first <= last <= high:
            raise invalid_field(at, part, f"Must be from {low} to {high}.")
        found.update(range(first, last + 1, int(match[4] or 1)))
    return found


def _number(text: str, name: str) -> int:
    if name == "weekday" and text.upper() in _DAYS:
        return _DAYS.index(text.upper())
    return int(text) if text.isdigit() else -1
