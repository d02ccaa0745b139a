"""Prints what Sourcegraph's services need, from the outputs of one stack or of several.

pulumi stack output --json | python -m components.wiring
python -m components.wiring worker aws.json gcp.json
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from components.wiring import MergeError, compose, helm, merge
from components.wiring.pools import facts
from prometheus import render as rendered_jobs
from prometheus import render_rules, worker_job
from prometheus.dashboard import render_dashboard

_SECTIONS = {
    "worker": "Environment of the worker service",
    "frontend": "Environment of the frontend service, unless the site configuration has the token",
    "site-config": "Site configuration: merge these keys, with what the command prints",
    "prometheus": "Prometheus: entries of scrape_configs",
}
_FILES = {
    "pushed": "a scrape job for what executors push to the worker, in place of `prometheus`",
    "rules": "Prometheus' recording and alerting rules",
    "dashboard": "a Grafana dashboard on what the rules record",
    "compose": "an override for Sourcegraph's Docker Compose deployment, with the rules",
    "helm": "values for Sourcegraph's Helm chart, with the rules",
}
"""Printed only when asked for."""

_OUTPUTS = ("sourcegraph", "prometheus", "pools")

_FIX = "bring the stack up, then use `pulumi stack output --json`"


class OutputError(ValueError):
    """A file that does not hold this program's stack outputs."""


def _read(path: str) -> dict[str, Any]:
    name = "standard input" if path == "-" else path
    try:
        outputs = json.loads(sys.stdin.read() if path == "-" else Path(path).read_text())
    except (OSError, ValueError) as error:
        raise OutputError(f"{name} holds no JSON ({error}); {_FIX}") from error
    if not isinstance(outputs, dict) or not set(_OUTPUTS) <= outputs.keys():
        raise OutputError(f"{name} lacks one of the outputs {', '.join(_OUTPUTS)}; {_FIX}")
    return outputs


def _lines(service: Mapping[str, Any]) -> str:
    plain = [f"{name}={value}" for name, value in sorted(service["environment"].items())]
    secret = [f"# {name}: {command}" for name, command in sorted(service["secrets"].items())]
    hint = ["# Secret: set each of these to what its command prints."] if secret else []
    return "\n".join([*plain, *hint, *secret])


def _jobs(stacks: Sequence[Mapping[str, Any]]) -> str:
    """One job of each name for all stacks: a job's name is unique in a Prometheus."""
    by_name: dict[str, list[Any]] = {}
    for job in (job for stack in stacks for job in yaml.safe_load(stack["prometheus"])):
        by_name.setdefault(job["job_name"], []).append(job)
    return rendered_jobs(*map(_joined, by_name.values())).rstrip()


def _joined(jobs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    joined = dict(jobs[0])
    for kind in ("ec2_sd_configs", "gce_sd_configs"):
        found: list[Any] = []
        for config in (config for job in jobs for config in job.get(kind, [])):
            if config not in found:
                found.append(config)
        joined = {**joined, kind: found} if found else joined
    # Relabelling comes last, as in the job of one stack.
    return {**joined, "relabel_configs": joined.pop("relabel_configs")}


def render(section: str, stacks: Sequence[Mapping[str, Any]]) -> str:
    """One section for the given stack outputs; MergeError where the stacks contradict."""
    together = merge(stack["sourcegraph"] for stack in stacks)
    if section == "site-config":
        return json.dumps(together["siteConfig"], indent=2)
    if section == "prometheus":
        return _jobs(stacks)
    if section in _FILES:
        return _file(section, together, stacks)
    return _lines(together[section])


def _file(section: str, together: Mapping[str, Any], stacks: Sequence[Mapping[str, Any]]) -> str:
    rules = render_rules(facts(stack["pools"] for stack in stacks))
    texts = {
        "pushed": rendered_jobs(worker_job()),
        "rules": rules,
        "dashboard": render_dashboard(),
        "compose": compose.render(together, rules),
        "helm": helm.render(together, rules),
    }
    return texts[section].rstrip()


def main() -> int:
    """Print the asked sections of the asked stacks; 1 with a sentence where that cannot be."""
    parser = argparse.ArgumentParser(
        prog="python -m components.wiring",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    files = "; ".join(f"{name}: {what}" for name, what in _FILES.items())
    parser.add_argument(
        "section",
        choices=[*_SECTIONS, "all", *_FILES],
        nargs="?",
        default="all",
        help=f"what to print; all: everything but these. {files}",
    )
    parser.add_argument(
        "outputs",
        nargs="*",
        default=["-"],
        help="files with `pulumi stack output --json`; - is standard input",
    )
    arguments = parser.parse_args()
    sections = _SECTIONS if arguments.section == "all" else [arguments.section]
    try:
        stacks = [_read(path) for path in arguments.outputs]
        texts = [(section, render(section, stacks)) for section in sections]
    except (MergeError, OutputError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    blocks = [
        f"# {_SECTIONS[section]}\n{text}\n" if len(texts) > 1 else f"{text}\n"
        for section, text in texts
    ]
    sys.stdout.write("\n".join(blocks))
    return 0


if __name__ == "__main__":
    sys.exit(main())
