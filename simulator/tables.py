"""The simulator's numbers as tables of Markdown, which stand in pages of docs/."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from simulator.report import minutes
from simulator.sizing import CHOICES, Choice, Cloud, Figure
from simulator.targets import Figures

_BLOCK = re.compile(r"(?<=<!-- simulator: )([\w-]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
_NAMES: Mapping[Cloud, str] = {"aws": "AWS", "gcp": "GCP"}
_COSTS = {
    "backlog": "a backlog of hours",
    "diurnal": "a day's ups and downs",
    "burst": "one burst of 160 jobs",
    "many-small": "waves of small jobs",
}


def filled(page: str, tables: Mapping[str, str]) -> str:
    """A page with these tables between `<!-- simulator: NAME -->` and `<!-- end -->`.

    KeyError for a name that has no table.
    """
    return _BLOCK.sub(lambda found: f"{found[1]}{found[2]}{tables[found[1]]}", page)


def names(page: str) -> list[str]:
    """The tables that a page has."""
    return [found[1] for found in _BLOCK.finditer(page)]


def tables(sizes: Sequence[Figure], bench: Figures) -> dict[str, str]:
    """Every table by its name."""
    compared = {choice.name: _choice(choice, sizes) for choice in CHOICES}
    return {**compared, "costs": _costs(bench), "bench": _bench(bench)}


def _choice(choice: Choice, sizes: Iterable[Figure]) -> str:
    """p95 wait and VM-hours: a row for each value, a column for each trace and cloud."""
    cells = {(one.value, one.trace, one.cloud): one for one in sizes if one.choice == choice}
    columns = [(trace, cloud) for trace in choice.traces for cloud in get_args(Cloud)]
    head = [choice.title, *(f"{trace}, {_NAMES[cloud]}" for trace, cloud in columns)]
    rows = []
    for value in choice.values:
        found = [cells[value, trace, cloud] for trace, cloud in columns]
        rows.append([str(value), *(f"{minutes(one.wait)}, {one.hours:.1f}" for one in found)])
    return _table(head, rows)


def _costs(bench: Figures) -> str:
    """VM-hours per the oracle's."""
    policies = [f"ours-{cloud}" for cloud in get_args(Cloud)]
    rows = [
        [
            text,
            f"*{trace}*",
            *(f"{bench[policy][trace]['vm_hours_per_oracle']:.2f}" for policy in policies),
        ]
        for trace, text in _COSTS.items()
    ]
    return _table(["load", "trace", *_NAMES.values()], rows)


def _bench(bench: Figures) -> str:
    """Our policies beside the official modules'."""
    columns = {
        f"{who}, {_NAMES[cloud]}": policy.format(cloud)
        for cloud in get_args(Cloud)
        for who, policy in (("ours", "ours-{}"), ("official", "official-{}-slots"))
    }
    rows = []
    for trace in next(iter(bench.values())):
        found = [bench[policy][trace] for policy in columns.values()]
        rows.append([trace, *map(of_policy, found)])
    return _table(["trace", *columns], rows)


def of_policy(one: Mapping[str, Any]) -> str:
    """p95 wait, VM-hours per the oracle's, and interrupted jobs of one simulation."""
    return f"{minutes(one['wait_p95'])}, {one['vm_hours_per_oracle']:.2f}, {one['interrupted']}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    first, *others = (f"| {' | '.join(row)} |\n" for row in [head, *rows])
    return "".join([first, f"|{'---|' * len(head)}\n", *others])
