"""The table of pools: sizes, scaling and cost, before the change and after it."""

from collections.abc import Iterable, Iterator, Sequence

from preview import Preview, PreviewError, Resource, Resources
from review.cost import Prices, UnknownCostError, hourly
from review.fleet import GROUPS, Fleet, after, before, fleet
from review.markdown import arrow, code
from review.red_lines import pools
from review.scaling import duration, time_to_max

_HEAD = ("Pool", "VMs", "Jobs per VM", "Time to max", "Cost an hour at min", "at max")
_MEANING = (
    "- Time to max: once the queue needs all VMs of a pool, all of them are asked for within this "
    "time (simulated, from the usual minimum on). Then they boot."
)


def table(preview: Preview) -> str:
    """Markdown, empty for a stack without pools."""
    prices: Prices = preview.setting("prices") or {}
    rows, costs, notes, scales = [], [], [], False
    for name, changes in pools(preview).items():
        sides = fleet(changes, before), fleet(changes, after)
        times = [
            _time(sides[0], preview.before, [change.before for change in changes]),
            _time(sides[1], preview.after, [change.after for change in changes]),
        ]
        cost = [_cost(side, end, prices) for end in ("smallest", "largest") for side in sides]
        told = [arrow(*map(of, sides)) for of in (_range, _jobs)]
        rows.append([code(name), *told, arrow(*map(_duration, times)), *_money(cost)])
        costs.append(cost)
        notes += [*_unknown("time to max", name, times), *_unknown("cost", name, cost)]
        scales = scales or any(isinstance(time, float) for time in times)
    if not rows:
        return ""
    total = [_sum(column) for column in zip(*costs, strict=True)]
    rows.append(["**all**", "", "", "", *_money(total)])
    lines = ["| " + " | ".join(row) + " |" for row in [_HEAD, ["---"] * len(_HEAD), *rows]]
    # Both sides of a pool may have the same reason.
    notes = list(dict.fromkeys([*([_MEANING] if scales else []), *notes]))
    return "\n".join([*lines, *(["", *notes] if notes else [])])


def _time(
    pool: Fleet | None, resources: Resources, own: Iterable[Resource | None]
) -> float | str | None:
    """A time to max, or why it is not known."""
    group = next((one for one in own if one is not None and one.type in GROUPS), None)
    try:
        return time_to_max(pool, resources, group)
    except PreviewError as reason:
        return str(reason)


def _duration(time: float | str | None) -> str:
    return "unknown" if isinstance(time, str) else duration(time)


def _cost(pool: Fleet | None, end: str, prices: Prices) -> float | str:
    """A cost, or why it is not known."""
    try:
        return hourly(pool, getattr(pool, end, 0), prices)
    except UnknownCostError as reason:
        return str(reason)


def _sum(costs: Sequence[float | str]) -> float | str:
    known = [cost for cost in costs if not isinstance(cost, str)]
    return sum(known) if len(known) == len(costs) else "of one pool it is"


def _money(cost: Sequence[float | str]) -> list[str]:
    """Before and after at min, then at max."""
    texts = ["unknown" if isinstance(one, str) else f"{one:.2f}" for one in cost]
    return [arrow(*texts[:2]), arrow(*texts[2:])]


def _unknown(what: str, pool: str, figures: Iterable[float | str | None]) -> Iterator[str]:
    for why in figures:
        if isinstance(why, str):
            # A reason may quote the change, so it is shown as a value is.
            yield f"- The {what} of {code(pool)} is unknown: {code(why)}."


def _range(pool: Fleet | None) -> str:
    if pool is None:
        return "none"
    if pool.is_paused:
        return "paused"
    sizes = ["?" if size is None else str(size) for size in (pool.smallest, pool.largest)]
    return sizes[0] if sizes[0] == sizes[1] else f"{sizes[0]} to {sizes[1]}"


def _jobs(pool: Fleet | None) -> str:
    return (pool.jobs_per_vm if pool else "") or "-"
