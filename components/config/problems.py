"""What is wrong with a stack, told so that it can be mended at once."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake in a stack file.

    `key` is the path of the setting (`pools.codeintel.max`), `found` what stands there (never a
    secret), `allowed` the rule and `fix` what to do about it.
    """

    key: str
    found: str
    allowed: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key}: found {self.found}; allowed: {self.allowed}; fix: {self.fix}"


class ConfigError(ValueError):
    """All mistakes of a stack file at once; raised before any resource is registered."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        noun = "mistake" if count == 1 else "mistakes"
        lines = "\n".join(f"  - {problem}" for problem in self.problems)
        super().__init__(f"{count} {noun} in the stack's configuration:\n{lines}")
