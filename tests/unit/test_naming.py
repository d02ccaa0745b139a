"""Names fit the narrowest alphabet and length, and never meet."""

import re
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from components.naming import (
    CUSTOM_ROLE_LENGTH,
    INSTANCE_TAG_LENGTH,
    LOGICAL_NAME_LENGTH,
    SECRET_ID_LENGTH,
    SERVICE_ACCOUNT_LENGTH,
    instance_tag,
    physical_name,
    role_id,
    short_name,
)

stacks = st.text("abcXYZ019-_.", min_size=1, max_size=100)
purposes = st.text("abc019-", min_size=1, max_size=60)
lengths = st.sampled_from([SERVICE_ACCOUNT_LENGTH, INSTANCE_TAG_LENGTH, SECRET_ID_LENGTH])
quick = settings(max_examples=150, deadline=None, database=None)


def distinct(make: Callable[..., str], one: tuple, other: tuple) -> bool:
    return (make(*one) == make(*other)) == (one == other)


@quick
@given(stacks, purposes, lengths)
def test_a_physical_name_is_valid_everywhere(stack: str, purpose: str, length: int) -> None:
    name = physical_name(stack, purpose, length)
    assert re.fullmatch(r"[a-z]([a-z0-9-]*[a-z0-9])", name)
    assert "--" not in name
    assert 6 <= len(name) <= length


@quick
@given(st.tuples(stacks, purposes), st.tuples(stacks, purposes), lengths)
def test_different_things_have_different_names(
    one: tuple[str, str], other: tuple[str, str], length: int
) -> None:
    assert distinct(lambda stack, purpose: physical_name(stack, purpose, length), one, other)


def test_what_the_alphabet_or_the_length_makes_equal_is_told_apart() -> None:
    pairs = [("prod", "a"), ("Prod", "a"), ("prod.", "a"), ("prod-a", ""), ("x" * 99, "a")]
    pairs += [("x" * 98, "xa"), ("", "prod-a")]
    assert len({physical_name(*pair, 30) for pair in pairs}) == len(pairs)


def test_a_salt_makes_a_name_that_never_comes_back() -> None:
    assert physical_name("s", "p", 30, salt="1") != physical_name("s", "p", 30, salt="2")
    assert role_id("s", "p", salt="1") != role_id("s", "p", salt="2")


@quick
@given(stacks, purposes, st.text(max_size=8))
def test_a_role_id_has_no_hyphen(stack: str, purpose: str, salt: str) -> None:
    name = role_id(stack, purpose, salt=salt)
    assert re.fullmatch(r"[a-zA-Z0-9_.]+", name)
    assert 3 <= len(name) <= CUSTOM_ROLE_LENGTH


@quick
@given(purposes, purposes)
def test_a_short_name_leaves_room_and_keeps_names_apart(one: str, other: str) -> None:
    assert len(short_name(one)) <= LOGICAL_NAME_LENGTH
    assert distinct(short_name, (one,), (other,))


def test_a_name_that_fits_stays_as_it_is() -> None:
    assert short_name("executors-us-east-1") == "executors-us-east-1"


@quick
@given(stacks, stacks)
def test_an_instance_tag_is_a_valid_label_of_its_own(one: str, other: str) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9-]{0,62}", instance_tag(one))
    assert distinct(instance_tag, (one,), (other,))


def test_an_instance_tag_reads_like_its_stack() -> None:
    assert instance_tag("prod") == "executors-prod"
