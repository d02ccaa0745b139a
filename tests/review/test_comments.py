"""Comments on previews that the real engine made, and the command's exit code."""

import subprocess
import sys
from pathlib import Path

import pytest

from preview import read
from review import comment, red_lines
from tests.recorder import ROOT
from tests.review import archive, make
from tests.review.changes import CHANGES
from tests.workflows import workflows

PREVIEWS = archive.previews()
AGAIN = "run `python -m tests.review.make` and look at what changed"


def test_every_change_has_a_preview_and_a_page() -> None:
    assert PREVIEWS.keys() == CHANGES.keys(), AGAIN
    pages = {archive.page(name) for name in CHANGES}
    assert {page for page in pages if page.exists()} == pages, AGAIN
    folders = {page.parent for page in pages}
    assert {page for folder in folders for page in folder.glob("*.md")} == pages
    assert len(PREVIEWS) >= 15


def test_an_example_is_made_as_the_workflow_makes_its_preview() -> None:
    """With a refresh, say, without which nobody knows how many VMs run."""
    steps = workflows()["preview"]["jobs"]["preview"]["steps"]
    (run,) = [step["run"] for step in steps if step.get("name") == "Preview"]
    command = make.PREVIEW.replace("--stack dev", '--stack "$STACK"')
    assert run.endswith(f"{command} > preview.json || true")
    for name in (name for name, change in CHANGES.items() if change.title):
        assert '"op":"refresh"' in PREVIEWS[name], AGAIN


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_still_fits_the_files_that_it_edits(name: str) -> None:
    texts: dict[str, str] = {}
    for edit in (*CHANGES[name].base, *CHANGES[name].edits):
        text = texts.get(edit.file) or (ROOT / edit.file).read_text()
        assert text.count(edit.old) == 1, edit
        texts[edit.file] = text.replace(edit.old, edit.new)


@pytest.mark.parametrize("name", CHANGES)
def test_the_committed_comment_is_the_rendered_one(name: str) -> None:
    rendered = archive.expected(name, comment(read(PREVIEWS[name])))
    assert archive.page(name).read_text() == rendered, AGAIN


@pytest.mark.parametrize("name", CHANGES)
def test_the_command_ends_as_the_change_deserves(name: str, tmp_path: Path) -> None:
    file = tmp_path / "preview.json"
    file.write_text(PREVIEWS[name])
    command = [sys.executable, "-m", "review", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == CHANGES[name].code, done.stdout + done.stderr
    assert done.stdout == comment(read(PREVIEWS[name]))


def test_no_comment_shows_a_secret() -> None:
    for name, text in PREVIEWS.items():
        shown = comment(read(text))
        assert "made-up-for-this-test" not in shown, name
        assert "bWFkZTp1cA==" not in shown, name


RULES = {
    "port-22-open": {"Public exposure"},
    "network-replaced": {"State is lost"},
    "registry-credentials": {"Widened permissions"},
    "pool-removed": {"Jobs are interrupted", "State is lost"},
    "secret-in-clear": {"Secret in clear"},
    "metrics-open": {"Public exposure"},
    "wider-roles": {"Widened permissions"},
    "keyless": {"State is lost"},
    "zone-removed": {"State is lost"},
}


@pytest.mark.parametrize("name", RULES)
def test_a_change_crosses_the_line_that_it_was_made_for(name: str) -> None:
    assert {line.rule for line in red_lines(read(PREVIEWS[name]))} >= RULES[name]


def test_a_comment_starts_with_what_the_next_run_finds_it_by() -> None:
    for text in PREVIEWS.values():
        assert comment(read(text)).startswith("<!-- executors-preview:dev -->\n")


SILENT = "The engine printed neither a resource nor a message. What it wrote to standard error"
FOREIGN = "This is no preview of the engine"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", SILENT),
        ("\n", SILENT),
        ("{}", SILENT),
        ('{"steps": []}', SILENT),
        ("[]", FOREIGN),
        ('{"steps": [{"op": "create"}]}', FOREIGN),
        ("error: no stack", FOREIGN),
    ],
)
def test_where_the_engine_says_nothing_the_comment_says_where_to_look(
    text: str, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "preview.json"
    file.write_text(text)
    command = [sys.executable, "-m", "review", "--stack", "prod", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("<!-- executors-preview:prod -->\n")
    assert "**The preview failed.**" in done.stdout
    assert says in done.stdout
    assert "pulumi preview" in done.stdout


def test_a_file_that_is_not_there_is_no_comment(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "review", str(tmp_path / "preview.json")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "preview.json" in done.stderr


def test_a_preview_that_failed_before_any_resource_is_of_the_stack_that_is_named(
    tmp_path: Path,
) -> None:
    file = tmp_path / "preview.json"
    file.write_text('{"diagnostics": [{"severity": "error", "message": "error: no passphrase"}]}')
    command = [sys.executable, "-m", "review", "--stack", "prod", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    head = "<!-- executors-preview:prod -->\n\n## Preview of the stack `prod`\n"
    assert done.stdout.startswith(head)


@pytest.mark.parametrize(("name", "code"), [("comment-only", 0), ("doubled-max", 3)])
def test_where_no_change_is_expected_every_change_is_one_too_many(
    name: str, code: int, tmp_path: Path
) -> None:
    file = tmp_path / "preview.json"
    file.write_text(PREVIEWS[name])
    command = [sys.executable, "-m", "review", "--expect-no-changes", str(file)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode == code
