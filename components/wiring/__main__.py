"""Renders what Sourcegraph needs from stack outputs.

pulumi stack output --json | python -m components.wiring worker -
python -m components.wiring worker aws.json gcp.json
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.wiring import MergeError, merge

_SECTIONS = ("worker", "frontend", "site-config", "prometheus")


def _read(path: str) -> dict[str, Any]:
    text = sys.stdin.read() if path == "-" else Path(path).read_text()
    return json.loads(text)


def _lines(service: Mapping[str, Any]) -> str:
    plain = [f"{name}={value}" for name, value in sorted(service["environment"].items())]
    secret = [f"# {name}: {command}" for name, command in sorted(service["secrets"].items())]
    hint = ["# Secret: set each of these to what its command prints."] if secret else []
    return "\n".join([*plain, *hint, *secret])


def render(section: str, stacks: list[dict[str, Any]]) -> str:
    """One section for the given stack outputs; MergeError where the stacks contradict."""
    first = stacks[0]["sourcegraph"]
    if section == "worker":
        return _lines(merge(stack["sourcegraph"] for stack in stacks)["worker"])
    if section == "frontend":
        return _lines(first["frontend"])
    if section == "site-config":
        return json.dumps(first["siteConfig"], indent=2)
    return "\n".join(stack["prometheus"] for stack in stacks)


def main() -> int:
    """Print the asked sections of the asked stacks; 1 with a sentence where they contradict."""
    parser = argparse.ArgumentParser(prog="python -m components.wiring", description=__doc__)
    parser.add_argument("section", choices=[*_SECTIONS, "all"])
    parser.add_argument(
        "outputs", nargs="+", help="files with `pulumi stack output --json`; - is standard input"
    )
    arguments = parser.parse_args()
    stacks = [_read(path) for path in arguments.outputs]
    sections = _SECTIONS if arguments.section == "all" else (arguments.section,)
    try:
        texts = {section: render(section, stacks) for section in sections}
    except MergeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for section, text in texts.items():
        sys.stdout.write(f"# --- {section}\n{text}\n" if len(texts) > 1 else f"{text}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
