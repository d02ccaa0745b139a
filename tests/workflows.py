"""Runs the `run:` steps of a workflow's job, as GitHub's runner would, with the real shell."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.pulumi_cli import Cli
from tests.recorder import ROOT

DIRECTORY = ROOT / ".github" / "workflows"


def workflows() -> dict[str, dict[Any, Any]]:
    """Every workflow by its file's name. YAML reads the key `on` as true."""
    return {path.stem: yaml.safe_load(path.read_text()) for path in sorted(DIRECTORY.glob("*.yml"))}


@dataclass
class Run:
    """One run of one job; expressions get their values from `context`, by their whole text."""

    cli: Cli
    context: Mapping[str, str]
    scratch: Path
    runner: Mapping[str, str]
    """What the runner sets for every step."""
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""

    def job(self, workflow: str, name: str) -> int:
        """Run the job's steps until one fails; its exit code."""
        job = workflows()[workflow]["jobs"][name]
        self.scratch.mkdir(parents=True, exist_ok=True)
        for step in job["steps"]:
            if "run" not in step or not self._condition(step.get("if")):
                continue
            code = self._step(step, {**job.get("env", {}), **step.get("env", {})})
            if code != 0:
                return code
        return 0

    def _step(self, step: Mapping[str, Any], environment: Mapping[str, str]) -> int:
        files = {key: self.scratch / key for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        done = subprocess.run(
            # As the runner does it for `run:` without `shell:`.
            ["bash", "-e", "-c", step["run"]],
            cwd=self.cli.checkout,
            env={
                **self.cli.environment,
                **self.runner,
                **{key: self._value(str(text)) for key, text in environment.items()},
                **{key: str(file) for key, file in files.items()},
            },
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"$ {step['run']}\n{done.stdout}{done.stderr}")
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        for line in files["GITHUB_OUTPUT"].read_text().splitlines():
            key, _, value = line.partition("=")
            self.outputs[f"steps.{step['id']}.outputs.{key}"] = value
        return done.returncode

    def _condition(self, expression: str | None) -> bool:
        return expression is None or self._known(expression) == "true"

    def _value(self, text: str) -> str:
        return re.sub(r"\$\{\{\s*(.*?)\s*\}\}", lambda found: self._known(found[1]), text)

    def _known(self, expression: str) -> str:
        return {**self.context, **self.outputs}[" ".join(expression.split())]
