"""What is measured: the program, the flat program beside it, and the program with many pools."""

from pathlib import Path
from typing import Any

from tests import stacks
from tests.recorder import PROJECT

FLAT = Path(__file__).parent / "flat" / "__main__.py"


def nothing() -> None:
    """A program without resources: what any preview costs."""


def many_pools(number: int) -> dict[str, Any]:
    """The `dev` stack with `number` pools, copies of its own, by turns on AWS and on GCP.

    The pools of a cloud share its queue equally, as pools of one size do.
    """
    config = stacks.dev()
    patterns = list(config[f"{PROJECT}:pools"].items())
    pools = {}
    for index in range(number):
        name, settings = patterns[index % len(patterns)]
        pools[f"{name}-{index}"] = settings
    config[f"{PROJECT}:pools"] = pools
    return config
