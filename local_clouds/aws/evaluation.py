"""Whether policies allow what a request needs (IAM guide, "Policy evaluation logic")."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from local_clouds.aws.authorization import Need

Document = Mapping[str, Any]


def allows(policies: Iterable[Document], need: Need) -> bool:
    """Whether a statement allows it and none denies it; what is not mentioned is refused."""
    statements = [
        statement for document in policies for statement in _listed(document, "Statement")
    ]
    effects = {one["Effect"] for one in statements if _concerns(one, need)}
    return "Allow" in effects and "Deny" not in effects


def _concerns(statement: Mapping[str, Any], need: Need) -> bool:
    actions = _listed(statement, "Action")
    return (
        any(_fits(pattern.lower(), need.action.lower()) for pattern in actions)
        and any(_fits(pattern, need.resource) for pattern in _listed(statement, "Resource"))
        and all(
            _holds(operator, key, wanted, need.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _holds(operator: str, key: str, wanted: Any, context: Mapping[str, str]) -> bool:
    values = wanted if isinstance(wanted, list) else [wanted]
    if key not in context:
        return False
    if operator == "StringEquals":
        return context[key] in values
    if operator == "StringLike":
        return any(_fits(pattern, context[key]) for pattern in values)
    # An operator that is not known here must not let anything pass.
    return False


def _listed(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key, [])
    return value if isinstance(value, list) else [value]


def _fits(pattern: str, text: str) -> bool:
    parts = re.split(r"([*?])", pattern)
    regex = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.fullmatch(regex, text, re.DOTALL) is not None
