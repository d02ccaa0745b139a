"""Secrets that stand in clear where a preview, a state or a log shows them."""

import re
from collections.abc import Iterator
from typing import Any

from preview import Change, Preview
from preview.values import SECRET, UNKNOWN, leaves
from review.fleet import after, before, boot

_NAMES = re.compile(
    r"(^|[_.\]a-z])(token|password|passwd|passphrase|secret|secret(string|data|binary)|credentials?"
    r"|(access|api|encryption|private|secret|signing|ssh)_?key)$"
    # Short ones end other words, too, such as `compat` and `bypass`.
    r"|(^|[_.\]]|(?-i:[a-z](?=P)))(pass|pat)$",
    re.IGNORECASE,
)
"""Names whose value is a secret; `…_TOKEN_FILE` or `secretId` name a place instead."""

_IDS = ("aws:accessKey",)
"""Settings that are called like a secret and are the id of one."""

_VALUES = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a GitHub token": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{36}|github_pat_\w{22,})"),
    "a GitLab token": re.compile(r"\bglpat-[\w-]{20}"),
    "a Sourcegraph token": re.compile(r"\bsgp_[0-9a-f_]{40,}"),
    "a Slack token": re.compile(r"\bxox[abpr]-[\w-]{10,}"),
    "an npm token": re.compile(r"\bnpm_[A-Za-z0-9]{36}"),
    "an address with a password": re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"),
}

_ENCODED = ("userData", "metadata.startup-script")
"""Judged unpacked."""


def is_secret_name(name: str) -> bool:
    """Whether a variable or property of this name holds a secret."""
    return _NAMES.search(name) is not None


def hidden(name: str, value: Any) -> Any:
    """`value`, or the mark of a secret when the name or the value itself looks like one."""
    if value is None or not (is_secret_name(name) or _looks(value)):
        return value
    return SECRET


def secrets_in_clear(preview: Preview) -> Iterator[tuple[str, str]]:
    """(place, what is wrong) of every secret in the stack file, and in what is made or changed."""
    for key, value in preview.settings:
        if key in _IDS:
            continue
        for path, what in _found(value, key.rpartition(":")[2]):
            yield "stack file", f"`{path}` holds {what}; use `pulumi config set --secret`"
    for change in preview.resources:
        if change.operation in ("create", "update", "replace"):
            place = f"{change.kind} `{change.name}`"
            yield from ((place, text) for text in _of_resource(change))


def _of_resource(change: Change) -> Iterator[str]:
    inputs = after(change) or {}
    was = {path for path, value in leaves(before(change) or {}) if value == SECRET}
    for path, value in leaves(inputs):
        if path in was and value not in (SECRET, UNKNOWN, None):
            yield f"`{path}` was secret, and is in clear now"
        elif path not in _ENCODED:
            yield from (f"`{place}` holds {what}" for place, what in _found(value, path))
    script = boot(inputs)
    if script is not None:
        for path, what in _found(script.document, ""):
            yield f"its boot script's `{path}` holds {what}"


def _found(value: Any, path: str) -> Iterator[tuple[str, str]]:
    for place, leaf in leaves(value, path):
        if not isinstance(leaf, str) or leaf in ("", SECRET, UNKNOWN):
            continue
        looks = _looks(leaf)
        if looks:
            yield place, looks
        elif is_secret_name(place) and not _is_reference(place, leaf):
            yield place, "a secret in clear"


def _looks(value: Any) -> str:
    return next((what for what, form in _VALUES.items() if form.search(str(value))), "")


def _is_reference(place: str, value: str) -> bool:
    """Where the boot script names a secret, it holds the secret's name."""
    named = "secret_environment" in place or place.endswith("private_ca_secret")
    return named or value.startswith(("arn:", "projects/", "$("))
