"""A picture of a choice: how long jobs wait against what the VMs cost, by value."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import get_args

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import ScalarFormatter

from simulator.picture import GREY, STYLE, save
from simulator.sizing import Choice, Cloud, Figure

_LINES: Mapping[Cloud, tuple[str, str, str, float]] = {
    "aws": ("AWS", "#ff7f0e", "o-", 4),
    "gcp": ("GCP", "#1f77b4", "s--", -11),
}
"""Name, colour, style, and how far above its points their values stand."""
_WIDE = 10
"""Waits that differ by more are told apart on a logarithmic axis only."""


def draw(choice: Choice, figures: Iterable[Figure], path: Path, description: str) -> None:
    """Write an SVG with a plot for every trace: a point for every value, a line for every cloud."""
    found = [one for one in figures if one.choice == choice]
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(9, 3.2), layout="constrained")
        canvas.suptitle(f"Points: {choice.title}", fontsize=10)
        plots = canvas.subplots(1, len(choice.traces), squeeze=False)[0]
        for axes, trace in zip(plots, choice.traces, strict=True):
            axes.set_title(trace, loc="left", fontsize=9)
            for cloud in get_args(Cloud):
                _line(axes, cloud, [f for f in found if (f.trace, f.cloud) == (trace, cloud)])
            _scale(axes, [one.wait for one in found if one.trace == trace])
            axes.grid(color=GREY, alpha=0.25)
            axes.set_xlabel("VM-hours")
        plots[0].set_ylabel("p95 wait, minutes")
        lines = plots[0].get_lines()
        canvas.legend(handles=lines, loc="outside lower center", ncols=2, frameon=False)
        save(canvas, path, description)


def _scale(axes: Axes, waits: list[float]) -> None:
    axes.margins(x=0.08, y=0.15)
    if min(waits) > 0 and max(waits) > _WIDE * min(waits):
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(ScalarFormatter())
    else:
        axes.set_ylim(bottom=0)


def _line(axes: Axes, cloud: Cloud, figures: list[Figure]) -> None:
    label, colour, style, above = _LINES[cloud]
    hours, waits = [one.hours for one in figures], [one.wait / 60 for one in figures]
    axes.plot(hours, waits, style, color=colour, label=label, linewidth=1.2, markersize=4)
    for figure, x, y in zip(figures, hours, waits, strict=True):
        axes.annotate(
            str(figure.value),
            (x, y),
            xytext=(4, above),
            textcoords="offset points",
            color=colour,
            fontsize=8,
        )
