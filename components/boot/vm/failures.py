"""What can go wrong, and how it is told."""

from __future__ import annotations

import sys


class BootError(Exception):
    """The VM cannot be configured; the message is a sentence for the journal without a secret."""


def tell(message: str) -> None:
    """Write one line to stderr, which both clouds' script runners pass on to the journal."""
    print("executor-boot: " + " ".join(message.split()), file=sys.stderr, flush=True)
