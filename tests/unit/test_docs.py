"""The documentation names what exists."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from components.config.machines import aws_runs_firecracker, gcp_runs_firecracker

ROOT = Path(__file__).parent.parent.parent
SHAPES = {"rect", "path", "text"}
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_make_target_that_is_documented_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        used = set(re.findall(r"`make ([a-z-]+)", page.read_text()))
        assert used <= targets, page.name


def test_the_first_screen_has_the_picture_and_the_two_commands() -> None:
    first_screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:30])
    assert "docs/architecture.svg" in first_screen
    assert "make up " in first_screen
    assert "make test" in first_screen


def test_the_picture_has_colours_for_light_and_for_dark_pages() -> None:
    picture = ElementTree.parse(ROOT / "docs/architecture.svg").getroot()  # noqa: S314 - our own
    [style] = picture.iter("{http://www.w3.org/2000/svg}style")
    light, _, dark = (style.text or "").partition("@media (prefers-color-scheme: dark)")
    coloured = re.compile(r"\.(\w+) \{[^}]*(#[0-9a-f]{6})")
    colours = [dict(coloured.findall(rules)) for rules in (light, dark)]
    assert colours[0].keys() == colours[1].keys() != set()
    assert all(colours[1][name] != colour for name, colour in colours[0].items())
    drawn = {one.get("class") for one in picture.iter() if one.tag.rpartition("}")[2] in SHAPES}
    assert drawn == colours[0].keys()


def test_the_machine_families_of_the_advice_run_firecracker() -> None:
    (row,) = re.findall(
        r"^\| KVM is missing .*$", (ROOT / "docs/troubleshooting.md").read_text(), re.M
    )
    aws, _, gcp = row.partition("on AWS")
    named = [re.findall(r"`([a-z]\d+[a-z]*)`", side) for side in (aws, gcp)]
    assert all(named)
    assert [name for name in named[0] if not aws_runs_firecracker(f"{name}.xlarge")] == []
    assert [name for name in named[1] if not gcp_runs_firecracker(f"{name}-standard-8")] == []
