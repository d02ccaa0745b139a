"""Makes the previews and comments of this directory anew: `python -m tests.review.make [NAME …]`.

The real engine previews every change of `tests.review.changes` on a copy of this repository.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_clouds.clouds import Clouds
from preview import read
from review import comment
from tests.pulumi_cli import Cli
from tests.review import archive
from tests.review.changes import CHANGES, STACK, Change

PREVIEW = "pulumi preview --json --show-sames --refresh --stack dev"
_TOKEN = "pulumi config set --secret --stack dev accessToken 0123456789abcdef0123456789"


def start(directory: Path, clouds: Clouds) -> Cli:
    """A command line with an empty stack `dev`."""
    cli = Cli.start(directory, clouds)
    cli.sh(f"pulumi stack init dev && {_TOKEN}")
    return cli


def preview(cli: Cli, change: Change) -> str:
    """What the engine prints about a change; the checkout is as before afterwards."""
    file = cli.checkout / STACK
    before = file.read_text()
    try:
        cli.edit(change.edits)
        for key, value in change.secrets.items():
            cli.sh(f"pulumi config set --secret --stack dev {key} '{value}'")
        return cli.run(PREVIEW).stdout
    finally:
        cli.restore(change.edits)
        file.write_text(before)


def deploy(cli: Cli, change: Change, file: str) -> None:
    """Bring the stack, whose file was `file`, to what a change starts from."""
    (cli.checkout / STACK).write_text(file)
    cli.edit(change.base)
    cli.sh("pulumi up --yes --skip-preview --stack dev")


def _without_places(value: Any) -> Any:
    """Where the program stands on this machine is nobody's business, and is most of the text."""
    if isinstance(value, dict):
        dropped = ("sourcePosition", "stackTrace")
        return {key: _without_places(inner) for key, inner in value.items() if key not in dropped}
    return [_without_places(inner) for inner in value] if isinstance(value, list) else value


def made(names: Sequence[str]) -> dict[str, str]:
    """The engine's previews of these changes, by name."""
    texts = {}
    with tempfile.TemporaryDirectory() as scratch:
        clouds = Clouds.start(Path(scratch) / "clouds")
        try:
            cli = start(Path(scratch) / "cli", clouds)
            file = (cli.checkout / STACK).read_text()
            # A deployed base serves all changes that start from it.
            order = sorted(
                names, key=lambda name: (CHANGES[name].deployed, CHANGES[name].base != ())
            )
            current = None
            for done, name in enumerate(order):
                change = CHANGES[name]
                print(f"{name} … {done + 1} of {len(order)}", flush=True)
                if change.deployed and change.base != current:
                    deploy(cli, change, file)
                    current = change.base
                digest = _without_places(json.loads(preview(cli, change)))
                texts[name] = json.dumps(digest, separators=(",", ":"))
        finally:
            clouds.stop()
    return texts


def main() -> None:
    """Write archive and comments."""
    parser = argparse.ArgumentParser(prog="python -m tests.review.make", description=__doc__)
    parser.add_argument("names", nargs="*", help="changes to preview anew; all when none is named")
    parser.add_argument("--render", action="store_true", help="only write the comments anew")
    arguments = parser.parse_args()
    texts = archive.previews() if arguments.names or arguments.render else {}
    if not arguments.render:
        texts |= made(arguments.names or list(CHANGES))
        archive.write(texts)
    for name, text in texts.items():
        archive.page(name).parent.mkdir(exist_ok=True)
        archive.page(name).write_text(archive.expected(name, comment(read(text))))


if __name__ == "__main__":
    main()
