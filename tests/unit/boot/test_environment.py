"""The environment file, read by the rules of systemd.exec(5)."""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.boot.vm import environment
from components.boot.vm.failures import BootError

NONCHARACTERS = {0xFDD0 + n for n in range(32)} | {
    plane * 0x10000 + end for plane in range(17) for end in (0xFFFE, 0xFFFF)
}
FORBIDDEN = (
    {chr(n) for n in (*range(9), *range(11, 32), 0x7F, 0xFEFF)}
    | {chr(n) for n in NONCHARACTERS}
    | {chr(n) for n in range(0xD800, 0xE000)}
)
ALLOWED = st.characters(exclude_characters=FORBIDDEN, exclude_categories=["Cs"])
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)


def read(text: str) -> dict[str, str]:
    """What systemd makes of an environment file: the section on EnvironmentFile=, rule by rule."""
    variables = {}
    rest = iter(text)
    for char in rest:
        if char in "#;":
            while char not in ("\n", ""):
                char = next(rest, "")  # noqa: PLW2901
            continue
        name = ""
        while char not in ("=", "\n", ""):
            name, char = name + char, next(rest, "")  # noqa: PLW2901
        if char == "=":
            variables[name.strip()] = _value(rest)
    return variables


def _value(rest: Iterator[str]) -> str:
    char = next(rest, "\n")
    while char in " \t\r":
        char = next(rest, "\n")
    quoted = ""
    if char in ('"', "'"):
        quote = char
        while (char := next(rest, quote)) != quote:
            if char == "\\" and quote == '"':
                char = next(rest, "")
                quoted += {"\n": ""}.get(char, char if char in '"\\`$' else "\\" + char)
            else:
                quoted += char
        char = next(rest, "\n")
    plain = ""
    while char != "\n":
        plain += char if char != "\\" else next(rest, "").replace("\n", "")
        char = next(rest, "\n")
    return quoted + plain.rstrip(" \t\r")


def test_the_reader_follows_the_manual() -> None:
    text = '# A=1\n;B=2\nC = x y \\\\ \nD=\'a"$\\b\'\nE="a\\$b\\qc\\\n\'d"\nF\nG=it\'s\nH="a\nb"\n'
    assert read(text) == {
        "C": "x y \\",
        "D": 'a"$\\b',
        "E": "a$b\\qc'd",
        "G": "it's",
        "H": "a\nb",
    }


@given(st.dictionaries(NAMES, st.text(ALLOWED)))
@example({"A": "$HOME`id`\"'\\ \\n\\$ #;=%h é\N{HANGUL SYLLABLE HAN} \U0001f600"})
@example({"A": '{"auths": {\n\t"r": {}\n}}\n', "B": "\\", "C": "  x\t", "D": "", "E": "\n\n"})
def test_systemd_reads_every_value_as_it_is(variables: dict[str, str]) -> None:
    assert read(environment.render(variables)) == variables


@given(st.sampled_from(sorted(FORBIDDEN)), st.text(ALLOWED), st.text(ALLOWED))
def test_what_systemd_would_drop_is_refused_without_its_value(
    bad: str, before: str, after: str
) -> None:
    with pytest.raises(BootError) as refusal:
        environment.render({"TOKEN": before + bad + after})
    assert str(refusal.value) == (
        "the value of TOKEN has a control character, which systemd refuses"
    )


@pytest.mark.parametrize(
    "char", sorted(FORBIDDEN - {chr(n) for n in range(0xD800, 0xE000)}), ids=ascii
)
def test_every_such_character_is_refused(char: str) -> None:
    with pytest.raises(BootError):
        environment.render({"A": char})


def test_nothing_else_is_refused() -> None:
    rest = {chr(n) for n in range(0x11000)} - FORBIDDEN
    environment.render({"A": "".join(rest)})


@pytest.mark.parametrize("name", ["", "1A", "A B", "A=B", "A\nB", "Ä", "A\n"])
def test_a_wrong_name_is_refused(name: str) -> None:
    with pytest.raises(BootError, match="is no name of an environment variable"):
        environment.render({name: "x"})
