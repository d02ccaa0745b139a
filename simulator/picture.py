"""A picture of what happened: queue, wanted, running and draining VMs over time."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from simulator.result import Result

GREY = "#808080"
"""Of text and axes: readable on a white and on a black page, as the background is neither."""
_LINES = (
    ("queued", "jobs that wait", "#d62728", "-"),
    ("wanted", "VMs wanted", "#1f77b4", "--"),
    ("running", "VMs that take jobs", "#2ca02c", "-"),
    ("draining", "VMs that drain", "#ff7f0e", "-"),
)
STYLE: dict[Any, Any] = {
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "axes.titlecolor": GREY,
    "legend.labelcolor": GREY,
    "svg.hashsalt": "simulator",
    "svg.fonttype": "none",
    "font.size": 9,
}


def draw(
    results: Mapping[str, Result],
    title: str,
    path: Path,
    *,
    hours: float | None = None,
    description: str = "",
) -> None:
    """Write an SVG with a row for every policy, all on the same axes.

    `hours` is how much of the time is shown, all when None; `description` is for who cannot see it.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(9, 0.9 + 1.8 * len(results)), layout="constrained")
        figure.suptitle(title, fontsize=10)
        rows = figure.subplots(len(results), sharex=True, sharey=True, squeeze=False)[:, 0]
        for axes, (policy, result) in zip(rows, results.items(), strict=True):
            times = [sample.time / 3600 for sample in result.samples]
            for field, label, colour, style in _LINES:
                values = [getattr(sample, field) for sample in result.samples]
                axes.plot(times, values, style, color=colour, label=label, linewidth=1.2)
            axes.set_title(policy, loc="left", fontsize=9)
            axes.set_yscale("symlog", linthresh=10)
            axes.grid(color=GREY, alpha=0.25)
        rows[-1].set_xlabel("hours")
        rows[0].yaxis.set_major_formatter(ScalarFormatter())
        rows[0].set_ylim(bottom=0)
        rows[0].set_xlim(0, hours)
        lines = rows[0].get_lines()
        figure.legend(handles=lines, loc="outside lower center", ncols=4, frameon=False)
        save(figure, path, description)


def save(figure: Figure, path: Path, description: str) -> None:
    """Write an SVG without a background, and without the time, so that it is always the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"Date": None, "Description": description or None}
    figure.savefig(path, format="svg", transparent=True, metadata=metadata)
