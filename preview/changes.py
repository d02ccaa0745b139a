"""A preview as changes of resources."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

from preview.resources import PreviewError, Resource, Resources

Operation = Literal["same", "create", "update", "replace", "delete"]

_OPERATIONS: dict[str, Operation] = {
    "same": "same",
    "create": "create",
    "import": "create",
    "update": "update",
    "replace": "replace",
    "create-replacement": "replace",
    "delete-replaced": "replace",
    "import-replacement": "replace",
    "delete": "delete",
}
"""Operations that change what exists; a refresh or a read does not (`sdk/go/common/apitype`)."""

_HOW = "make it with `pulumi preview --json --show-sames`"
_SILENT = (
    "The engine printed neither a resource nor a message. What it wrote to standard error says "
    "why: look at the log of the step that ran `pulumi preview`, or run it again."
)

POOL = "ExecutorPool"
"""The component, of both clouds, that a pool's resources are below."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What happens to one resource. `before` or `after` is None when it is not there then."""

    operation: Operation
    urn: str
    before: Resource | None
    after: Resource | None
    outputs: Mapping[str, Any] = field(default_factory=dict)
    """What the cloud last said about it, empty for a new resource."""
    changed: tuple[str, ...] = ()
    """Properties that differ, at the top level; sorted, as the engine has them in any order."""
    forcing: tuple[str, ...] = ()
    """Those of them that force a replacement."""

    @property
    def parent(self) -> str:
        """The URN of the component that it is below, empty for none."""
        either = self.after or self.before
        return either.parent if either else ""

    @property
    def type(self) -> str:
        """The type's token, such as `aws:ec2/vpc:Vpc`."""
        return self.urn.split("::")[2].rpartition("$")[2]

    @property
    def kind(self) -> str:
        """The token without its module: `aws Vpc`, or the component's class."""
        cloud, _, name = self.type.partition(":")
        return name.rpartition(":")[2] if cloud == "executors" else f"{cloud} {name.split(':')[1]}"

    @property
    def name(self) -> str:
        """The logical name."""
        return self.urn.rpartition("::")[2]

    @property
    def is_component(self) -> bool:
        """Whether it only groups others."""
        return not self.type.startswith(("aws:", "gcp:"))


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One preview of one stack."""

    changes: tuple[Change, ...] = ()
    config: Mapping[str, str] = field(default_factory=dict)
    """The stack's configuration by key, objects as JSON text, secrets as `[secret]`."""
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    """Why the engine stopped; empty for a whole preview."""

    @classmethod
    def of(cls, digest: Mapping[str, Any]) -> Self:
        """What the engine printed, decoded. Raises PreviewError."""
        try:
            steps = [step for step in digest.get("steps") or [] if step["op"] in _OPERATIONS]
            changes = {step["urn"]: _change(step) for step in steps}
            messages = list(map(_message, digest.get("diagnostics") or []))
            config = dict(digest.get("config") or {})
        except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise PreviewError(f"This is no preview of the engine ({error!r}); {_HOW}.") from error
        if not changes and not messages:
            raise PreviewError(_SILENT)
        return cls(
            changes=tuple(changes.values()),
            config=config,
            warnings=tuple(text for severity, text in messages if severity == "warning"),
            errors=tuple(
                text
                for severity, text in messages
                # What stops the program is told twice, the second time with this before it.
                if severity == "error" and not text.startswith("an unhandled error occurred: ")
            ),
        )

    @cached_property
    def before(self) -> Resources:
        """What there is before the change."""
        return Resources.of(change.before for change in self.changes)

    @cached_property
    def after(self) -> Resources:
        """What there is after it."""
        return Resources.of(change.after for change in self.changes)

    @cached_property
    def by_urn(self) -> Mapping[str, Change]:
        """Every resource's change."""
        return {change.urn: change for change in self.changes}

    @property
    def stack(self) -> str:
        """The stack's name, which is in every URN; empty without resources."""
        return self.changes[0].urn.split(":", 3)[2] if self.changes else ""

    @property
    def project(self) -> str:
        """The project's name, likewise."""
        return self.changes[0].urn.split("::")[1] if self.changes else ""

    @property
    def resources(self) -> Iterator[Change]:
        """What a cloud holds: neither components nor providers nor the stack."""
        return (change for change in self.changes if not change.is_component)

    def pool_of(self, change: Change) -> str:
        """The pool that a resource belongs to, empty for what pools share."""
        at: Change | None = change
        while at is not None:
            if at.kind == POOL:
                return at.name.removeprefix("executors-")
            at = self.by_urn.get(at.parent)
        return ""

    def setting(self, key: str) -> Any:
        """A setting of the program, None when unset. Provider settings have other prefixes."""
        found = (value for name, value in self.settings if name.endswith(f"executors:{key}"))
        return next(found, None)

    @property
    def settings(self) -> Iterator[tuple[str, Any]]:
        """The configuration by key, objects decoded."""
        return ((key, _decoded(value)) for key, value in self.config.items())


def read(text: str) -> Preview:
    """The preview that the engine printed. Raises PreviewError."""
    try:
        digest = json.loads(text) if text.strip() else {}
    except ValueError as error:
        raise PreviewError(f"This is no preview of the engine ({error}); {_HOW}.") from error
    return Preview.of(digest)


def _change(step: Mapping[str, Any]) -> Change:
    operation = _OPERATIONS[step["op"]]
    old, new = step.get("oldState"), step.get("newState")
    urn = step["urn"]
    return Change(
        operation=operation,
        urn=urn,
        before=None if old is None or operation == "create" else Resource.of(old, urn),
        after=None if new is None or operation == "delete" else Resource.of(new, urn),
        outputs=(old or {}).get("outputs") or {},
        changed=tuple(sorted(step.get("diffReasons") or ())),
        forcing=tuple(sorted(step.get("replaceReasons") or ())),
    )


def _message(diagnostic: Mapping[str, Any]) -> tuple[str, str]:
    """Its severity, and its text without it."""
    severity = diagnostic.get("severity", "")
    return severity, diagnostic.get("message", "").strip().removeprefix(f"{severity}: ")


def _decoded(value: str) -> Any:
    try:
        decoded = json.loads(value)
    except ValueError:
        return value
    return decoded if isinstance(decoded, dict | list) else value
