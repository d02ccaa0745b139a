"""Converts blocks between the provider's camelCase and the API's PascalCase, by the API's model.

Only names that follow the rule `volumeSize` <-> `VolumeSize` are converted; a table in the calling
module has the others.
"""

from collections.abc import Mapping
from typing import Any


def to_api(value: Any, renamed: Mapping[str, str] = {}) -> Any:
    """Return blocks as the API takes them; `renamed` has the names that follow no rule."""
    if isinstance(value, list):
        return [to_api(item, renamed) for item in value]
    if isinstance(value, dict):
        return {renamed.get(k, k[0].upper() + k[1:]): to_api(v, renamed) for k, v in value.items()}
    return value


def from_api(value: Any, renamed: Mapping[str, str] = {}) -> Any:
    """Return blocks as the provider shows them; the inverse of `to_api`."""
    back = {api: own for own, api in renamed.items()}
    if isinstance(value, list):
        return [from_api(item, renamed) for item in value]
    if isinstance(value, dict):
        return {
            back.get(k, k[0].lower() + k[1:]): from_api(v, renamed)
            for k, v in value.items()
            if v is not None
        }
    return value
