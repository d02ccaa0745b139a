"""`make simulate`: a stack's pools beside the official modules' scaling of the same VMs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from preview import Preview
from simulator import baselines, picture, report
from simulator.assumptions import Assumptions
from simulator.declared import AwsPool
from simulator.oracle import foresee
from simulator.progress import Progress
from simulator.read import System, systems
from simulator.result import Result
from simulator.simulate import simulate
from simulator.traces import BUILT_IN, Trace, trace
from simulator.week import MONDAY


def compare(  # noqa: PLR0913 - what a command takes
    preview: Preview,
    name: str,
    assumptions: Assumptions,
    seed: int,
    directory: Path,
    *,
    start: datetime = MONDAY,
) -> str:
    """The table; JSON and a picture of each system and trace are written to the directory.

    Raises PreviewError, BootScriptError, ConfigError and TraceError.
    """
    progress, tables = Progress(), []
    for system in systems(preview):
        if not system.largest:
            tables.append(f"{system.name} is paused: nothing to simulate.\n")
            continue
        figures: dict[str, dict[str, Any]] = {}
        for chosen in BUILT_IN if name == "all" else [name]:
            scene = replace(trace(chosen, system.largest, system.slots, seed), start=start)
            progress.show(f"{system.name}: {scene.name}")
            results = {
                policy: simulate(one, scene, assumptions, seed)
                for policy, one in _policies(system).items()
            }
            for policy, one in measured(results, system, scene, assumptions).items():
                figures.setdefault(policy, {})[scene.name] = one
            place = directory / f"{preview.stack}-{system.name}-{scene.name}"
            title = f"{preview.stack}: {system.name}, {scene.name}"
            picture.draw(results, title, place.with_suffix(".svg"))
            content = {policy: by_trace[scene.name] for policy, by_trace in figures.items()}
            place.with_suffix(".json").write_text(json.dumps(content, indent=2) + "\n")
        progress.done()
        tables.append(f"{system.name}\n{report.figures_table(figures)}")
    return "\n".join([*tables, f"Pictures and figures: {directory}"])


def measured(
    results: Mapping[str, Result], system: System, scene: Trace, assumptions: Assumptions
) -> dict[str, dict[str, Any]]:
    """Figures by policy, with the oracle's among them."""
    oracle = foresee(system, scene, assumptions)
    figures = {
        policy: {
            **result.figures(),
            "seconds_to_capacity": result.seconds_to(oracle.vms, oracle.peak),
            "vm_hours_per_oracle": result.vm_hours / oracle.vm_hours,
        }
        for policy, result in results.items()
    }
    return {**figures, "oracle": asdict(oracle)}


def _policies(system: System) -> dict[str, System]:
    """The system as declared, and the official modules' scaling of the clouds that it is on."""
    policies = {"declared": system}
    on_aws = any(isinstance(pool, AwsPool) for pool in system.pools)
    if on_aws:
        default = baselines.AWS_JOBS_PER_INSTANCE
        policies[f"official AWS, N={default}"] = baselines.aws(system, default)
        policies["official AWS, N=slots"] = baselines.aws(system, system.slots)
    if not all(isinstance(pool, AwsPool) for pool in system.pools):
        policies["official GCP, N=slots"] = baselines.gcp(system, system.slots)
    return policies
