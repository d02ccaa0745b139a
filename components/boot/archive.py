"""Packs a VM's program: only the modules that its entry point needs."""

import ast
from collections.abc import Iterator
from pathlib import Path

from components.boot.stripping import stripped

PACKAGE = "boot"
"""Name of the package inside the archive."""

_SOURCES = Path(__file__).parent / "vm"


def members(entry: str) -> dict[str, str]:
    """Name -> text of what a zip archive needs that `python3` runs, always in the same order.

    `entry` is a module below `vm` with a function `main`, such as `aws` or `mirror.gcp`.
    """
    sources: dict[Path, str] = {}
    waiting = [_module(entry)]
    while waiting:
        path = waiting.pop()
        if path not in sources:
            sources[path] = stripped(path.read_text(encoding="utf-8"))
            waiting += _imported(path, sources[path])
    named = {f"{PACKAGE}/{path.relative_to(_SOURCES)}": sources[path] for path in sorted(sources)}
    return {"__main__.py": f"from {PACKAGE}.{entry} import main\n\nmain()\n", **named}


def _module(name: str) -> Path:
    """The file of a module or a package, by its dotted name below `vm`."""
    path = _SOURCES.joinpath(*filter(None, name.split(".")))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _imported(path: Path, source: str) -> Iterator[Path]:
    """The packages around a module, and what it imports of the program when it runs."""
    *packages, _ = path.relative_to(_SOURCES).parts
    for depth in range(len(packages) + 1):
        yield _module(".".join(packages[:depth]))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*packages[: len(packages) - node.level + 1], *(node.module or "").split(".")]
            origin = ".".join(filter(None, base))
            yield _module(origin)
            for alias in node.names:
                submodule = _module(f"{origin}.{alias.name}")
                if submodule.exists():
                    yield submodule
