"""The comment under a pull request."""

from collections import Counter

from preview import Change, Preview
from review.markdown import code
from review.pool import of_pool
from review.red_lines import RedLine, pools, red_lines
from review.table import table

DONE = {"create": "created", "update": "updated", "replace": "replaced", "delete": "deleted"}
_DOES = {"create": "creates", "update": "updates", "replace": "replaces", "delete": "deletes"}
_LONGEST = 60_000
"""GitHub takes 65,536 characters."""


def marker(stack: str) -> str:
    """What the comment of a stack starts with, for the next run to find and edit it."""
    return f"<!-- executors-preview:{stack} -->"


def comment(preview: Preview, stack: str = "") -> str:
    """The whole comment, GitHub's Markdown. It shows no value that looks like a secret.

    `stack` is the stack's name; a preview that failed before its first resource does not have it.
    """
    stack = stack or preview.stack
    parts = [marker(stack), f"## Preview of the stack {code(stack)}" if stack else "## Preview"]
    if preview.errors:
        parts += ["> [!CAUTION]\n> **The preview failed.** Nothing can be said about the change."]
        parts += ["\n".join(["```text", *map(_fenced, preview.errors), "```"])]
        return "\n\n".join(parts) + "\n"
    touched = [change for change in preview.resources if change.operation != "same"]
    parts += [_red(red_lines(preview)), _summary(touched)]
    parts.append(table(preview))
    for name, changes in pools(preview).items():
        parts.append(
            "\n".join([f"### Pool {code(name)}", "", *told]) if (told := of_pool(changes)) else ""
        )
    parts.append(_shared(preview, touched))
    if preview.warnings:
        parts.append("\n".join(["### Warnings", "", *(f"- {_line(w)}" for w in preview.warnings)]))
    told = "\n\n".join(filter(None, parts))
    details = _details(touched) if touched else ""
    if len(told) + len(details) > _LONGEST:
        details = "The list of resources is too long for a comment."
    return f"{told[:_LONGEST]}\n\n{details}".rstrip() + "\n"


def _red(lines: list[RedLine]) -> str:
    if not lines:
        return ""
    count = "One red line" if len(lines) == 1 else f"{len(lines)} red lines"
    told = [f"> - **{line.rule}**: {line.place} {line.text}" for line in lines]
    return "\n".join(["> [!CAUTION]", f"> **{count}: decide before you merge.**", ">", *told])


def _summary(touched: list[Change]) -> str:
    if not touched:
        return "No changes: no resource is touched, and running jobs are not either."
    counts = Counter(change.operation for change in touched)
    told = ", ".join(f"{word} {counts[op]}" for op, word in _DOES.items() if op in counts)
    return f"This change {told} of the stack's resources."


def _shared(preview: Preview, touched: list[Change]) -> str:
    shared = [change for change in touched if not preview.pool_of(change)]
    made = Counter(change.kind for change in shared if change.operation == "create")
    lines = sorted(_one(change) for change in shared if change.operation != "create")
    if made:
        kinds = [kind if count == 1 else f"{count} {kind}" for kind, count in sorted(made.items())]
        lines.append(f"- New: {', '.join(kinds)}")
    return "\n".join(["### What pools share", "", *lines]) if lines else ""


def _one(change: Change) -> str:
    told = f"- {change.kind} {code(change.name)} is {DONE[change.operation]}"
    if change.type.endswith(":SecretVersion") and change.after is not None:
        told += ": VMs that boot from now on read the new value, running ones keep the old one"
        if change.name.endswith("-accessToken"):
            told += ". Sourcegraph knows one token: pause the pools while it changes"
    return told


def _details(touched: list[Change]) -> str:
    rows = [
        f"| {change.operation} | {change.kind} | {code(change.name)} "
        f"| {', '.join(code(name) for name in change.changed)} |"
        for change in sorted(touched, key=lambda change: (change.kind, change.name))
    ]
    head = ["| | Resource | Name | Properties |", "|---|---|---|---|"]
    summary = f"<details><summary>Every resource: {len(touched)}</summary>"
    return "\n".join([summary, "", *head, *rows, "", "</details>"])


def _line(text: str) -> str:
    return " ".join(text.split())


def _fenced(text: str) -> str:
    return text.replace("```", "'''")
