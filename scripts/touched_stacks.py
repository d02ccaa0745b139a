"""Which stacks a change may alter, for the workflows: `python -m scripts.touched_stacks [BASE]`.

Prints `stacks=[…]`, a job's output: all stacks without a base, with an empty one, or with one that
git does not know. Standard library only.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCAL = frozenset({"dev"})
"""Stacks of the local clouds, which no workflow deploys."""

SHARED = ("__main__.py", "Pulumi.yaml", "requirements.txt", "components/", "prometheus/")
"""What the program of every stack is made of."""


def touched(stacks: Iterable[str], changed: Iterable[str]) -> list[str]:
    """The stacks that these changed files may alter, sorted."""
    files = list(changed)
    if any(file.startswith(SHARED) for file in files):
        return sorted(stacks)
    return sorted(stack for stack in stacks if f"Pulumi.{stack}.yaml" in files)


def deployed_stacks(root: Path = ROOT) -> list[str]:
    """The stacks that have a file here and are no local ones."""
    names = {path.name.split(".")[1] for path in root.glob("Pulumi.*.yaml")}
    return sorted(names - LOCAL)


def _changed(base: str) -> list[str] | None:
    # Three dots: what the branch did since it left its base, not what the base did since.
    answer = subprocess.run(
        ["git", "diff", "--name-only", f"{base}...HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.splitlines() if answer.returncode == 0 else None


def main() -> None:
    """Print the stacks as a job's output."""
    stacks = deployed_stacks()
    changed = _changed(sys.argv[1]) if any(sys.argv[1:]) else None
    print(f"stacks={json.dumps(stacks if changed is None else touched(stacks, changed))}")


if __name__ == "__main__":
    main()
