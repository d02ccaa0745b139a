"""Keys of the customer's own: each belongs to one region of one cloud, which its name tells."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated

from components.config.base import Matches
from components.config.placement import Cloud
from components.config.problems import Problem

if TYPE_CHECKING:
    from components.config.deployment import Pool

_AWS = r"arn:aws[a-z-]*:kms:(?P<aws>[a-z0-9-]+):[0-9]{12}:key/(mrk-)?[0-9a-f-]{32,36}"
_GCP = (
    r"projects/[a-z0-9.:-]+/locations/(?P<gcp>[a-z]+-[a-z]+[0-9]+)"
    r"/keyRings/[A-Za-z0-9_-]{1,63}/cryptoKeys/[A-Za-z0-9_-]{1,63}"
)

EncryptionKey = Annotated[
    str,
    Matches(
        "a KMS key's ARN, or `projects/P/locations/REGION/keyRings/R/cryptoKeys/K`",
        pattern=f"{_AWS}|{_GCP}",
        example="arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef",
    ),
]


def key_place(key: str) -> tuple[Cloud, str]:
    """Cloud and region of a key; ValueError for another text."""
    match = re.fullmatch(f"{_AWS}|{_GCP}", key)
    if match is None:
        raise ValueError(key)
    return ("aws", match["aws"]) if match["aws"] else ("gcp", match["gcp"])


def key_problems(keys: Sequence[str], pools: Iterable["Pool"]) -> Iterable[Problem]:
    """Regions without a key beside ones that have one, regions with two, keys that nothing uses."""
    name = "encryptionKeys"
    places = [key_place(key) for key in keys]
    used = {(pool.cloud, pool.placement.region) for pool in pools}
    for cloud, region in sorted(set(places)):
        if places.count((cloud, region)) > 1:
            yield Problem(name, f"two keys in {region}", "one key for each region", "remove one")
        if (cloud, region) not in used:
            allowed = ", ".join(sorted(region for _, region in used))
            found = f"a key in {region}, where no pool is"
            yield Problem(name, found, f"keys in the regions of pools: {allowed}", "remove it")
    for cloud, region in sorted(used - set(places)):
        if cloud in {other for other, _ in places}:
            rule = f"a key for every region of {cloud}, or none"
            fix = "add one, or remove the others; a pool must not be forgotten"
            yield Problem(name, f"no key for {region}", rule, fix)
