"""The base of every settings model, and the way a value says what it may be."""

from typing import Any, NoReturn

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError


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
    """Refuse the value under validation; `loader` turns this into a `Problem`."""
    context: dict[str, Any] = {"allowed": allowed, "fix": fix}
    raise PydanticCustomError("rule", "{allowed}; {fix}", context)
