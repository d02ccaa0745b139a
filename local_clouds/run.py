"""One run of the engine with the program, in a process of its own.

A program leaves modules and event loops behind, so each run gets a fresh interpreter. Reads a
Request from standard input and writes a Report to the file descriptor in its first argument; the
engine's own display goes to standard output.
"""

import fcntl
import importlib
import json
import os
import runpy
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from pulumi import automation as auto

Operation = Literal["up", "preview", "digest", "refresh", "destroy", "outputs"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to run. `program` is the path of a Python file, or `module:function`."""

    operation: Operation
    stack: str
    project: str
    program: str
    work_directory: str
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    color: Literal["always", "never"] = "never"


@dataclass(kw_only=True)
class Report:
    """What happened, as plain JSON. `failure` is None when the operation succeeded."""

    failure: str | None = None
    changes: dict[str, int] = field(default_factory=dict)
    steps: list[dict[str, Any]] = field(default_factory=list)
    diagnostics: list[dict[str, Any]] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    digest: dict[str, Any] = field(default_factory=dict)


def main() -> None:
    """Run one request; the exit code tells nothing, the report does."""
    # The engine gets Ctrl-C from the terminal as well, and this process has to outlive it.
    signal.signal(signal.SIGINT, lambda *_: None)
    request = Request(**json.load(sys.stdin))
    report = Report()
    work_directory = Path(request.work_directory)
    with (work_directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _run(request, report)
        except BlockingIOError:
            report.failure = f"Another command is at work on the local stack {request.stack}."
        except auto.CommandError as error:
            report.failure = _stderr(error)
    with os.fdopen(int(sys.argv[1]), "w") as answer:
        json.dump(asdict(report), answer)


def _run(request: Request, report: Report) -> None:
    program = _program(request.program)
    stack = auto.create_or_select_stack(
        request.stack,
        project_name=request.project,
        program=program,
        opts=auto.LocalWorkspaceOptions(work_dir=request.work_directory),
    )
    if request.secrets:
        values = {key: auto.ConfigValue(text, secret=True) for key, text in request.secrets.items()}
        stack.set_all_config(values)
    if _engine_locks(request):
        # Nobody else is at work (we hold the lock above), so they are a killed run's.
        stack.cancel()

    def watch(event: auto.EngineEvent) -> None:
        _note(event, report)

    display: dict[str, Any] = {"on_output": print, "on_error": print, "color": request.color}
    match request.operation:
        case "up":
            result = stack.up(**display, on_event=watch, suppress_outputs=True)
            report.outputs = _plain(result.outputs)
        case "preview":
            stack.preview(**display, on_event=watch, suppress_outputs=True)
        case "digest":
            # The engine reads its flags from the environment too; the SDK does not know this one.
            os.environ["PULUMI_OPTION_SHOW_SAMES"] = "true"
            report.digest = json.loads(stack.preview(json=True, on_event=watch).stdout)
        case "refresh":
            stack.refresh(**display, on_event=watch, suppress_outputs=True)
        case "destroy":
            stack.destroy(**display, on_event=watch, suppress_outputs=True)
        case "outputs":
            report.outputs = _plain(stack.outputs())


def _plain(outputs: auto.OutputMap) -> dict[str, dict[str, Any]]:
    return {key: {"value": out.value, "secret": out.secret} for key, out in outputs.items()}


def _program(name: str) -> Callable[[], None]:
    if name.endswith(".py"):
        # As the language host does: the file's directory is on the path and is the current one.
        sys.path[0] = str(Path(name).parent)
        os.chdir(Path(name).parent)
        return lambda: _discard(runpy.run_path(name, run_name="__main__"))
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def _discard(value: object) -> None:
    del value


def _engine_locks(request: Request) -> bool:
    state = Path(os.environ["PULUMI_BACKEND_URL"].removeprefix("file://"))
    locks = state / ".pulumi" / "locks" / "organization" / request.project / request.stack
    return locks.is_dir() and any(locks.iterdir())


def _note(event: auto.EngineEvent, report: Report) -> None:
    if event.resource_pre_event is not None:
        metadata = event.resource_pre_event.metadata
        report.steps.append(
            {
                "op": str(metadata.op.value),
                "urn": metadata.urn,
                "type": metadata.type,
                "diffs": metadata.diffs or [],
                "replacing": metadata.keys or [],
            }
        )
    if event.diagnostic_event is not None and event.diagnostic_event.severity != "debug":
        diagnostic = event.diagnostic_event
        report.diagnostics.append(
            {
                "severity": diagnostic.severity,
                "message": diagnostic.message,
                "urn": diagnostic.urn or "",
            }
        )
    if event.summary_event is not None:
        changes = event.summary_event.resource_changes or {}
        report.changes = {str(getattr(op, "value", op)): count for op, count in changes.items()}


def _stderr(error: auto.CommandError) -> str:
    return str(error).partition("stderr:")[2].strip() or str(error).strip()


if __name__ == "__main__":
    main()
