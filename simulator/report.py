"""Results as tables of text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from simulator.targets import Figures, Target

_COLUMNS: Sequence[tuple[str, Callable[[Mapping[str, Any]], str]]] = (
    ("capacity", lambda one: minutes(one["seconds_to_capacity"])),
    ("p50 wait", lambda one: minutes(one["wait_p50"])),
    ("p95", lambda one: minutes(one["wait_p95"])),
    ("p99", lambda one: minutes(one["wait_p99"])),
    ("makespan", lambda one: minutes(one["makespan"])),
    ("VM-hours", lambda one: f"{one['vm_hours']:.1f}"),
    ("/ oracle", lambda one: f"{one['vm_hours_per_oracle']:.2f}"),
    ("idle", lambda one: f"{one['idle_vm_hours']:.1f}"),
    ("most VMs", lambda one: str(one["largest"])),
    ("overshoot", lambda one: str(one["overshoot"])),
    ("interrupted", lambda one: str(one["interrupted"])),
    ("to spot", lambda one: str(one["lost_to_spot"])),
    ("failed", lambda one: str(one["failed"])),
    ("broken", lambda one: _unless_zero(str, one["broken"])),
    ("their hours", lambda one: _unless_zero("{:.1f}".format, one["broken_vm_hours"])),
    ("refused", lambda one: _unless_zero(str, one["refused"])),
    ("for VM-hours", lambda one: _unless_zero("{:.1f}".format, one["refused_vm_hours"])),
)


def figures_table(figures: Figures) -> str:
    """Every trace with a row for every policy; waits and times in minutes and seconds."""
    rows = [["trace", "policy", *(name for name, _ in _COLUMNS)]]
    traces = dict.fromkeys(trace for by_trace in figures.values() for trace in by_trace)
    for trace in traces:
        for policy, by_trace in figures.items():
            if policy != "oracle":
                rows.append([trace, policy, *(cell(by_trace[trace]) for _, cell in _COLUMNS)])
        oracle = figures["oracle"][trace]
        cells = ["", "", minutes(oracle["wait_p95"]), "", ""]
        cells += [f"{oracle['vm_hours']:.1f}", "1.00", "", str(oracle["vms"])]
        rows.append([trace, "oracle", *cells, *[""] * (len(_COLUMNS) - len(cells))])
    # What happened nowhere needs no column.
    told = [column for column in zip(*rows, strict=True) if any(column[1:])]
    return _aligned(list(zip(*told, strict=True)))


def targets_table(targets: Iterable[Target]) -> str:
    """Each target with its number and its limit."""
    rows = [["", "number", "limit", "target"]]
    for one in targets:
        sign = "≥" if one.at_least else "≤"
        value = "never" if one.value is None else f"{one.value:.2f}"
        rows.append(["met" if one.met else "MISSED", value, f"{sign} {one.limit:.2f}", one.name])
    return _aligned(rows, left=(0, 3))


def moved(base: Iterable[Target], varied: Mapping[str, Sequence[Target]]) -> str:
    """Which targets are met or missed otherwise under another assumption."""
    before = {target.name: target for target in base}
    lines = []
    for text, targets in varied.items():
        changed = [one for one in targets if one.met != before[one.name].met]
        verdicts = [
            f"  {'met' if one.met else 'MISSED'}, {_number(one)}: {one.name}" for one in changed
        ]
        lines += [f"{text}:", *verdicts] if changed else [f"{text}: nothing moves"]
    return "\n".join(["What the assumptions decide:", *lines, ""])


def _number(target: Target) -> str:
    return "never" if target.value is None else f"{target.value:.2f}"


def _unless_zero(text: Callable[[Any], str], value: float) -> str:
    return text(value) if value else ""


def minutes(value: float | None) -> str:
    """Seconds as minutes and seconds; never for None."""
    if value is None:
        return "never"
    whole, seconds = divmod(round(value), 60)
    return f"{whole}:{seconds:02}"


def _aligned(rows: Sequence[Sequence[str]], left: tuple[int, ...] = (0, 1)) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if number in left else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join([*lines, ""])
