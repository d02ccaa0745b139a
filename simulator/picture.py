"""A picture of what happened: queue, wanted, running and draining VMs over time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from simulator.result import Result

_GREY = "#808080"
"""Of text and axes: readable on a white and on a black page, as the background is neither."""
_LINES = (
    ("queued", "jobs that wait", "#d62728", "-"),
    ("wanted", "VMs wanted", "#1f77b4", "--"),
    ("running", "VMs that take jobs", "#2ca02c", "-"),
    ("draining", "VMs that drain", "#ff7f0e", "-"),
)
_STYLE: dict[Any, Any] = {
    "text.color": _GREY,
    "axes.labelcolor": _GREY,
    "axes.edgecolor": _GREY,
    "xtick.color": _GREY,
    "ytick.color": _GREY,
    "axes.titlecolor": _GREY,
    "legend.labelcolor": _GREY,
    "svg.hashsalt": "simulator",
    "svg.fonttype": "none",
    "font.size": 9,
}


def draw(results: Mapping[str, Result], title: str, path: Path) -> None:
    """Write an SVG with a row for every policy, all on the same axes."""
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(9, 0.9 + 1.8 * len(results)), layout="constrained")
        figure.suptitle(title, fontsize=10)
        rows = figure.subplots(len(results), sharex=True, sharey=True, squeeze=False)[:, 0]
        for axes, (policy, result) in zip(rows, results.items(), strict=True):
            hours = [sample.time / 3600 for sample in result.samples]
            for field, label, colour, style in _LINES:
                values = [getattr(sample, field) for sample in result.samples]
                axes.plot(hours, values, style, color=colour, label=label, linewidth=1.2)
            axes.set_title(policy, loc="left", fontsize=9)
            axes.set_yscale("symlog", linthresh=10)
            axes.grid(color=_GREY, alpha=0.25)
        rows[-1].set_xlabel("hours")
        rows[0].yaxis.set_major_formatter(ScalarFormatter())
        rows[0].set_ylim(bottom=0)
        lines = rows[0].get_lines()
        figure.legend(handles=lines, loc="outside lower center", ncols=4, frameon=False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, transparent=True, metadata={"Date": None})
