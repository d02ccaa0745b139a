"""Which resource types a stack uses: from the engine's state export, or its JSON preview."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.tags import TAG

_FIX = "use `pulumi stack export`, or `pulumi preview --json` before the first up"


class UsedError(ValueError):
    """A document that is neither a state export nor a JSON preview of this program."""


@dataclass(frozen=True, kw_only=True)
class Used:
    """What a stack is made of."""

    types: frozenset[str]
    """Type tokens such as `aws:ec2/vpc:Vpc`."""
    regions: frozenset[str]
    """AWS regions."""
    instance_tags: frozenset[str]
    """Values of the tag `executor_tag`: more than one while a stack changes its `instanceTag`."""


def read(document: Any) -> Used:
    """The types in a state export or a JSON preview; raises UsedError for anything else.

    A preview of a stack that exists lists old and new resources, so its policy covers the change.
    """
    resources = list(_resources(document)) if isinstance(document, Mapping) else []
    if not resources:
        raise UsedError(f"the document names no resources of this program; {_FIX}")
    inputs = [
        resource["inputs"]
        for resource in resources
        if resource["type"].startswith("aws:") and isinstance(resource.get("inputs"), Mapping)
    ]
    return Used(
        types=frozenset(str(resource["type"]) for resource in resources),
        regions=frozenset(filter(_is_text, (given.get("region") for given in inputs))),
        instance_tags=frozenset(filter(_is_text, map(_tag, inputs))),
    )


def _resources(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    exported = document.get("deployment", document).get("resources", [])
    steps = document.get("steps", [])
    states = [step.get(key) for step in steps for key in ("oldState", "newState")]
    for resource in [*exported, *states]:
        kind = resource.get("type") if isinstance(resource, Mapping) else None
        if isinstance(kind, str) and kind.partition(":")[0] in ("aws", "gcp"):
            yield resource


def _tag(inputs: Mapping[str, Any]) -> Any:
    tags = inputs.get("tags")
    return tags.get(TAG) if isinstance(tags, Mapping) else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
