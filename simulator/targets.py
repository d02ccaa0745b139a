"""What our policies are held to, each a number against the baselines of the same run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Figures = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Policy -> trace -> figures."""

CLOUDS = ("aws", "gcp")
CAPACITY_SECONDS = 180.0
FASTER = 60.0
AS_GOOD = 1.01
"""Waits of equal policies differ by less, by the chance of their VMs' boots."""
RATIOS = {"burst": 1.5, "ramp": 1.25, "diurnal": 1.25}
"""VM-hours per the oracle's, by trace."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A number and its limit, which is the most (or the least) that it may be."""

    name: str
    value: float | None
    """None where what it measures never happened."""
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the number is within its limit; a baseline that never gets there is no limit."""
        if self.value is None:
            return self.at_least
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def figures(self) -> dict[str, Any]:
        """As JSON."""
        return {**vars(self), "met": self.met}


def targets(figures: Figures) -> list[Target]:
    """Every target, in the order of importance."""
    return [
        *_fast(figures),
        *_safe(figures),
        *(target for cloud in CLOUDS for target in _waits(figures, cloud)),
        *_cheap(figures),
    ]


def _fast(figures: Figures) -> Iterator[Target]:
    for cloud in CLOUDS:
        yield Target(
            name=f"{cloud}: seconds until the burst's 40 VMs are requested",
            value=figures[f"ours-{cloud}"]["burst"]["seconds_to_capacity"],
            limit=CAPACITY_SECONDS,
        )
    ours, official = (
        figures[policy]["backlog"]["seconds_to_capacity"]
        for policy in ("ours-aws", "official-aws-slots")
    )
    yield Target(
        name="aws: times faster than the official module with the same N, on the backlog",
        value=official / ours if official is not None and ours is not None else None,
        limit=FASTER,
        at_least=True,
    )
    yield Target(
        name="gcp: seconds until the burst's VMs are requested, against the official module",
        value=figures["ours-gcp"]["burst"]["seconds_to_capacity"],
        limit=figures["official-gcp-slots"]["burst"]["seconds_to_capacity"],
    )


def _safe(figures: Figures) -> Iterator[Target]:
    for policy, by_trace in figures.items():
        if policy.startswith("ours"):
            lost = sum(one["interrupted"] for one in by_trace.values())
            name = f"{policy}: jobs interrupted on all traces, except by the spot market"
            yield Target(name=name, value=lost, limit=0)


def _waits(figures: Figures, cloud: str) -> Iterator[Target]:
    baselines = [policy for policy in figures if policy.startswith(f"official-{cloud}")]
    for trace, ours in figures[f"ours-{cloud}"].items():
        best = min(figures[policy][trace]["wait_p95"] for policy in baselines)
        name = f"{cloud}: p95 wait on {trace}, against the cloud's best baseline"
        yield Target(name=name, value=ours["wait_p95"], limit=AS_GOOD * best)


def _cheap(figures: Figures) -> Iterator[Target]:
    for cloud in CLOUDS:
        for trace, limit in RATIOS.items():
            ratio = figures[f"ours-{cloud}"][trace]["vm_hours_per_oracle"]
            yield Target(
                name=f"{cloud}: VM-hours per the oracle's on {trace}", value=ratio, limit=limit
            )
