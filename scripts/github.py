"""What the workflows write on GitHub: one comment or issue a stack, edited in place.

Reads GITHUB_API_URL, GITHUB_REPOSITORY (the runner sets both) and GITHUB_TOKEN. Standard library
only.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

_AUTHOR = "github-actions[bot]"
"""Whom GitHub names as the author of what a workflow's own token writes."""

_PAGE = 100
_TIMEOUT_S = 30


def comment(number: int, text: str) -> None:
    """Write `text` under a pull request, in place of what starts with the same line."""
    marker = text.splitlines()[0]
    for found in _pages(f"issues/{number}/comments"):
        if found["user"]["login"] == _AUTHOR and found["body"].startswith(marker):
            _call("PATCH", f"issues/comments/{found['id']}", {"body": text})
            return
    _call("POST", f"issues/{number}/comments", {"body": text})


def issue(title: str, text: str, *, is_open: bool) -> None:
    """Keep one open issue of this title with this text, or none."""
    mine = [
        found
        for found in _pages("issues?state=open")
        if found["title"] == title and found["user"]["login"] == _AUTHOR
    ]
    for found in mine:
        state = {"body": text} if is_open else {"state": "closed"}
        _call("PATCH", f"issues/{found['number']}", state)
    if is_open and not mine:
        _call("POST", "issues", {"title": title, "body": text})


def unlabel(number: int, label: str) -> None:
    """Take a label off a pull request, if it is still there."""
    try:
        _call("DELETE", f"issues/{number}/labels/{label}", None)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.NOT_FOUND:
            raise


def _pages(path: str) -> Iterator[dict[str, Any]]:
    page, found = 1, [None] * _PAGE
    while len(found) == _PAGE:
        joined = "&" if "?" in path else "?"
        found = _call("GET", f"{path}{joined}per_page={_PAGE}&page={page}", None)
        yield from found
        page += 1


def _call(method: str, path: str, body: dict[str, str] | None) -> Any:
    base = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}"
    # The runner's own address.
    request = urllib.request.Request(  # noqa: S310
        f"{base}/{path}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
            "Accept": "application/vnd.github+json",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        return json.load(answer)


def main() -> None:
    """Write one comment or issue, or take one label off."""
    parser = argparse.ArgumentParser(prog="python -m scripts.github", description=__doc__)
    actions = parser.add_subparsers(dest="action", required=True)
    action = actions.add_parser("comment")
    action.add_argument("number", type=int)
    action.add_argument("file", type=Path)
    action = actions.add_parser("issue")
    action.add_argument("state", choices=["open", "closed"])
    action.add_argument("title")
    action.add_argument("file", type=Path)
    action = actions.add_parser("unlabel")
    action.add_argument("number", type=int)
    action.add_argument("label")
    arguments = parser.parse_args()
    match arguments.action:
        case "comment":
            comment(arguments.number, arguments.file.read_text())
        case "issue":
            text = arguments.file.read_text()
            issue(arguments.title, text, is_open=arguments.state == "open")
        case "unlabel":
            unlabel(arguments.number, arguments.label)


if __name__ == "__main__":
    try:
        main()
    except urllib.error.URLError as error:
        sys.exit(f"GitHub refused: {error}")
