"""Simulates what a stack declares; `docs/simulator.md`.

`python -m simulator run PREVIEW` replays a trace through every pool of a preview that
`pulumi preview --json --show-sames` printed. `python -m simulator bench` compares our policies with
the official modules' and writes build/bench/scaling.json. `python -m simulator guide` writes the
numbers and pictures of docs/sizing.md and docs/simulator.md.
"""

import argparse
import sys
from pathlib import Path

from components.config import ConfigError
from preview import BootScriptError, PreviewError, read
from simulator import compare
from simulator.assumptions import AssumptionError, Assumptions
from simulator.traces import BUILT_IN, TraceError
from simulator.week import StartError, start_of


def main() -> int:
    """Run one command; 0 when it did what was asked; the bench judges, but does not fail."""
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="replay a trace through a preview's pools")
    run.add_argument("preview", type=Path)
    traces = f"{', '.join(BUILT_IN)}, all, or a CSV file of arrivals and durations in seconds"
    run.add_argument("--trace", default="burst", help=traces)
    starts = "when the trace starts, for schedules: Mon 06:00, or 2026-03-29 00:00 Europe/Berlin"
    run.add_argument("--start", default="Mon 00:00", help=starts)
    run.add_argument("--output", type=Path, default=Path("build/simulate"))
    bench = commands.add_parser("bench", help="compare our policies with the official modules'")
    bench.add_argument("--sensitivity", action="store_true", help="try every other assumption too")
    commands.add_parser("guide", help="write the numbers and pictures of the documentation")
    for command in (run, bench):
        command.add_argument("--assume", action="append", default=[], metavar="NAME=VALUE")
        command.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    try:
        if arguments.command == "guide":
            # Only this and the bench need the engine and the local clouds.
            from simulator import guide  # noqa: PLC0415

            guide.main()
            return 0
        assumptions = Assumptions.of(arguments.assume)
        if arguments.command == "bench":
            from simulator import bench as benchmark  # noqa: PLC0415

            benchmark.main(assumptions, arguments.seed, sensitivity=arguments.sensitivity)
            return 0
        start = start_of(arguments.start)
        preview = read(arguments.preview.read_text())
        trace, seed, output = arguments.trace, arguments.seed, arguments.output
        print(compare.compare(preview, trace, assumptions, seed, output, start=start))
    except (
        AssumptionError,
        BootScriptError,
        ConfigError,
        OSError,
        PreviewError,
        StartError,
        TraceError,
    ) as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
