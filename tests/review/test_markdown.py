"""What a comment says of pools, and how it shows what somebody else wrote."""

import base64
import gzip
import json
import lzma
from typing import Any

import pytest

from preview import Preview, read
from preview.values import UNKNOWN
from review import comment
from review.markdown import code
from tests.review.steps import preview, step

ASG = "aws:autoscaling/group:Group"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"


def group(op: str = "same", low: int = 0, high: int = 10, **before: Any) -> dict[str, Any]:
    new = {"minSize": low, "maxSize": high}
    return step(op, ASG, old={**new, **before}, new=new)


def template(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return step("update", TEMPLATE, old=old, new=new)


def user_data(**environment: str) -> str:
    """A boot script as EC2 takes it, with this environment."""
    payload = lzma.compress(json.dumps({"environment": environment}).encode())
    text = f"<<'PAYLOAD'\n{base64.b64encode(payload).decode()}\nPAYLOAD\n"
    return base64.b64encode(gzip.compress(text.encode())).decode()


def pool_lines(found: Preview) -> list[str]:
    _, _, section = comment(found).partition("### Pool ")
    return [line for line in section.splitlines() if line.lstrip().startswith("- ")]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("plain", "`plain`"),
        ("a`b|c\nd", "`a'b¦c d`"),
        ("x" * 200, f"`{'x' * 120}…`"),
        (True, "`true`"),
        (None, "unset"),
        ("", "empty"),
        (UNKNOWN, "known after the change"),
    ],
)
def test_a_value_is_code_on_one_line(value: object, shown: str) -> None:
    assert code(value) == shown


def test_a_value_cannot_write_markdown() -> None:
    hostile = "`](https://evil.example.com) @everybody\n# Approved"
    text = comment(preview(group(), template({"imageId": "ami-1"}, {"imageId": hostile})))
    assert "\n# Approved" not in text
    assert "`ami-1` → `'](https://evil.example.com) @everybody # Approved`" in text


def test_new_vms_get_it_and_running_ones_keep_theirs() -> None:
    lines = pool_lines(preview(group(), template({"imageId": "a"}, {"imageId": "b"})))
    assert lines[:2] == ["- **New VMs** start with:", "  - image: `a` → `b`"]
    assert lines[2].startswith("- **Running VMs** keep what they have, and their jobs.")


def test_running_vms_are_counted_where_the_state_knows() -> None:
    change = template({"imageId": "a"}, {"imageId": "b"})
    running = group()
    running["oldState"]["outputs"] = {"desiredCapacity": 7}
    lines = pool_lines(preview(running, change))
    assert lines[2].startswith("- **Running VMs** (7 when the state was last read) keep")


@pytest.mark.parametrize(
    ("age", "words"), [("6h", "when it is 6h old"), ("0s", "for ever"), ("0", "for ever")]
)
def test_running_vms_leave_when_their_own_settings_say(age: str, words: str) -> None:
    old = {"userData": user_data(EXECUTOR_MAX_ACTIVE_TIME=age)}
    new = {"userData": user_data(EXECUTOR_MAX_ACTIVE_TIME="1h")}
    lines = pool_lines(preview(group(), template(old, new)))
    assert lines[1] == f"  - EXECUTOR_MAX_ACTIVE_TIME: `{age}` → `1h`"
    assert words in lines[2]


def test_a_secret_variable_is_hidden_in_a_difference() -> None:
    old, new = {"userData": user_data()}, {"userData": user_data(NPM_TOKEN="hunter2")}
    text = comment(preview(group(), template(old, new)))
    assert "NPM_TOKEN: unset → `[secret]`" in text
    assert "hunter2" not in text


def test_sizes_say_what_becomes_of_running_vms() -> None:
    def told(found: dict[str, Any]) -> str:
        return "\n".join(pool_lines(preview(found)))

    assert "above the new maximum finish" in told(group("update", 0, 4, maxSize=10))
    assert told(group("update", 0, 20, maxSize=10)) == ""
    assert "is paused" in told(group("update", 0, 0, maxSize=10))
    assert "no longer paused" in told(group("update", 0, 10, maxSize=0))


@pytest.mark.parametrize("op", ["create", "update", "delete"])
def test_other_hours_are_told(op: str) -> None:
    old, new = (None if op == "create" else {}), (None if op == "delete" else {})
    found = preview(group(), step(op, "aws:autoscaling/schedule:Schedule", old=old, new=new))
    assert "Hours of the week" in "\n".join(pool_lines(found))
    same = preview(group(), step("same", "aws:autoscaling/schedule:Schedule", old={}, new={}))
    assert pool_lines(same) == []


def test_subnets_are_counted_where_they_are_known() -> None:
    def told(after: object) -> list[str]:
        changed = group("update", vpcZoneIdentifiers=["a", "b"])
        changed["newState"]["inputs"]["vpcZoneIdentifiers"] = after
        return pool_lines(preview(changed, template({}, {})))

    assert "  - subnets: `2` → `1`" in told(["a"])
    assert "  - subnets: `2` → known after the change" in told(UNKNOWN)
    assert "  - subnets: changed" in told([UNKNOWN, UNKNOWN])


def test_unknown_sizes_and_prices_are_said_to_be_unknown() -> None:
    unknown = step("create", ASG, new={"minSize": UNKNOWN, "maxSize": 3})
    text = comment(preview(unknown, prices={"big": {"onDemand": 1}}))
    assert "none → ? to 3" in text
    assert "0.00 → unknown" in text


def test_a_comment_fits_github() -> None:
    steps = [step("create", "aws:x/y:Y", f"{n:04}" * 50, new={}) for n in range(1000)]
    text = comment(preview(group(), *steps))
    assert len(text) < 65_536
    assert text.endswith("The list of resources is too long for a comment.\n")


def test_a_fence_in_an_error_does_not_end_it() -> None:
    text = comment(Preview(changes=(), config={}, warnings=(), errors=("```\n# Approved",)))
    assert text.count("```") == 2


def test_an_error_is_told_once_and_a_warning_is_none() -> None:
    said = [
        ("warning", "warning: the image floats\n"),
        ("error", "error: no max\n"),
        ("error", "error: an unhandled error occurred: no max\n"),
        ("info#err", "noise"),
    ]
    messages = [{"severity": severity, "message": message} for severity, message in said]
    found = read(json.dumps({"diagnostics": messages}))
    assert (found.warnings, found.errors) == (("the image floats",), ("no max",))


def test_warnings_are_told_on_one_line_each() -> None:
    found = Preview(changes=(), config={}, warnings=("one\ntwo",), errors=())
    assert "- one two" in comment(found)
