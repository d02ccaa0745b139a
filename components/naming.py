"""Names where the engine's autonames do not fit: other alphabets, shorter limits.

Everything else is named by the engine: a short logical name and a random suffix, so stacks,
pools and successive deployments never meet.
"""

import hashlib
import re

SERVICE_ACCOUNT_LENGTH = 30
"""IAM: `projects.serviceAccounts.create`, accountId of 6 to 30 characters."""

CUSTOM_ROLE_LENGTH = 64
"""IAM: `projects.roles.create`, roleId of 3 to 64 characters out of letters, digits, _ and ."""

DISPLAY_NAME_LENGTH = 100
"""IAM: display names of service accounts and titles of custom roles."""

SECRET_ID_LENGTH = 255
"""Secret Manager: `projects.secrets.create`, secretId."""

INSTANCE_TAG_LENGTH = 63
"""Compute Engine: the length of a label's value."""

LOGICAL_NAME_LENGTH = 40
"""Compute Engine's names have 63 characters; children and the engine append to a logical name."""

_HASH_LENGTH = 8


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_HASH_LENGTH]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def physical_name(stack: str, purpose: str, length: int, *, salt: str = "") -> str:
    """A name of at most `length` characters out of `a-z`, `0-9` and `-` that starts with a letter.

    It names stack and purpose as far as they fit; the hash tells apart what the alphabet or the
    length would make equal. `salt` changes the hash: a name that must never come back carries one.
    """
    room = length - _HASH_LENGTH - 1
    readable = f"sg-{_slug(stack)}-{_slug(purpose)}"[:room].rstrip("-")
    return f"{readable}-{_digest(stack, purpose, salt)}"


def short_name(text: str, length: int = LOGICAL_NAME_LENGTH) -> str:
    """`text` if it fits, else its beginning and a hash: room for the engine's suffixes."""
    if len(text) <= length:
        return text
    return f"{text[: length - _HASH_LENGTH - 1].rstrip('-')}-{_digest(text)}"


def role_id(stack: str, purpose: str, *, salt: str) -> str:
    """A custom role's id: `physical_name` in that alphabet, which has no hyphen."""
    return physical_name(stack, purpose, CUSTOM_ROLE_LENGTH, salt=salt).replace("-", "_")


def instance_tag(stack: str) -> str:
    """The default `executor_tag` of a stack's VMs, valid as AWS tag and as GCP label."""
    plain = f"executors-{stack}"
    if re.fullmatch(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", plain):
        return plain
    return physical_name(stack, "executors", INSTANCE_TAG_LENGTH)
