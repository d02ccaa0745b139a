"""What nobody should merge without having decided it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from preview import Change, Preview
from preview.values import at
from review.exposure import new_openings
from review.fleet import AUTOSCALER, GROUPS, Fleet, Inputs, after, before, fleet
from review.grants import widened
from review.secrets import secrets_in_clear

_STATEFUL = {
    "aws:ec2/vpc:Vpc": "the network of VMs that run jobs",
    "aws:ec2/subnet:Subnet": "the subnet of VMs that run jobs",
    "aws:ec2/eip:Eip": "an address that others may have allowed",
    "aws:ec2/networkInterface:NetworkInterface": "an address that VMs know",
    "aws:ebs/volume:Volume": "a disk and what is on it",
    "aws:iam/user:User": "the identity that the worker or Prometheus uses",
    "aws:iam/accessKey:AccessKey": "the key that the worker uses",
    "aws:iam/policy:Policy": "the policy that Prometheus' identity is attached to",
    "aws:kms/key:Key": "the key of what is encrypted",
    "aws:secretsmanager/secret:Secret": "the secret that VMs read when they boot",
    "gcp:compute/network:Network": "the network of VMs that run jobs",
    "gcp:compute/subnetwork:Subnetwork": "the subnetwork of VMs that run jobs",
    "gcp:compute/address:Address": "an address that others may know",
    "gcp:compute/disk:Disk": "a disk and what is on it",
    "gcp:compute/perInstanceConfig:PerInstanceConfig": "what a mirror keeps: its disk and address",
    "gcp:serviceaccount/account:Account": "the identity of VMs, or of the worker",
    "gcp:serviceaccount/key:Key": "the key that the worker uses",
    "gcp:kms/cryptoKey:CryptoKey": "the key of what is encrypted",
    "gcp:secretmanager/secret:Secret": "the secret that VMs read when they boot",
}
"""What is lost with a resource that holds state, or that somebody outside the stack relies on."""


@dataclass(frozen=True, order=True)
class RedLine:
    """One thing to decide, and where it is."""

    rule: str
    place: str
    text: str


def red_lines(preview: Preview) -> list[RedLine]:
    """All of them, sorted; empty when the change may be merged on its looks."""
    found = {
        *(RedLine("Public exposure", o.place, str(o)) for o in new_openings(preview)),
        *(RedLine("Widened permissions", *found) for found in widened(preview)),
        *(RedLine("Secret in clear", *found) for found in secrets_in_clear(preview)),
    }
    for change in preview.resources:
        found |= set(_of_state(change))
    for name, changes in pools(preview).items():
        found |= set(_of_pool(name, changes))
    return sorted(found)


def pools(preview: Preview) -> dict[str, list[Change]]:
    """The resources of every pool, by its name."""
    found: dict[str, list[Change]] = {}
    for change in preview.resources:
        name = preview.pool_of(change)
        if name:
            found.setdefault(name, []).append(change)
    return dict(sorted(found.items()))


def _of_state(change: Change) -> Iterator[RedLine]:
    lost = _STATEFUL.get(change.type)
    if lost is not None and change.operation in ("replace", "delete"):
        forced = f" because of `{'`, `'.join(change.forcing)}`" if change.forcing else ""
        verb = "replaced" if change.operation == "replace" else "deleted"
        place = f"{change.kind} `{change.name}`"
        yield RedLine("State is lost", place, f"is {verb}{forced}: {lost}")


def _of_pool(name: str, changes: list[Change]) -> Iterator[RedLine]:
    old, new, place = fleet(changes, before), fleet(changes, after), f"pool `{name}`"
    if old is None:
        return
    for change in changes:
        ends = change.operation in ("replace", "delete")
        if change.type in GROUPS and ends and not old.is_paused:
            text = f"its group is {change.operation}d while it may run jobs; pause the pool first"
            yield RedLine("Jobs are interrupted", place, text)
        if change.type in GROUPS and _starts(_rolls_out, change):
            text = "its group replaces running VMs at once when its template changes"
            yield RedLine("Jobs are interrupted", place, text)
        if (
            change.type == AUTOSCALER
            and _scales_in(after(change))
            and not _scales_in(before(change))
        ):
            text = "its autoscaler ends VMs that are no longer needed with their jobs"
            yield RedLine("Jobs are interrupted", place, text)
    if new is not None and old.shrinks_to(new) and not new.drains:
        text = "VMs above its new maximum end with their jobs; pause with `scaleIn: drain` first"
        yield RedLine("Jobs are interrupted", place, text)
    if new is not None and not _is_public(old) and _is_public(new):
        yield RedLine("Public exposure", place, "its VMs get public addresses")


def _starts(does: Callable[[Inputs | None], bool], change: Change) -> bool:
    return does(after(change)) and not does(before(change))


def _rolls_out(group: Inputs | None) -> bool:
    proactive = at(group, "updatePolicy", "type") == "PROACTIVE"
    return proactive or at(group, "instanceRefresh") is not None


def _scales_in(autoscaler: Inputs | None) -> bool:
    return at(autoscaler, "autoscalingPolicy", "mode") == "ON"


def _is_public(pool: Fleet) -> bool:
    interfaces = at(pool.template, "networkInterfaces") or []
    return any(
        at(interface, "associatePublicIpAddress") == "true" or at(interface, "accessConfigs")
        for interface in interfaces
    )
