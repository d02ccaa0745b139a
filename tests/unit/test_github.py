"""What the workflows write on GitHub."""

from collections.abc import Iterator
from urllib.error import HTTPError

import pytest

from scripts import github
from tests.github import TOKEN, GitHub, serve

MARKER = "<!-- executors-preview:prod -->"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    with serve() as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
        yield running


def test_a_stack_has_one_comment_which_is_edited_in_place(hub: GitHub) -> None:
    github.comment(7, f"{MARKER}\nfirst")
    github.comment(7, "<!-- executors-preview:staging -->\nanother stack")
    github.comment(7, f"{MARKER}\nsecond")
    assert [found["body"].splitlines()[1] for found in hub.comments] == ["second", "another stack"]


def test_a_comment_of_somebody_else_is_left_alone(hub: GitHub) -> None:
    hub.comments.append({"id": 1, "user": {"login": "mallory"}, "body": f"{MARKER}\nmine"})
    github.comment(7, f"{MARKER}\nfirst")
    assert [found["body"].splitlines()[1] for found in hub.comments] == ["mine", "first"]


def test_the_comment_is_found_on_a_later_page(hub: GitHub) -> None:
    talk = [{"id": n, "user": {"login": "a"}, "body": "talk"} for n in range(1, 151)]
    hub.comments.extend(talk)
    github.comment(7, f"{MARKER}\nfirst")
    github.comment(7, f"{MARKER}\nsecond")
    assert len(hub.comments) == 151


def test_an_issue_is_opened_edited_and_closed_and_opened_anew(hub: GitHub) -> None:
    github.issue("Drift", "none", is_open=False)
    assert hub.issues == []
    github.issue("Drift", "first", is_open=True)
    github.issue("Drift", "second", is_open=True)
    assert [(found["body"], found["state"]) for found in hub.issues] == [("second", "open")]
    github.issue("Drift", "", is_open=False)
    github.issue("Drift", "third", is_open=True)
    assert [(found["body"], found["state"]) for found in hub.issues] == [
        ("second", "closed"),
        ("third", "open"),
    ]


def test_a_label_is_taken_off(hub: GitHub) -> None:
    hub.labels.add("red-lines-accepted")
    github.unlabel(7, "red-lines-accepted")
    assert hub.labels == set()


def test_a_label_that_is_gone_already_is_taken_off(hub: GitHub) -> None:
    github.unlabel(7, "red-lines-accepted")
    assert hub.labels == set()


def test_a_refusal_to_take_a_label_off_is_told(
    hub: GitHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.labels.add("red-lines-accepted")
    monkeypatch.setenv("GITHUB_TOKEN", "another")
    with pytest.raises(HTTPError, match="401"):
        github.unlabel(7, "red-lines-accepted")
    assert hub.labels == {"red-lines-accepted"}
