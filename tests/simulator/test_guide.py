"""The numbers and pictures of the guide are those that the simulator gives today."""

import html
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.guide import DOCS, PAGES, Found, configuration, find
from simulator.tables import filled, names
from tests.simulator.previews import systems_of

AGAIN = "run `make guide`, and read whether the words still fit the numbers"


@pytest.fixture(scope="module")
def found() -> Found:
    # A thread, as the recorder's own ones do not survive a fork.
    with ThreadPoolExecutor(1) as worker:
        return find(systems_of(configuration()), worker)


@pytest.mark.parametrize("page", PAGES)
def test_the_tables_of_a_page_are_todays(page: str, found: Found) -> None:
    text = (DOCS / page).read_text()
    assert filled(text, found.tables()) == text, AGAIN


def test_every_table_stands_in_a_page(found: Found) -> None:
    standing = [name for page in PAGES for name in names((DOCS / page).read_text())]
    assert sorted(standing) == sorted(found.tables())


def test_the_pictures_are_drawn_from_todays_numbers(found: Found) -> None:
    for file, description in found.descriptions().items():
        picture = (DOCS / file).read_text()
        [told] = re.findall(r"<dc:description>(.*?)</dc:description>", picture, re.DOTALL)
        assert html.unescape(told) == description, f"{file}: {AGAIN}"


def test_pictures_are_small_shown_and_readable_on_any_page(found: Found) -> None:
    pages = "".join((DOCS / page).read_text() for page in PAGES)
    for file in found.descriptions():
        picture = (DOCS / file).read_text()
        assert len(picture) < 60_000, file
        assert f"]({file})" in pages, file
        # Neither the page's white nor its black: a background is not drawn.
        assert not re.search(r"#fff\b|#ffffff|#000\b|#000000|fill: (white|black)", picture), file
        assert "#808080" in picture, file


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    page = "a\n<!-- simulator: x -->\nold\n<!-- end -->\nb\n"
    assert filled(page, {"x": "new\n"}) == page.replace("old", "new")
    with pytest.raises(KeyError):
        filled(page, {"y": "new\n"})
