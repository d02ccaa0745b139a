"""`make bench`: measures previews on this machine and reports them. It judges nothing.

Every run is a whole `preview` of a fresh process, as `make preview` does it: the engine's start,
the program's imports, configuration and registrations, and the providers' checks and diffs. The
providers are those of the local clouds; they never reach their cloud in a preview.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

from local_clouds.clouds import ROOT, Clouds, CloudsError
from local_clouds.stack import LocalStack, OperationError
from scripts.engine import EngineError
from tests import stacks
from tests.bench import programs
from tests.bench.measure import UnexpectedError, interleaved
from tests.bench.report import Machine, Report
from tests.bench.results import Pair, Pools

DIRECTORY = ROOT / "build" / "bench"
PAIRS = 8
POOLS = (1, 2, 10, 50, 100)
POOL_ROUNDS = 3


def main() -> int:
    """Measure, print the table, write `build/bench/preview.json`."""
    load = os.getloadavg()[0]
    if load > 1:
        print(f"The load average is {load:.1f}: CPU seconds are the better measure now.")
    try:
        with _clouds("program") as program, _clouds("flat") as flat:
            report = _measure(program, flat)
    except (CloudsError, EngineError, OperationError, UnexpectedError) as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    report.write(DIRECTORY / "preview.json")
    print(f"\n{report}\n\nAlso in {DIRECTORY / 'preview.json'}.")
    return 0


def _measure(program: Clouds, flat: Clouds) -> Report:
    config = stacks.dev()
    # Both claim the same names in their clouds, so each has clouds of its own.
    measured = {
        "program": LocalStack(clouds=program, name="dev", config=config),
        "flat": LocalStack(clouds=flat, name="dev", config=config, program=programs.FLAT),
    }
    idle = LocalStack(clouds=flat, name="idle", config=config, program=programs.nothing)
    created = interleaved("empty stack", {**measured, "nothing": idle}, PAIRS, expect="create")
    for stack in (*measured.values(), idle):
        stack.up()
    same = interleaved("no changes", {**measured, "nothing": idle}, PAIRS, expect="same")
    many = {
        str(number): LocalStack(
            clouds=program, name=f"pools-{number}", config=programs.many_pools(number)
        )
        for number in POOLS
    }
    pools = interleaved("pools", many, POOL_ROUNDS, expect="create")
    return Report(
        no_changes=Pair.of(same),
        empty_stack=Pair.of(created),
        pools=Pools.of({int(number): costs for number, costs in pools.items()}),
        machine=Machine.this(),
    )


@contextmanager
def _clouds(name: str) -> Generator[Clouds]:
    left = Clouds.running(DIRECTORY / name)
    if left is not None:
        # Of a bench that was killed; its stacks are up.
        left.stop()
    clouds = Clouds.start(DIRECTORY / name)
    try:
        yield clouds
    finally:
        clouds.stop()


if __name__ == "__main__":
    sys.exit(main())
