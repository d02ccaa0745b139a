"""Rules for IAM policy documents.

Grammar: IAM user guide, "Grammar of the IAM JSON policy language". Sizes: "IAM and STS quotas"; IAM
does not count white space.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from local_clouds.resource import Failure, Rule
from local_clouds.rules import values_at

TRUST_POLICY_CHARACTERS = 2048
INLINE_ROLE_CHARACTERS = 10240
INLINE_USER_CHARACTERS = 2048
MANAGED_CHARACTERS = 6144

_VERSIONS = ("2012-10-17", "2008-10-17")
_KEYS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource"}
_KEYS |= {"NotResource", "Condition"}


def identity_policy(path: str, characters: int) -> Rule:
    """A policy of an identity: every statement names resources, none a principal."""
    return _document(path, characters, trust=False)


def trust_policy(path: str) -> Rule:
    """A role's trust policy: every statement names a principal, none a resource."""
    return _document(path, TRUST_POLICY_CHARACTERS, trust=True)


def _document(path: str, characters: int, *, trust: bool) -> Rule:
    return lambda inputs: [
        Failure(at, reason)
        for at, text in values_at(inputs, path)
        for reason in _problems(text, characters, trust)
    ]


def _problems(text: str, characters: int, trust: bool) -> Iterator[str]:
    size = len(re.sub(r"\s", "", text))
    if size > characters:
        yield f"has {size} characters without white space; IAM allows {characters}."
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        yield f"is no JSON: {error}."
        return
    if not isinstance(document, dict):
        yield "must be a JSON object with Version and Statement."
        return
    unknown = sorted(document.keys() - {"Version", "Id", "Statement"})
    if unknown:
        yield f"has the unknown key {unknown[0]}."
    if document.get("Version") not in _VERSIONS:
        yield f"needs Version {_VERSIONS[0]}."
    statements = document.get("Statement")
    statements = statements if isinstance(statements, list) else [statements]
    if not statements or not all(isinstance(one, dict) for one in statements):
        yield "needs a Statement: an object, or a list of objects that is not empty."
        return
    names = [one["Sid"] for one in statements if one.get("Sid")]
    if len(set(names)) != len(names):
        yield "has one Sid more than once."
    for index, statement in enumerate(statements):
        for problem in _statement_problems(statement, trust):
            yield f"Statement {index}: {problem}"


def _statement_problems(statement: dict[str, Any], trust: bool) -> Iterator[str]:
    unknown = sorted(statement.keys() - _KEYS)
    if unknown:
        yield f"the key {unknown[0]} is unknown."
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "Effect must be Allow or Deny."
    sid = statement.get("Sid", "")
    if not trust and not re.fullmatch(r"[A-Za-z0-9]*", sid):
        yield f"the Sid {sid!r} may have letters and digits only."
    actions = statement.keys() & {"Action", "NotAction"}
    if len(actions) != 1:
        yield "needs either Action or NotAction."
    for name in actions:
        for action in _as_list(statement[name]):
            if not isinstance(action, str) or not re.fullmatch(r"\*|[\w-]+:[\w*?]+", action):
                yield f"{action!r} is no action such as ec2:DescribeInstances."
    wanted, other = ("Principal", "Resource") if trust else ("Resource", "Principal")
    if len(statement.keys() & {wanted, f"Not{wanted}"}) != 1:
        yield f"needs either {wanted} or Not{wanted}."
    if statement.keys() & {other, f"Not{other}"}:
        yield f"cannot have a {other} here."
    for resource in _as_list(statement.get("Resource", [])):
        if not isinstance(resource, str) or not re.fullmatch(r"\*|arn:[^:]*:[^:]*:.*", resource):
            yield f"{resource!r} is no ARN and not *."


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
