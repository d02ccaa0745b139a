"""One line that says what is being done."""

import sys


class Progress:
    """Redraws its line on a terminal; elsewhere it prints a line when a new thing begins."""

    def __init__(self) -> None:
        self._what = ""

    def show(self, what: str, detail: str = "") -> None:
        """Say what is being done, and how far it is."""
        if sys.stdout.isatty():
            print(f"\r\x1b[K{what} … {detail}", end="", flush=True)
        elif what != self._what:
            print(f"{what} …", flush=True)
        self._what = what

    def done(self) -> None:
        """Leave room for the result."""
        if sys.stdout.isatty():
            print("\r\x1b[K", end="", flush=True)
