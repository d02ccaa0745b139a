"""Turns variables of Sourcegraph's Terraform modules into a stack file for this program.

python -m from_terraform aws terraform.tfvars --version 6.10 > Pulumi.prod.yaml
python -m from_terraform gcp *.tf --project my-project > Pulumi.prod.yaml
"""

import argparse
import sys
from pathlib import Path

import yaml

from components.config.problems import Problem
from from_terraform.pools import Note
from from_terraform.read import ReadError, read
from from_terraform.translate import Stated, TranslateError, translate

PROJECT = "sourcegraph-executors"


def main() -> int:
    """Print the stack file, and on standard error all that is different; 1 if it does not load."""
    parser = argparse.ArgumentParser(
        prog="python -m from_terraform",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cloud", choices=["aws", "gcp"])
    parser.add_argument("files", type=Path, nargs="+", help=".tfvars, .tfvars.json or .tf files")
    parser.add_argument("--version", help="Sourcegraph's major.minor, where no file says it")
    parser.add_argument("--project", help="GCP project, where no file says it")
    parser.add_argument("--region", help="region, where no zone says it")
    arguments = parser.parse_args()
    stated = Stated(version=arguments.version, project=arguments.project, region=arguments.region)
    try:
        made = translate(arguments.cloud, read(arguments.cloud, arguments.files), stated)
    except (ReadError, TranslateError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    config = {key if ":" in key else f"{PROJECT}:{key}": v for key, v in made.config.items()}
    sys.stdout.write(yaml.safe_dump({"config": config}, sort_keys=False, allow_unicode=True))
    problems = made.problems()
    sys.stderr.write(_report(made.notes, problems))
    return 1 if problems else 0


def _report(notes: list[Note], problems: tuple[Problem, ...]) -> str:
    by_text: dict[str, list[str]] = {}
    for note in notes:
        by_text.setdefault(note.text, []).append(note.variable)
    lines = [f"  - {', '.join(dict.fromkeys(names))}: {text}" for text, names in by_text.items()]
    text = "What is different:\n" + "\n".join(lines) + "\n" if lines else ""
    if problems:
        text += "What must be settled before `pulumi up`:\n"
        text += "\n".join(f"  - {problem}" for problem in problems) + "\n"
    return text


if __name__ == "__main__":
    sys.exit(main())
