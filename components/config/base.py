"""The base of every settings model, and the way a value says what it may be."""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, PydanticCustomError, core_schema


class Settings(BaseModel):
    """Strict, frozen, camelCase in the stack file; an unknown key is a mistake."""

    model_config = ConfigDict(
        strict=True,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=False,
        validate_by_alias=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )


def reject(allowed: str, fix: str) -> NoReturn:
    """Refuse the value under validation; `parse` turns this into a `Problem`."""
    context: dict[str, Any] = {"allowed": allowed, "fix": fix}
    raise PydanticCustomError("rule", "{allowed}; {fix}", context)


@dataclass(frozen=True)
class Words:
    """Annotation: what a value may be, in plain words, for the reference of the settings."""

    text: str


@dataclass(frozen=True)
class Matches(Words):
    """Annotation: text that the whole `pattern` matches, refused with `text` and `example`."""

    pattern: str
    example: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: str) -> str:
        if not re.fullmatch(self.pattern, value):
            reject(self.text, f"write it like {self.example}")
        return value
