"""What the table says of a pool's time to max; `tests/simulator` has the times themselves."""

import math
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from preview import UNKNOWN, Preview, Resource
from review.scaling import duration
from review.table import table
from tests import stacks
from tests.recorder import ROOT
from tests.simulator.previews import altered, preview


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (None, "-"),
        (0.0, "0.5 min"),
        (55.0, "1 min"),
        (60.0, "1 min"),
        (140.0, "2.5 min"),
        (570.0, "9.5 min"),
        (571.0, "10 min"),
        (680.0, "12 min"),
        (3380.0, "57 min"),
        (math.inf, "over 12 h"),
    ],
)
def test_a_time_is_rounded_up(seconds: float | None, shown: str) -> None:
    assert duration(seconds) == shown


def cell(found: Preview, pool: str = "codeintel") -> str:
    (row,) = [line for line in table(found).splitlines() if line.startswith(f"| `{pool}` |")]
    return row.split(" | ")[3]


def notes(found: Preview) -> list[str]:
    return [line for line in table(found).splitlines() if line.startswith("- ")]


def change(before: dict[str, Any], after: dict[str, Any]) -> Preview:
    """From what one configuration declares to what another one does."""
    old, new = preview(before), preview(after)
    gone = [one for one in old.changes if one.urn not in new.by_urn]
    changes = [
        *(replace(one, before=old.before.by_urn.get(one.urn)) for one in new.changes),
        *(replace(one, after=None) for one in gone),
    ]
    return replace(new, changes=tuple(changes))


def test_both_clouds_have_a_time_and_the_table_says_what_it_is() -> None:
    found = preview(stacks.dev())
    assert cell(found) == "2.5 min"
    assert cell(found, "batches") == "1 min"
    (meaning,) = notes(found)
    assert meaning.startswith("- Time to max: ")


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"max": 20}, "2.5 min"),
        ({"jobsPerInstance": 8}, "2.5 min"),
        ({"paused": True}, "2.5 min → -"),
        ({"min": 10}, "2.5 min → -"),
    ],
)
def test_a_changed_pool_has_two_sides(changes: dict[str, Any], shown: str) -> None:
    after = stacks.with_pool("codeintel", **changes)
    assert cell(change(stacks.dev(), after)) == shown
    assert cell(change(after, stacks.dev())) == " → ".join(reversed(shown.split(" → ")))


def test_a_new_pool_has_no_time_before() -> None:
    found = preview(stacks.dev())
    new = replace(found, changes=tuple(replace(one, before=None) for one in found.changes))
    assert cell(new) == "- → 2.5 min"


def test_where_no_pool_scales_nothing_is_explained() -> None:
    fixed = stacks.with_pools({"codeintel": {"min": 10}, "batches": {"paused": True}})
    assert cell(preview(fixed)) == cell(preview(fixed), "batches") == "-"
    assert notes(preview(fixed)) == []


def with_inputs(kind: str, **inputs: Any) -> Preview:
    def alter(one: Resource) -> Resource:
        changed = replace(one, inputs={**one.inputs, **inputs})
        return changed if one.type.endswith(kind) else one

    return altered(preview(stacks.dev()), alter)


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (with_inputs(":MetricAlarm", comparisonOperator="Near"), "Near is not simulated"),
        (with_inputs("autoscaling/group:Group", maxSize=UNKNOWN), "its sizes are known after"),
    ],
)
def test_a_time_that_is_not_known_says_why(found: Preview, why: str) -> None:
    assert cell(found) == "2.5 min → unknown"
    (told,) = [line for line in notes(found) if line.startswith("- The time to max")]
    assert why in told
    assert "of `codeintel` is unknown" in told
    assert cell(found, "batches") == "1 min"


def test_a_reason_cannot_write_markdown() -> None:
    hostile = "`](https://evil.example.com)\n# Approved"
    told = table(with_inputs("autoscaling/policy:Policy", policyType=hostile))
    assert "\n# Approved" not in told
    assert "`'](https://evil.example.com) # Approved is not simulated" in told


def test_the_command_needs_no_more_than_the_program_does() -> None:
    """A workflow installs `requirements.txt` and nothing else."""
    listing = "import sys, review.__main__; print(*{name.split('.')[0] for name in sys.modules})"
    command = [sys.executable, "-c", listing]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    own = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    foreign = set(done.stdout.split()) - set(sys.stdlib_module_names) - own
    of_python = {name for name in foreign if name.startswith("_")}
    pydantic = {"pydantic", "pydantic_core", "annotated_types", "typing_extensions"}
    assert foreign - of_python == pydantic | {"typing_inspection"}
