"""The commands behind `make up`, `preview`, `refresh`, `down` and `outputs`."""

import argparse
import json
import sys
from pathlib import Path

import yaml

from local_clouds import inventory, report, state
from local_clouds.clouds import ROOT, Clouds, CloudsError
from local_clouds.serve import serve
from local_clouds.stack import LocalStack, OperationError
from scripts.engine import EngineError

DIRECTORY = ROOT / "build" / "local"


class UsageError(Exception):
    """The command cannot do what was asked; the text says what can be done."""


def main() -> int:
    """Run one command; 0 when it did what was asked."""
    parser = argparse.ArgumentParser(prog="python -m local_clouds", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve").add_argument("directory", type=Path)
    for name in ("up", "preview", "refresh", "down", "outputs"):
        command = commands.add_parser(name)
        command.add_argument("stack")
        if name == "preview":
            command.add_argument("--json", type=Path, metavar="FILE")
        if name == "outputs":
            command.add_argument("--json", action="store_true")
            command.add_argument("--show-secrets", action="store_true")
    arguments = parser.parse_args()
    try:
        match arguments.command:
            case "serve":
                serve(arguments.directory)
            case "down":
                down(arguments.stack)
            case "outputs":
                outputs(arguments.stack, as_json=arguments.json, show=arguments.show_secrets)
            case "preview" if arguments.json is not None:
                digest(arguments.stack, arguments.json)
            case command:
                run(command, arguments.stack)
    except OperationError as failure:
        # The engine's display has its errors already, unless it failed before it had any.
        if not failure.result.diagnostics:
            print(failure, file=sys.stderr)
        print(f"{arguments.command} of stack {arguments.stack} failed.", file=sys.stderr)
        return 1
    except (CloudsError, EngineError, UsageError) as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run(command: str, name: str) -> None:
    """Start what is needed, and let the engine up, preview or refresh the stack."""
    stack = _stack(name, _start())
    result = getattr(stack, command)()
    if command == "up":
        pools = result.outputs.get("pools")
        if pools is not None:
            print(f"\n{report.pool_table(pools.value)}\n")
        print("No changes.\n" if result.is_unchanged else "", end="")
        print(report.NEXT_STEPS)


def digest(name: str, target: Path) -> None:
    """Write what `pulumi preview --json --show-sames` prints; nothing of it is secret."""
    print(f"The engine lists what stack {name} declares …", flush=True)
    found = _stack(name, _start()).digest()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found, indent=2) + "\n")
    print(f"{len(found['steps'])} resources: {target}")


def down(name: str) -> None:
    """Destroy the stack, check that nothing of it is left, and end the clouds when unused."""
    clouds = Clouds.running(DIRECTORY)
    if clouds is None:
        print(f"The local clouds are not running, so nothing of stack {name} exists.")
        return
    clouds = _start()
    before = {held.name: held for held in state.read_all(DIRECTORY)}
    _stack(name, clouds).destroy()
    _check_empty(clouds, before.pop(name, None), shared=bool(before))
    if before:
        print(f"Nothing of stack {name} is left. Still up: {', '.join(before)}.")
    else:
        clouds.stop()
        print("Both local clouds are empty, and stopped.")


def outputs(name: str, *, as_json: bool, show: bool) -> None:
    """Print the outputs as `pulumi stack output` does."""
    clouds = Clouds.running(DIRECTORY)
    found = _stack(name, clouds).outputs() if clouds is not None else {}
    if not found:
        raise UsageError(f"Stack {name} is not up. `make up STACK={name}` brings it up.")
    values = {
        key: "[secret]" if output.secret and not show else output.value
        for key, output in found.items()
    }
    if as_json:
        print(json.dumps(values, indent=2))
        return
    for key, value in values.items():
        print(f"{key}: {value if isinstance(value, str) else json.dumps(value, indent=2)}")


def _start() -> Clouds:
    clouds = Clouds.running(DIRECTORY)
    held = state.read_all(DIRECTORY)
    stacks = ", ".join(stack.name for stack in held)
    if clouds is not None and any(stack.interrupted for stack in held):
        print(
            "An earlier run was killed while the clouds were at work: "
            f"they start anew, without {stacks}."
        )
        clouds.stop()
        clouds = None
    elif clouds is None and held:
        print(f"The local clouds of an earlier run are gone, and with them {stacks}: all anew.")
    return clouds or Clouds.start(DIRECTORY)


def _stack(name: str, clouds: Clouds) -> LocalStack:
    file = ROOT / f"Pulumi.{name}.yaml"
    if not file.exists():
        known = sorted(path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml"))
        raise UsageError(f"There is no {file.name}. STACK= can be: {', '.join(known)}.")
    config = (yaml.safe_load(file.read_text()) or {}).get("config") or {}
    return LocalStack(clouds=clouds, name=name, config=config, stream=True)


def _check_empty(clouds: Clouds, stack: state.StackState | None, *, shared: bool) -> None:
    regions = stack.aws_regions() if stack is not None else set()
    left = inventory.list_all(clouds, regions)
    if shared:
        # What other stacks hold cannot be told from what leaked, except by what we had.
        left &= stack.ids() if stack is not None else set()
    if left:
        raise UsageError(
            "The engine says that all is deleted, but the local clouds still hold:\n"
            + "\n".join(f"  {item}" for item in sorted(left))
        )


if __name__ == "__main__":
    sys.exit(main())
