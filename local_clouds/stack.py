"""Stacks on the local clouds, run by the real engine: what `make up` and the engine tests use."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any, Self, cast

import yaml

from local_clouds import stack_file, state
from local_clouds.clouds import ROOT, Clouds
from local_clouds.run import Operation, Report, Request
from scripts import engine

PROGRAM = ROOT / "__main__.py"
PROJECT_FILE = ROOT / "Pulumi.yaml"
# The user's own clouds, accounts and engine settings must neither be needed nor be touched.
_FOREIGN_PREFIXES = ("AWS_", "GOOGLE_", "GCLOUD_", "GCP_", "CLOUDSDK_", "PULUMI_")


class OperationError(Exception):
    """The engine ended with errors; the text has them, `result` has all that it said before."""

    def __init__(self, message: str, result: "Result") -> None:
        super().__init__(message)
        self.result = result


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the engine does to one resource: `op` is `create`, `same`, `update`, `replace`, …

    A replacement is three steps: `create-replacement`, `replace`, `delete-replaced`. `diffs` are
    the changed properties, `replacing` those of them that force a replacement (both camelCase).
    """

    op: str
    urn: str
    type: str
    diffs: tuple[str, ...] = ()
    replacing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The logical name, which is the last part of the URN."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A message of the engine or the program; `severity` is `error`, `warning` or `info`."""

    severity: str
    message: str
    urn: str = ""


@dataclass(frozen=True, kw_only=True)
class StackOutput:
    """One stack output in plain text, and whether the engine marks it as secret."""

    value: Any
    secret: bool

    def __repr__(self) -> str:
        return "StackOutput(secret)" if self.secret else f"StackOutput({self.value!r})"


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one run of the engine did, or would do.

    `changes` counts resources by operation (`{"create": 3, "same": 1}`), the stack itself included;
    only `up` fills in `outputs`.
    """

    changes: Mapping[str, int]
    steps: tuple[Step, ...]
    diagnostics: tuple[Diagnostic, ...]
    outputs: Mapping[str, StackOutput]

    @classmethod
    def of(cls, report: Report) -> Self:
        """The typed form of what the process of the run reported."""
        return cls(
            changes=report.changes,
            steps=tuple(
                Step(
                    op=step["op"],
                    urn=step["urn"],
                    type=step["type"],
                    diffs=tuple(step["diffs"]),
                    replacing=tuple(step["replacing"]),
                )
                for step in report.steps
            ),
            diagnostics=tuple(Diagnostic(**diagnostic) for diagnostic in report.diagnostics),
            outputs={key: StackOutput(**output) for key, output in report.outputs.items()},
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether every resource stayed as it was."""
        return set(self.changes) <= {"same"}

    def ops(self, type_suffix: str) -> dict[str, list[str]]:
        """The operations by logical name, of the resources whose type token ends so."""
        found: dict[str, list[str]] = {}
        for step in self.steps:
            if step.type.endswith(type_suffix):
                found.setdefault(step.name, []).append(step.op)
        return found


