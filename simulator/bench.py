"""`make bench-scaling`: our policies, the official modules' and the oracle on every trace."""

import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from typing import Any

import yaml

from simulator import baselines, picture, report
from simulator.assumptions import Assumptions, variations
from simulator.compare import measured
from simulator.local import DIRECTORY, STACK, declared
from simulator.progress import Progress
from simulator.read import System
from simulator.result import Result
from simulator.simulate import simulate
from simulator.targets import Figures, Target, targets
from simulator.traces import BUILT_IN, Trace, trace

_PROGRESS = Progress()
VMS = 40
"""What the traces are sized to; the pools may have more."""
MAX_CPU_SECONDS = 30.0
"""For 1,000 VMs and 100,000 jobs."""


@dataclass(frozen=True)
class Run:
    """One simulation to make."""

    policy: str
    system: System
    trace: str
    assumptions: Assumptions
    seed: int

    def make(self) -> tuple[str, str, Result]:
        """Make it."""
        result = simulate(self.system, self.scene(), self.assumptions, self.seed)
        return self.policy, self.trace, result

    def scene(self) -> Trace:
        """What happens in it."""
        return trace(self.trace, VMS, self.system.slots, self.seed)


def policies(pools: Mapping[str, System], trace_name: str) -> dict[str, System]:
    """What is compared, by name; the spot storm is for spot pools."""
    suffix = "-spot" if trace_name == "spot-storm" else ""
    aws, gcp = pools[f"aws{suffix}"], pools[f"gcp{suffix}"]
    return {
        "ours-aws": aws,
        "ours-gcp": gcp,
        "official-aws-360": baselines.aws(aws, baselines.AWS_JOBS_PER_INSTANCE),
        "official-aws-slots": baselines.aws(aws, aws.slots),
        "official-gcp-slots": baselines.gcp(gcp, gcp.slots),
    }


def runs(pools: Mapping[str, System], assumptions: Assumptions, seed: int) -> Iterator[Run]:
    """All simulations of one set of assumptions; ours also with the metric's other meaning."""
    for name in BUILT_IN:
        for policy, system in policies(pools, name).items():
            yield Run(policy, system, name, assumptions, seed)
            if policy.startswith("ours") and assumptions.metric == "outstanding":
                queued = replace(assumptions, metric="queued")
                yield Run(f"{policy}-queued", system, name, queued, seed)


def measure(
    pool: Executor, planned: list[Run], title: str
) -> tuple[Figures, dict[tuple[str, str], Result]]:
    """Figures by policy and trace, with the oracle's among them, and the results themselves."""
    results = {}
    futures = [pool.submit(run.make) for run in planned]
    for number, future in enumerate(as_completed(futures), 1):
        policy, name, result = future.result()
        results[policy, name] = result
        _PROGRESS.show(title, f"{number} of {len(futures)} simulations")
    figures: dict[str, dict[str, Any]] = {}
    for run in planned:
        one = {run.policy: results[run.policy, run.trace]}
        found = measured(one, run.system, run.scene(), run.assumptions)
        for policy, by_policy in found.items():
            figures.setdefault(policy, {})[run.trace] = by_policy
    return figures, results


def main(assumptions: Assumptions, seed: int, *, sensitivity: bool) -> None:
    """Run all, print the table, write the figures and the pictures."""
    pools = declared(yaml.safe_load(STACK.read_text())["config"], _PROGRESS)
    with ProcessPoolExecutor() as workers:
        planned = list(runs(pools, assumptions, seed))
        figures, results = measure(workers, planned, "The bench")
        reached = [*targets(figures), _speed(pools["aws-large"], assumptions)]
        _PROGRESS.done()
        print(report.figures_table(figures))
        print(report.targets_table(reached))
        if sensitivity:
            print(report.moved(reached, dict(_varied(workers, pools, assumptions, seed))))
    _write(figures, reached, results)


def _varied(
    workers: ProcessPoolExecutor, pools: Mapping[str, System], assumptions: Assumptions, seed: int
) -> Iterator[tuple[str, list[Target]]]:
    """The targets under each other assumption, and by other chance."""
    others = [(text, assumptions.changed(text), seed) for text in variations()]
    others += [(f"seed={seed + more}", assumptions, seed + more) for more in (1, 2)]
    for number, (text, changed, chance) in enumerate(others, 1):
        title = f"Assumption {number} of {len(others)}, {text}"
        figures, _ = measure(workers, list(runs(pools, changed, chance)), title)
        yield text, targets(figures)
    _PROGRESS.done()


def _speed(system: System, assumptions: Assumptions) -> Target:
    """How long 1,000 VMs and 100,000 jobs take on one core."""
    scene = trace("backlog", system.largest, system.slots, 1)
    started = time.process_time()
    result = simulate(system, scene, assumptions, 1)
    seconds = time.process_time() - started
    text = f"{result.largest} VMs and {result.done} jobs, {result.events / seconds:,.0f} events/s"
    return Target(name=f"{text}: seconds of CPU", value=seconds, limit=MAX_CPU_SECONDS)


def _write(
    figures: Figures, reached: list[Target], results: Mapping[tuple[str, str], Result]
) -> None:
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name, content in (
        ("scaling", figures),
        ("scaling-targets", [target.figures() for target in reached]),
    ):
        (DIRECTORY / f"{name}.json").write_text(json.dumps(content, indent=2) + "\n")
    for name in BUILT_IN:
        shown = {policy: results[policy, name] for policy in _PICTURED}
        picture.draw(shown, f"{name}, {VMS} VMs", DIRECTORY / f"scaling-{name}.svg")
    print(f"Also in {DIRECTORY / 'scaling.json'}, with a picture of each trace beside it.")


_PICTURED = ("ours-aws", "official-aws-slots", "ours-gcp", "official-gcp-slots")
