"""Bad targets of alerts."""

from typing import Any

from tests.unit.bad_stacks.keys import BA, BA_GCP, CI
from tests.unit.stacks import DELETED


def _alerts() -> list[tuple[dict[str, Any], str, str]]:
    topic = "arn:aws:sns:{}:123456789012:executors"
    channel = "projects/{}/notificationChannels/1"
    here, there = topic.format("us-east-1"), topic.format("eu-west-1")
    return [
        ({"alerts": [here]}, "alerts", "found a list; allowed: a mapping"),
        ({"alerts": {"azure": []}}, "alerts.azure", "allowed: aws, gcp"),
        ({"alerts": {"aws": here}}, "alerts.aws", "allowed: a list"),
        ({"alerts": {"aws": ["executors"]}}, "alerts.aws[0]", "an SNS topic's ARN"),
        ({"alerts": {"aws": [f"{here}.fifo"]}}, "alerts.aws[0]", "no FIFO topic's"),
        ({"alerts": {"aws": [here] * 6}}, "alerts.aws", "at most 5"),
        ({"alerts": {"aws": [there]}}, "alerts.aws", "one in eu-west-1"),
        ({"alerts": {"gcp": ["1234"]}}, "alerts.gcp[0]", "`projects/P/notificationChannels/N`"),
        ({"alerts": {"gcp": [channel.format("other")]}}, "alerts.gcp", "one in other"),
        (
            {
                "alerts": {"gcp": [channel.format("acme-executors")]},
                f"{BA_GCP}.project": "another-project",
                f"{BA}.min": 6,
            },
            "alerts.gcp",
            "found none in another-project",
        ),
        ({"alerts": {"aws": [here]}, CI: DELETED}, "alerts.aws", "no region, where the stack is"),
    ]


BAD = _alerts()
