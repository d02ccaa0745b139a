"""What the commands print besides the engine's own display."""

from collections.abc import Mapping, Sequence
from typing import Any

_COLUMNS = ("cloud", "region", "queues", "min", "max", "group")

NEXT_STEPS = """\
Nothing here costs anything: the resources exist in the local clouds only. On a real cloud:
  cp Pulumi.dev.yaml Pulumi.prod.yaml && pulumi stack init prod   # then edit the copy
  pulumi config set --secret accessToken                          # executors.accessToken
  pulumi install && pulumi up                                     # the README has the rest
Locally: make wiring shows what the Sourcegraph side needs, make down takes it all away."""


def pool_table(pools: Mapping[str, Mapping[str, Any]]) -> str:
    """One line for each pool; what a pool does not state is a dash."""
    rows = [["pool", *_COLUMNS]]
    for name, pool in pools.items():
        rows.append([name, *(_cell(pool.get(column)) for column in _COLUMNS)])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _cell(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value)) or "-"
    return str(value)
