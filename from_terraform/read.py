"""Terraform's files as plain values: variable files, and configurations with module blocks."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import hcl2

from from_terraform.modules import Cloud, Module

_OPTIONS = hcl2.SerializationOptions(
    with_comments=False, preserve_heredocs=False, explicit_blocks=False
)
_SOURCE = re.compile(
    r"(?:.*[/:])?(?:sourcegraph/executors/(?P<cloud>aws|google)"
    r"|terraform-(?P<name>aws|google)-executors)"
    r"(?:\.git)?(?://modules/(?P<module>[a-z-]+))?(?:\?ref=(?P<ref>.*))?"
)
_CLOUDS: Mapping[str, Cloud] = {"aws": "aws", "google": "gcp"}


class ReadError(ValueError):
    """A file that is no variable file and no configuration with the executors' modules."""


@dataclass(frozen=True)
class Expression:
    """A value that only Terraform can compute."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Use:
    """One use of a module: its variables' values, and what the block says besides."""

    cloud: Cloud
    module: Module
    name: str = ""
    """The block's label; empty for a variable file."""
    version: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Files:
    """What was read: uses of modules, and the providers' settings."""

    uses: tuple[Use, ...]
    provider: Mapping[str, Any] = field(default_factory=dict)


def read(cloud: Cloud, paths: Sequence[Path]) -> Files:
    """The module blocks of `.tf` files, or variable files of the root or the executors module.

    Beside `.tf` files, variable files say what `var.…` is. Raises ReadError, with the file's name
    and no value of it.
    """
    documents = {path: _parsed(path) for path in paths}
    blocks = [document for path, document in documents.items() if path.suffix == ".tf"]
    variables: dict[str, Any] = {}
    for path, document in documents.items():
        if path.suffix != ".tf":
            is_json = path.name.endswith(".json")
            variables |= document if is_json else _plain(document, {})
    if blocks:
        return _configuration(cloud, blocks, variables)
    module: Module = "root" if any(n.startswith("executor_") for n in variables) else "executors"
    return Files(uses=(Use(cloud=cloud, module=module, values=variables),))


def _configuration(
    cloud: Cloud, documents: Sequence[Mapping[str, Any]], variables: Mapping[str, Any]
) -> Files:
    scope = {f"var.{name}": value for name, value in variables.items()}
    for document in documents:
        own = _plain(_merged(document.get("locals", [])), scope)
        scope |= {f"local.{name}": value for name, value in own.items()}
    blocks = [block for d in documents for block in _labelled(d.get("module", []))]
    found = [use for name, block in blocks if (use := _use(name, block, scope)) is not None]
    uses = tuple(use for use in found if use.cloud == cloud)
    if not uses:
        raise ReadError(f"no module block uses the executors' modules for {cloud}")
    name = {"aws": "aws", "gcp": "google"}[cloud]
    providers = [block for d in documents for block in _labelled(d.get("provider", []))]
    return Files(
        uses=uses,
        provider=_plain(_merged([block for label, block in providers if label == name]), scope),
    )


def _parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(f"{path} cannot be read: {type(error).__name__}") from error
    try:
        if path.name.endswith(".json"):
            document = json.loads(text)
        else:
            document = hcl2.loads(text, serialization_options=_OPTIONS)
    except Exception as error:
        # The parser's own message quotes the text, and with it secrets.
        line = getattr(error, "line", None)
        place = f", line {line}" if isinstance(line, int) else ""
        raise ReadError(f"{path.name}{place}: this is not Terraform's syntax") from None
    if not isinstance(document, dict):
        raise ReadError(f"{path.name} holds no variables")
    return document


def _use(name: str, block: Mapping[str, Any], scope: Mapping[str, Any]) -> Use | None:
    values = _plain(block, scope)
    source = values.pop("source", "")
    match = _SOURCE.fullmatch(source) if isinstance(source, str) else None
    if match is None:
        return None
    version = values.pop("version", None)
    module: Any = match["module"] or "root"
    return Use(
        cloud=_CLOUDS[match["cloud"] or match["name"]],
        module=module,
        name=name,
        version=version if isinstance(version, str) else match["ref"],
        values={key: v for key, v in values.items() if key not in ("count", "providers")},
    )


def _labelled(blocks: list[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    return [(_text(label), body) for block in blocks for label, body in block.items()]


def _text(label: str) -> str:
    return label.strip('"')


def _merged(blocks: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {key: value for block in blocks for key, value in block.items()}


def _plain(values: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    return {_text(key): _value(value, scope) for key, value in values.items()}


def _value(value: Any, scope: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        return _plain(value, scope)
    if isinstance(value, list):
        return [_value(item, scope) for item in value]
    if not isinstance(value, str):
        return value
    if value.startswith('"'):
        return _template(value, scope)
    reference = value.removeprefix("${").removesuffix("}").strip()
    return scope[reference] if reference in scope else Expression(reference)


def _template(quoted: str, scope: Mapping[str, Any]) -> Any:
    """A string with its escapes resolved, and with what it names."""
    try:
        text = json.loads(quoted, strict=False)
    except ValueError:
        return Expression(quoted)

    def known(match: re.Match[str]) -> str:
        found = scope.get(match[1])
        return found if isinstance(found, str) else match[0]

    text = re.sub(r"(?<!\$)\$\{((?:local|var)\.\w+)\}", known, text)
    if re.search(r"(?<![$%])[$%]\{", text):
        return Expression(text)
    return text.replace("$${", "${").replace("%%{", "%{")
