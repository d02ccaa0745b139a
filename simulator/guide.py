"""`make guide`: the numbers and pictures of docs/sizing.md and docs/simulator.md."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from typing import Any, NamedTuple

import yaml

from local_clouds.clouds import ROOT
from simulator import bench, curves, picture, sizing
from simulator.assumptions import Assumptions
from simulator.local import STACK, declared
from simulator.progress import Progress
from simulator.read import System
from simulator.result import Result
from simulator.sizing import CHOICES, Figure
from simulator.tables import filled, of_policy, tables
from simulator.targets import Figures
from simulator.traces import BUILT_IN

DOCS = ROOT / "docs"
PAGES = ("sizing.md", "simulator.md")
_BURST = f"{bench.VMS * sizing.SLOTS} jobs at once, {bench.VMS} VMs of {sizing.SLOTS} slots"
_BURSTS: Mapping[str, Mapping[str, str]] = {
    "sizing-scale-out.svg": {"AWS": "ours-aws", "GCP": "ours-gcp"},
    "simulator-burst.svg": {
        "this program, AWS": "ours-aws",
        "official module, AWS, N = slots": "official-aws-slots",
    },
}
"""Pictures of a burst: the policies in them, by what they are called there."""
_HOURS = {"sizing-scale-out.svg": 0.6}
"""Of a picture in which less than all is of interest."""
_ASSUMPTIONS, _SEED = Assumptions(), 1


class Found(NamedTuple):
    """All that the guide tells."""

    sizes: list[Figure]
    bench: Figures
    results: Mapping[tuple[str, str], Result]
    """By policy and trace."""

    def tables(self) -> dict[str, str]:
        """Tables of pages, by name."""
        return tables(self.sizes, self.bench)

    def descriptions(self) -> dict[str, str]:
        """What each picture shows, in words and numbers, by the picture's file."""
        made = self.tables()
        bursts = {
            file: "".join(
                f"{name}: {of_policy(self.bench[policy]['burst'])}\n"
                for name, policy in shown.items()
            )
            for file, shown in _BURSTS.items()
        }
        return {**{_file(choice): made[choice.name] for choice in CHOICES}, **bursts}


def configuration() -> dict[str, Any]:
    """The stack whose pools are simulated."""
    return sizing.configuration(yaml.safe_load(STACK.read_text())["config"])


def find(pools: Mapping[str, System], workers: Executor) -> Found:
    """Simulate everything."""
    figures, results = bench.measure(workers, list(_runs(pools)), "The policies")
    sizes = list(sizing.figures(pools, _ASSUMPTIONS, _SEED))
    return Found(sizes=sizes, bench=figures, results=results)


def main() -> None:
    """Write the tables into their pages, and the pictures beside them."""
    pools = declared(configuration(), Progress())
    with ProcessPoolExecutor() as workers:
        found = find(pools, workers)
    for page in PAGES:
        file = DOCS / page
        file.write_text(filled(file.read_text(), found.tables()))
    told = found.descriptions()
    for choice in CHOICES:
        curves.draw(choice, found.sizes, DOCS / _file(choice), told[_file(choice)])
    for name, shown in _BURSTS.items():
        results = {title: found.results[policy, "burst"] for title, policy in shown.items()}
        hours = _HOURS.get(name)
        picture.draw(results, _BURST, DOCS / name, hours=hours, description=told[name])
    print(f"Written in docs: {', '.join([*PAGES, *told])}.")


def _file(choice: sizing.Choice) -> str:
    return f"sizing-{choice.name}.svg"


def _runs(pools: Mapping[str, System]) -> Iterator[bench.Run]:
    for name in BUILT_IN:
        for policy, system in bench.policies(pools, name).items():
            if policy != "official-aws-360":
                yield bench.Run(policy, system, name, _ASSUMPTIONS, _SEED)
