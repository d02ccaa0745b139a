"""What is wrong with a stack, told so that it can be mended at once."""

from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST_PART = 400
_MOST_SHOWN = 100


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
        key, found, allowed, fix = map(_clip, (self.key, self.found, self.allowed, self.fix))
        return f"{key}: found {found}; allowed: {allowed}; fix: {fix}"


def _clip(text: str) -> str:
    return text if len(text) <= _LONGEST_PART else f"{text[: _LONGEST_PART - 4]} ..."


class ConfigError(ValueError):
    """All mistakes of a stack file at once; raised before any resource is registered."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        noun = "mistake" if count == 1 else "mistakes"
        lines = [f"  - {problem}" for problem in self.problems[:_MOST_SHOWN]]
        more = [f"  ... and {count - _MOST_SHOWN} more"] if count > _MOST_SHOWN else []
        text = "\n".join([*lines, *more])
        super().__init__(f"{count} {noun} in the stack's configuration:\n{text}")
