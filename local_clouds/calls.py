"""What callers of the local clouds did, and whether they were allowed to."""

import json
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

AWS, GCP = "aws-calls.jsonl", "gcp-calls.jsonl"
"""Files in the directory of the clouds."""


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One permission that a request needed."""

    permission: str
    """An AWS action such as `iam:PassRole`, or a GCP permission."""
    resource: str
    allowed: bool


class CallLog:
    """Permissions that requests needed, each kind once, in a file that tests read."""

    def __init__(self, path: Path) -> None:
        """Begin the file anew."""
        path.write_text("")
        self._path = path
        self._lock = threading.Lock()
        self._seen: set[CallRecord] = set()

    def note(self, records: Iterable[CallRecord]) -> None:
        """Keep what was not seen before."""
        with self._lock, self._path.open("a") as file:
            for record in records:
                if record not in self._seen:
                    self._seen.add(record)
                    file.write(json.dumps(asdict(record)) + "\n")


def read(path: Path) -> list[CallRecord]:
    """Everything that was noted in a file, oldest first."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [CallRecord(**json.loads(line)) for line in lines]
