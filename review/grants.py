"""Permissions that the change gives to somebody."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from preview import Change, Preview
from preview.values import UNKNOWN, at
from review.fleet import Side, after, before

_BROAD_ROLES = ("roles/owner", "roles/editor", "*admin*")
_GCP_TARGETS = ("secretId", "cryptoKeyId", "keyRingId", "serviceAccountId", "bucket")
_ANYBODY = "allUsers"
"""GCP's word for what AWS writes as the principal `*`."""

_EVERYBODY = (_ANYBODY, "allAuthenticatedUsers")


@dataclass(frozen=True)
class Grant:
    """`owner` may do `action` on `resource`, under `condition`."""

    owner: str
    place: str
    action: str
    resource: str
    condition: str = ""
    denied: bool = False

    def covers(self, other: "Grant") -> bool:
        """Whether `other` adds nothing to this one."""
        return (
            self.owner == other.owner
            and self.denied == other.denied
            and fnmatchcase(other.action, self.action)
            and (self.resource == _ANYBODY or fnmatchcase(other.resource, self.resource))
            and self.condition in ("", other.condition)
        )

    @property
    def is_broad(self) -> bool:
        """Whether nobody should have it, whoever it is."""
        role = self.action.lower()
        return not self.denied and (
            self.action.endswith("*")
            or any(fnmatchcase(role, pattern) for pattern in _BROAD_ROLES)
            or self.resource in _EVERYBODY
        )

    def __str__(self) -> str:
        if self.action == UNKNOWN:
            return "what is known after the change only"
        where = {"*": "", UNKNOWN: " on something new"}.get(self.resource, f" on `{self.resource}`")
        return f"`{self.action}`{where}"


def widened(preview: Preview) -> Iterator[tuple[str, str]]:
    """(place, what) of every permission that somebody did not have before.

    Who is new with this change has permissions that are new by nature: of those only what nobody
    should have is told. A denial that goes is a permission that comes.
    """
    old, new = list(_grants(preview, before)), list(_grants(preview, after))
    known = {change.urn for change in preview.changes if change.operation != "create"}
    for grant in new:
        told = grant.is_broad or grant.owner in known
        if told and not grant.denied and not any(other.covers(grant) for other in old):
            yield grant.place, f"allows {grant}"
    for grant in old:
        stays = any(other.covers(grant) for other in new)
        gone = not any(other.owner == grant.owner for other in new)
        if grant.denied and not stays and not gone:
            yield grant.place, f"no longer denies {grant}"


def _grants(preview: Preview, side: Side) -> Iterator[Grant]:
    for change in preview.resources:
        inputs = side(change)
        if inputs is not None:
            yield from _of_resource(change, inputs)


def _of_resource(change: Change, inputs: Mapping[str, Any]) -> Iterator[Grant]:
    owner, place = change.parent, f"{change.kind} `{change.name}`"
    kind = change.type.rpartition(":")[2]
    if change.type.startswith("aws:"):
        for key in ("policy", "assumeRolePolicy"):
            if isinstance(inputs.get(key), str):
                yield from _of_policy(owner, place, inputs[key])
        for operation in at(inputs, "operations") or []:
            yield Grant(owner, place, f"kms:{operation}", str(inputs.get("keyId")))
        for arn in [inputs.get("policyArn"), *(inputs.get("managedPolicyArns") or [])]:
            if isinstance(arn, str) and arn:
                yield Grant(owner, place, f"policy {arn}" if arn != UNKNOWN else arn, "*")
    elif kind == "IAMCustomRole":
        for permission in inputs.get("permissions") or []:
            yield Grant(owner, place, permission, "*")
    elif kind.lower().endswith(("iammember", "iambinding")):
        for member in inputs.get("members") or [inputs.get("member")]:
            on = next((inputs[key] for key in _GCP_TARGETS if inputs.get(key)), "*")
            target = member if member in _EVERYBODY else on
            yield Grant(owner, place, str(inputs.get("role")), str(target))


def _of_policy(owner: str, place: str, text: str) -> Iterator[Grant]:
    try:
        statements = at(json.loads(text), "Statement")
    except ValueError:
        # Nothing of it is known yet, or it is no policy.
        yield Grant(owner, place, UNKNOWN, UNKNOWN)
        return
    for statement in statements if isinstance(statements, list) else [statements]:
        if not isinstance(statement, Mapping):
            continue
        condition = statement.get("Condition")
        terms = "" if condition is None else json.dumps(condition, sort_keys=True)
        # What a policy names by exception is everything else.
        for action in _list(statement.get("Action", "*")):
            for resource in _targets(statement):
                denied = statement.get("Effect") == "Deny"
                yield Grant(owner, place, action, resource, terms, denied)


def _targets(statement: Mapping[str, Any]) -> list[str]:
    if "Principal" in statement:
        principal = statement["Principal"]
        names = [principal] if isinstance(principal, str) else list(principal.values())
        return [_ANYBODY if name == "*" else name for group in names for name in _list(group)]
    return _list(statement.get("Resource", "*"))


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
