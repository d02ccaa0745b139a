"""Names for resources whose program gives none, as the Terraform bridge makes them."""

import hashlib
import re

from pulumi.provider.experimental.provider import CheckRequest

from local_clouds.resource import Autoname, Failure, Properties
from local_clouds.values import properties_to_plain

DEFAULTS = "__defaults"
"""The input in which the bridge records the properties that it filled in itself."""


def autoname(rule: Autoname, request: CheckRequest) -> tuple[Properties, list[Failure]]:
    """Return the name property (and its mark) to add to the inputs; an old autoname is kept."""
    old = properties_to_plain(request.old_inputs)
    if rule.property in old.get(DEFAULTS, []):
        return {rule.property: old[rule.property], DEFAULTS: [rule.property]}, []
    suffix = hashlib.sha256(request.random_seed + request.urn.encode()).hexdigest()[:7]
    name = f"{request.name}{rule.separator}{suffix}"
    failures = []
    if len(name) > rule.max_length or not re.fullmatch(rule.pattern, name):
        reason = (
            f"The autoname {name!r} must have at most {rule.max_length} characters and match "
            f"{rule.pattern!r}: choose another resource name, or set {rule.property!r}."
        )
        failures.append(Failure(rule.property, reason))
    return {rule.property: name, DEFAULTS: [rule.property]}, failures
