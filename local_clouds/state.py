"""The engine's state files, read without the engine: which stacks hold what."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class StackState:
    """What the engine last wrote about one stack."""

    name: str
    resources: tuple[dict[str, Any], ...]
    """Resources that a cloud holds: neither components, providers nor the stack itself."""
    interrupted: bool
    """Whether a run was killed while a cloud was at work, so that nobody knows the outcome."""

    @classmethod
    def read(cls, file: Path) -> Self:
        """The state in a checkpoint file of a file backend."""
        latest = json.loads(file.read_text())["checkpoint"].get("latest") or {}
        held = [
            resource
            for resource in latest.get("resources") or []
            if resource.get("custom") and not resource["type"].startswith("pulumi:")
        ]
        return cls(
            name=file.stem,
            resources=tuple(held),
            interrupted=bool(latest.get("pending_operations")),
        )

    def ids(self) -> set[str]:
        """Ids of the resources, as the clouds know them."""
        return {resource["id"] for resource in self.resources if resource.get("id")}

    def aws_regions(self) -> set[str]:
        """AWS regions that the resources are in."""
        held = (found for found in self.resources if found["type"].startswith("aws:"))
        outputs = (resource.get("outputs") or {} for resource in held)
        return {output["region"] for output in outputs if isinstance(output.get("region"), str)}


def backend(directory: Path) -> Path:
    """Where the engine keeps the state of all stacks in the clouds of `directory`."""
    return directory / "state"


def path(directory: Path, project: str, stack: str) -> Path:
    """The engine's file about one stack."""
    return backend(directory) / ".pulumi" / "stacks" / project / f"{stack}.json"


def read_all(directory: Path) -> list[StackState]:
    """Every stack that holds resources in the local clouds of `directory`, by name."""
    states = []
    for file in sorted(backend(directory).glob(".pulumi/stacks/*/*.json")):
        try:
            states.append(StackState.read(file))
        except (ValueError, KeyError):
            # Half written by a run that was killed.
            states.append(StackState(name=file.stem, resources=(), interrupted=True))
    return [state for state in states if state.resources or state.interrupted]
