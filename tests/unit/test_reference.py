"""docs/configuration.md tells what the models say."""

from components.config.reference import FILE, reference, settings


def test_the_committed_reference_is_the_generated_one() -> None:
    message = "run `python -m components.config.reference` and commit docs/configuration.md"
    assert FILE.read_text() == reference(), message


def test_every_setting_has_a_row_with_a_type_and_a_meaning() -> None:
    rows = [line.split(" | ") for line in reference().splitlines() if line.count(" | ") == 4]
    described = [row for row in rows if row[0] != "| Key"]
    assert len(described) == len(list(settings()))
    for key, kind, _, _, meaning in described:
        assert kind, key
        assert meaning.endswith(". |"), key


def test_types_are_in_plain_words() -> None:
    for jargon in ("dict", "tuple", "Literal", "None", "Annotated", "pydantic", "str |", "[a-z"):
        assert jargon not in reference()
