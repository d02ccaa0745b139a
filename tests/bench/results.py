"""What the measured costs say."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from tests.bench.measure import Cost


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Program / flat over the pairs of runs."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, program: Sequence[float], flat: Sequence[float]) -> Self:
        """From the runs of both, in the order of their pairs."""
        ratios = [one / other for one, other in zip(program, flat, strict=True)]
        return cls(median=statistics.median(ratios), lowest=min(ratios), highest=max(ratios))

    def __str__(self) -> str:
        return f"{self.median:.3f} ({self.lowest:.2f} to {self.highest:.2f})"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Previews of the `dev` stack by the program and by the flat program, run in turns."""

    program: Sequence[Cost]
    flat: Sequence[Cost]
    nothing: Sequence[Cost]
    """A program without resources: what the engine's start costs, in all of the above."""
    wall: Ratio
    cpu: Ratio

    @classmethod
    def of(cls, costs: Mapping[str, Sequence[Cost]]) -> Self:
        """From the runs of `program`, `flat` and `nothing`."""
        program, flat = costs["program"], costs["flat"]
        return cls(
            program=program,
            flat=flat,
            nothing=costs["nothing"],
            wall=Ratio.of([one.wall for one in program], [one.wall for one in flat]),
            cpu=Ratio.of([one.cpu for one in program], [one.cpu for one in flat]),
        )

    def row(self, title: str) -> str:
        """One line of the table: median wall times, and the ratios."""
        columns = [
            f"{statistics.median(cost.wall for cost in runs):6.2f} s"
            for runs in (self.program, self.flat, self.nothing)
        ]
        return f"{title:<14}{' '.join(columns)}  {self.wall!s:<23}{self.cpu}"


@dataclass(frozen=True, kw_only=True)
class Line:
    """The straight line (least squares) through seconds by number of pools."""

    start: float
    """Seconds for no pool."""
    slope: float
    """Seconds for one more pool."""
    deviation: float
    """The largest distance of a point from the line, as a part of the line's value there."""
    slopes: Sequence[float]
    """Slope from each point to the next; they grow when the cost is more than linear."""

    @classmethod
    def through(cls, points: Mapping[int, float]) -> Self:
        """From at least three points, fewest pools first."""
        slope, start = statistics.linear_regression(list(points), list(points.values()))
        distances = [
            abs(seconds / (start + slope * number) - 1) for number, seconds in points.items()
        ]
        slopes = [
            (after - before) / (more - fewer)
            for (fewer, before), (more, after) in pairwise(points.items())
        ]
        return cls(start=start, slope=slope, deviation=max(distances), slopes=slopes)

    def __str__(self) -> str:
        slopes = ", ".join(f"{slope:.2f}" for slope in self.slopes)
        return (
            f"{self.slope:.3f} s a pool ({slopes} from number to number), "
            f"at most {self.deviation:.0%} off the line"
        )


@dataclass(frozen=True, kw_only=True)
class Pools:
    """First previews of stacks with more and more pools, by turns on AWS and on GCP.

    The lines begin at two pools: one pool is on one cloud, and imports one SDK less.
    """

    runs: Mapping[int, Sequence[Cost]]
    wall: Line
    cpu: Line

    @classmethod
    def of(cls, runs: Mapping[int, Sequence[Cost]]) -> Self:
        """From the runs by number of pools, fewest first."""
        both_clouds = {number: costs for number, costs in runs.items() if number > 1}
        wall = {n: statistics.median(c.wall for c in costs) for n, costs in both_clouds.items()}
        cpu = {n: statistics.median(c.cpu for c in costs) for n, costs in both_clouds.items()}
        return cls(runs=runs, wall=Line.through(wall), cpu=Line.through(cpu))

    def __str__(self) -> str:
        medians = ", ".join(
            f"{number}: {statistics.median(cost.wall for cost in costs):.1f} s"
            for number, costs in self.runs.items()
        )
        return f"Pools         {medians}\n  wall time   {self.wall}\n  CPU time    {self.cpu}"
