"""Bad stack files: a change to the good one, the key that the message names, and words of it."""

from tests.unit.bad_stacks import alerts, executors, mirrors, placements, sizes, top_level

BAD = [
    *top_level.BAD,
    *mirrors.BAD,
    *executors.BAD,
    *placements.BAD,
    *sizes.BAD,
    *alerts.BAD,
]
"""Change, key path that the message names, words of the message."""
