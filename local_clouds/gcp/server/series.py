"""Time series and the selectors that pick them.

A selector is the part of the Monitoring filter language that an autoscaler takes: comparisons with
`=` joined by AND (API document of AutoscalingPolicyCustomMetricUtilization.filter).
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from local_clouds.gcp.server.errors import invalid_field
from local_clouds.gcp.server.state import Cloud, Json

_COMPARISON = re.compile(
    r'\s*(?P<field>[\w.]+)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<word>[\w./-]+))'
    r"\s*(?:$|AND(?=\s+\S))"
)
_FIELDS = re.compile(r"(metric|resource)\.(type|labels?\.\w+)")
# How old the newest point may be; an older series counts as missing.
_FRESH = timedelta(minutes=10)


@dataclass(frozen=True)
class Selector:
    """Wanted values by field, such as {"metric.type": ..., "metric.labels.queueName": ...}."""

    wanted: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str, at: str) -> "Selector":
        """Parse a filter; raises ApiError 400 for anything but `field = value` joined by AND."""
        wanted, position = [], 0
        while position < len(text.rstrip()):
            match = _COMPARISON.match(text, position)
            if not match or not _FIELDS.fullmatch(match["field"]):
                rule = "Only comparisons like metric.labels.name = 'x', joined by AND, are allowed."
                raise invalid_field(at, text, rule)
            value = match["word"] if match["quoted"] is None else match["quoted"]
            wanted.append((match["field"].replace(".label.", ".labels."), value))
            position = match.end()
        return cls(tuple(wanted))

    @property
    def metric_type(self) -> str | None:
        """The metric type that the filter names, if it does."""
        return dict(self.wanted).get("metric.type")

    @property
    def resource_type(self) -> str | None:
        """The monitored resource type that the filter names, if it does."""
        return dict(self.wanted).get("resource.type")

    def matches(self, series: Json) -> bool:
        """Whether a series has every wanted value."""
        return all(_value(series, field) == value for field, value in self.wanted)


def _value(series: Json, field: str) -> str | None:
    part, _, rest = field.partition(".")
    if rest == "type":
        return series[part]["type"]
    return series[part].get("labels", {}).get(rest.removeprefix("labels."))


def newest_sum(cloud: Cloud, project: str, metric: str, selector: Selector) -> float | None:
    """The sum of the newest fresh points of the selected series; None when there is no point."""
    values = []
    for series in cloud.series.values():
        if series["project"] != project or series["metric"]["type"] != metric:
            continue
        newest = series["points"][-1]
        if selector.matches(series) and cloud.now() - end_of(newest) < _FRESH:
            value = newest["value"]
            values.append(float(value.get("int64Value", value.get("doubleValue", 0))))
    return sum(values) if values else None


def end_of(point: Json) -> datetime:
    """The end of a point's interval."""
    return datetime.fromisoformat(point["interval"]["endTime"])
