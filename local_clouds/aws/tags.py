"""Tags: the provider's `{key: value}` and AWS' list of pairs.

Limits: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
"""

from typing import Any

from local_clouds.resource import Failure, Properties
from local_clouds.rules import values_at

Pairs = list[dict[str, str]]


def to_pairs(tags: dict[str, str] | None) -> Pairs:
    """Return tags as AWS takes them, in key order."""
    return [{"Key": key, "Value": value} for key, value in sorted((tags or {}).items())]


def from_pairs(pairs: list[dict[str, Any]] | None) -> dict[str, str]:
    """Return tags as the provider shows them: without those that AWS itself sets."""
    return {
        pair["Key"]: pair["Value"] for pair in pairs or [] if not pair["Key"].startswith("aws:")
    }


def outputs(pairs: list[dict[str, Any]] | None, state: Properties) -> Properties:
    """Return `tags` and `tagsAll`: default tags belong to the latter only, unless set as both.

    `state` are the inputs or the last outputs. What somebody added by hand shows in both.
    """
    found = from_pairs(pairs)
    own, merged = state.get("tags", {}), state.get("tagsAll", {})
    only_default = {k for k, v in merged.items() if k not in own and found.get(k) == v}
    tags = {key: value for key, value in found.items() if key not in only_default}
    return {"tagsAll": found} | ({"tags": tags} if tags or "tags" in state else {})


def specification(resource_type: str, inputs: Properties) -> list[dict[str, Any]]:
    """Return EC2's `TagSpecifications` for a create call."""
    pairs = to_pairs(inputs.get("tagsAll"))
    return [{"ResourceType": resource_type, "Tags": pairs}] if pairs else []


def changes(state: Properties, inputs: Properties) -> tuple[list[str], Pairs]:
    """Return the keys to remove and the pairs to set, to get from `state` to `inputs`."""
    old, new = state.get("tagsAll", {}), inputs.get("tagsAll", {})
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    return sorted(old.keys() - new.keys()), to_pairs(changed)


def check(inputs: Properties) -> list[Failure]:
    """Hold tags against AWS' limits: 50 tags, keys of 1-128 and values of up to 256 characters."""
    failures = []
    for path, tags in values_at(inputs, "tagsAll"):
        if len(tags) > 50:
            failures.append(Failure(path, f"has {len(tags)} tags; AWS allows 50 on a resource."))
        for key, value in tags.items():
            if not 1 <= len(key) <= 128 or key.lower().startswith("aws:"):
                reason = "is no tag key: 1 to 128 characters, not starting with `aws:`."
                failures.append(Failure(f"tags.{key}", reason))
            if isinstance(value, str) and len(value) > 256:
                failures.append(Failure(f"tags.{key}", "has a value of more than 256 characters."))
    return failures
