"""What a stack declares, from the real engine on the local clouds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_clouds.clouds import ROOT, Clouds
from local_clouds.stack import LocalStack
from preview import Preview
from simulator.progress import Progress
from simulator.read import System, systems

DIRECTORY = ROOT / "build" / "bench"
STACK = Path(__file__).parent / "bench_stack.yaml"


def declared(config: Mapping[str, Any], progress: Progress) -> dict[str, System]:
    """The pools of a stack's configuration by their names, as the engine's preview has them."""
    progress.show("The engine lists what the stack declares")
    directory = DIRECTORY / "scaling"
    clouds = Clouds.running(directory) or Clouds.start(directory)
    try:
        digest = LocalStack(clouds=clouds, name="bench", config=config).digest()
    finally:
        clouds.stop()
    return {system.name: system for system in systems(Preview.of(digest))}
