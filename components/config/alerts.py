"""Who hears of what only a cloud can notice."""

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import Field

from components.config.base import Matches, Settings
from components.config.placement import Cloud
from components.config.problems import Problem

TopicArn = Annotated[
    str,
    Matches(
        "an SNS topic's ARN, and no FIFO topic's",
        pattern=r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}",
        example="arn:aws:sns:us-east-1:123456789012:executors",
    ),
]
Channel = Annotated[
    str,
    Matches(
        "`projects/P/notificationChannels/N`",
        pattern=r"projects/[a-z0-9.:-]+/notificationChannels/[0-9]+",
        example="projects/my-project/notificationChannels/1234567890",
    ),
]

_PLACES: Mapping[Cloud, tuple[str, str]] = {
    "aws": ("an SNS topic", "region"),
    "gcp": ("a notification channel", "project"),
}


class Alerts(Settings):
    """Who is told when the queue size stops to arrive at a cloud, VMs cannot be launched, or a
    docker mirror's disk gets full or it falls silent.

    A cloud without targets gets no alarms but its mirrors'.
    """

    aws: Annotated[tuple[TopicArn, ...], Field(max_length=5)] = ()
    """SNS topics, one or more in `aws:region` and in every region of a pool."""
    gcp: Annotated[tuple[Channel, ...], Field(max_length=16)] = ()
    """Notification channels, one or more in `gcp:project` and in every project of a pool."""

    def targets(self, cloud: Cloud, place: str | None = None) -> list[str]:
        """A cloud's targets, or those of one region or project: an alarm reaches no others."""
        found: tuple[str, ...] = self.aws if cloud == "aws" else self.gcp
        return [target for target in found if place in (None, place_of(target))]


def place_of(target: str) -> str:
    """The region of a topic, the project of a channel."""
    return target.split("/")[1] if target.startswith("projects/") else target.split(":")[3]


def alert_problems(alerts: Alerts, places: Mapping[Cloud, set[str]]) -> Iterable[Problem]:
    """Targets in the wrong places; `places` are the regions and projects that a stack uses."""
    for cloud, (target, place) in _PLACES.items():
        found = {place_of(one) for one in alerts.targets(cloud)}
        used = places.get(cloud, set())
        for missing in sorted(used - found if found else set()):
            rule = f"{target} in every {place} that the stack uses"
            fix = f"add one of {missing}, or remove all"
            yield Problem(f"alerts.{cloud}", f"none in {missing}", rule, fix)
        for idle in sorted(found - used):
            rule = f"{target} in {' or '.join(sorted(used)) or f'no {place}'}, where the stack is"
            yield Problem(f"alerts.{cloud}", f"one in {idle}", rule, "remove it")
