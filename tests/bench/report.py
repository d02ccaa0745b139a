"""The report: a short table, and the same as JSON, whose keys are the fields here."""

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Self

from scripts import engine
from tests.bench.results import Pair, Pools

RATIO_TARGET = 1.15


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What the numbers were taken on."""

    cores: int
    load_average: float
    """Of the last minute of the measurements; they alone cause 1 to 2."""
    python: str
    engine: str
    packages: Mapping[str, str]
    """Versions of the SDKs."""

    @classmethod
    def this(cls) -> Self:
        """This machine, now."""
        answer = subprocess.run(
            [engine.prepare(), "version"], capture_output=True, text=True, check=True
        )
        return cls(
            cores=os.cpu_count() or 1,
            load_average=os.getloadavg()[0],
            python=platform.python_version(),
            engine=answer.stdout.strip(),
            packages={name: version(name) for name in ("pulumi", "pulumi-aws", "pulumi-gcp")},
        )

    def __str__(self) -> str:
        packages = ", ".join(f"{name} {number}" for name, number in self.packages.items())
        return (
            f"{self.cores} cores, load {self.load_average:.1f}, Python {self.python}, "
            f"engine {self.engine}, {packages}"
        )


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that was measured."""

    no_changes: Pair
    """The stack is up and stays as it is, as before most pull requests: the headline."""
    empty_stack: Pair
    """Nothing exists yet; outputs are unknown, so no boot script is rendered."""
    pools: Pools
    machine: Machine

    def write(self, path: Path) -> None:
        """Write all as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=2) + "\n")

    def __str__(self) -> str:
        return "\n".join(
            [
                "Preview of dev program     flat  nothing  program / flat         in CPU seconds",
                self.no_changes.row("no changes"),
                self.empty_stack.row("empty stack"),
                f"Target: program / flat at most {RATIO_TARGET}, with no changes",
                "",
                str(self.pools),
                "Target: linear",
                "",
                str(self.machine),
            ]
        )