@dataclass(frozen=True, kw_only=True)
class LocalStack:
    """A stack of a program in running local clouds.

    `config` is what stands under `config:` in a stack file, nested values as they are; keys without
    a namespace get the project's, `stack_file.Secret` marks a secret, and a missing access token is
    made up. `program` is a Python file, or a function that can be imported by its name (not a
    lambda or closure): each run has a process of its own. Several stacks may live in the same
    clouds, also at the same time. With `stream`, the engine's display goes to standard output,
    else to `log`.

    Each method runs the engine to its end and raises OperationError when that fails.
    """

    clouds: Clouds
    name: str
    config: Mapping[str, Any]
    program: Path | Callable[[], None] = PROGRAM
    project_file: Path = PROJECT_FILE
    stream: bool = False

    def up(self) -> Result:
        """Make the clouds what the program says, without asking."""
        return self._run("up")

    def preview(self) -> Result:
        """Say what `up` would do; changes nothing."""
        return self._run("preview")

    def digest(self) -> dict[str, Any]:
        """What `pulumi preview --json --show-sames` prints: every resource as it is declared."""
        return self._report("digest").digest

    def refresh(self) -> Result:
        """Read what the clouds hold into the state; the program does not run."""
        return self._run("refresh")

    def destroy(self) -> Result:
        """Delete every resource of the stack; the empty stack remains."""
        return self._run("destroy")

    def outputs(self) -> Mapping[str, StackOutput]:
        """The outputs of the last `up`, empty before the first."""
        return self._run("outputs").outputs

    def export(self) -> dict[str, Any]:
        """The state as `pulumi stack export` prints it under `deployment`, secrets encrypted.

        Read from the engine's state file, so this is quick. Raises OSError before the first `up`.
        """
        path = state.path(self.clouds.directory, self.project, self.name)
        return json.loads(path.read_text())["checkpoint"]["latest"]

    @property
    def project(self) -> str:
        """The name of the project, which is the first part of every URN."""
        return yaml.safe_load(self.project_file.read_text())["name"]

    @property
    def directory(self) -> Path:
        """Where the engine finds its two files and keeps nothing else."""
        return self.clouds.directory / "stacks" / self.name

    @property
    def log(self) -> Path:
        """What the engine displayed during the last run without `stream`."""
        return self.directory / "engine.log"

    def _run(self, operation: Operation) -> Result:
        return Result.of(self._report(operation))

    def _report(self, operation: Operation) -> Report:
        request = Request(
            operation=operation,
            stack=self.name,
            project=self.project,
            program=_name(self.program),
            work_directory=str(self.directory),
            secrets=self._write_files(),
            color="always" if self.stream and sys.stdout.isatty() else "never",
        )
        report = _execute(request, self._environment(), None if self.stream else self.log)
        if report.failure is not None:
            result = Result.of(report)
            errors = [d.message for d in result.diagnostics if d.severity == "error"]
            raise OperationError("\n".join(errors) or report.failure, result)
        return report

    def _write_files(self) -> dict[str, str]:
        self.directory.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self.project_file, self.directory / "Pulumi.yaml")
        path = self.directory / f"Pulumi.{self.name}.yaml"
        previous = yaml.safe_load(path.read_text()) if path.exists() else {}
        config, made_up = stack_file.local({"config": self.config}, self.project)
        new, unencrypted = stack_file.split(config, previous or {}, made_up)
        path.write_text(yaml.safe_dump(new, sort_keys=False, allow_unicode=True))
        return unencrypted

    def _environment(self) -> dict[str, str]:
        backend = state.backend(self.clouds.directory)
        backend.mkdir(exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(_FOREIGN_PREFIXES)}
        return {
            **kept,
            "PATH": f"{_engine().parent}{os.pathsep}{kept['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PULUMI_HOME": str(self.clouds.directory / "pulumi"),
            "PULUMI_BACKEND_URL": f"file://{backend}",
            "PULUMI_CONFIG_PASSPHRASE": _passphrase(self.clouds.directory),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_ERROR_OUTPUT_STRING": "true",
            "PULUMI_DEBUG_PROVIDERS": (
                f"aws:{self.clouds.aws_provider_port},gcp:{self.clouds.gcp_provider_port}"
            ),
        }


@cache
def _engine() -> Path:
    return engine.prepare()


def _passphrase(directory: Path) -> str:
    path = directory / "passphrase"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text()


def _name(program: Path | Callable[[], None]) -> str:
    if isinstance(program, Path):
        return str(program.resolve())
    name = f"{program.__module__}:{getattr(program, '__qualname__', '<object>')}"
    if "<" in name:
        raise ValueError(f"{name} cannot be imported by another process: make it a module function")
    return name


def _execute(request: Request, environment: Mapping[str, str], log: Path | None) -> Report:
    reader, writer = os.pipe()
    with ExitStack() as opened:
        output = opened.enter_context(log.open("wb")) if log else None
        answer = opened.enter_context(os.fdopen(reader))
        process = subprocess.Popen(
            [sys.executable, "-m", "local_clouds.run", str(writer)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            pass_fds=[writer],
        )
        os.close(writer)
        stdin = cast("IO[bytes]", process.stdin)
        # Not as arguments: a command line is readable by everybody on the machine.
        stdin.write(json.dumps(asdict(request)).encode())
        stdin.close()
        try:
            text = answer.read()
        except KeyboardInterrupt:
            # The engine got the signal too, and ends in its own time.
            process.wait()
            raise
        process.wait()
    if not text:
        return Report(failure=f"The engine's run ended with code {process.returncode}.")
    return Report(**json.loads(text))
