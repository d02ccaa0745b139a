"""What is different on VMs that start after the change, in the words of the configuration."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from preview import Boot
from preview.values import UNKNOWN, at, leaves
from review.fleet import Fleet
from review.secrets import hidden

_WORDS = {
    "imageId": "image",
    "disks[0].sourceImage": "image",
    "machineType": "machine type",
    "blockDeviceMappings[0].ebs.volumeSize": "boot disk, GiB",
    "blockDeviceMappings[0].ebs.iops": "boot disk, IOPS",
    "blockDeviceMappings[0].ebs.throughput": "boot disk, MiB/s",
    "disks[0].diskSizeGb": "boot disk, GB",
    "disks[0].diskType": "boot disk's type",
    "networkInterfaces[0].associatePublicIpAddress": "public address",
    "networkInterfaces[0].accessConfigs": "public address",
    "cpuOptions.nestedVirtualization": "nested virtualization",
}
_FOLLOWING = re.compile(
    r"name|userData|tagsAll\b.*|pulumiLabels\b.*|metadata\.(startup-script|image_name)"
    r"|scheduling\..*"
)
"""Properties that change with another one, which is told, or that the boot script stands for."""


@dataclass(frozen=True, order=True)
class Difference:
    """One setting of new VMs. A value that must not be shown is None on both sides."""

    what: str
    before: Any = None
    after: Any = None


def differences(before: Fleet, after: Fleet) -> list[Difference]:
    """Everything that new VMs have otherwise than old ones; sorted."""
    found = {*_machine(before, after), *_properties(before, after), *_places(before, after)}
    if at(before.template, "userData") is None and before.boot is None:
        return sorted(found, key=_order)
    if after.boot is None:
        found.add(Difference("the boot script, which is known after the change only"))
    elif before.boot is not None:
        found |= set(_boot(before.boot, after.boot))
    return sorted(found, key=_order)


def _order(difference: Difference) -> tuple[bool, str]:
    return difference.what not in _WORDS.values(), difference.what


def _machine(before: Fleet, after: Fleet) -> Iterator[Difference]:
    if before.machine_types != after.machine_types:
        kinds = [", ".join(fleet.machine_types) or UNKNOWN for fleet in (before, after)]
        yield Difference("machine type", *kinds)
    spot = [(fleet.on_demand_base, fleet.spot_percent) for fleet in (before, after)]
    if spot[0] != spot[1]:
        yield Difference("spot", *(f"{percent} % above {base} VMs" for base, percent in spot))


def _places(before: Fleet, after: Fleet) -> Iterator[Difference]:
    if before.places == after.places:
        return
    if after.template.get("machineType"):
        yield Difference("zones", ", ".join(before.places), ", ".join(after.places))
    else:
        yield Difference("subnets", *(len(pool.places) or UNKNOWN for pool in (before, after)))


def _properties(before: Fleet, after: Fleet) -> Iterator[Difference]:
    old, new = _visible(before.template), _visible(after.template)
    for path in old.keys() | new.keys():
        if UNKNOWN not in (old.get(path), new.get(path)) and old.get(path) != new.get(path):
            yield Difference(_WORDS.get(path, path), old.get(path), new.get(path))
    open_ones = sorted(path for path, value in new.items() if value == UNKNOWN != old.get(path))
    if open_ones:
        yield Difference(f"what is known after the change only ({', '.join(open_ones)})")


def _visible(template: Mapping[str, Any]) -> dict[str, Any]:
    found = {path: value for path, value in leaves(template) if not _FOLLOWING.fullmatch(path)}
    found.pop("machineType", None)
    interface = at(template, "networkInterfaces", 0) or {}
    if "associatePublicIpAddress" not in interface and interface:
        found["networkInterfaces[0].accessConfigs"] = bool(at(interface, "accessConfigs"))
    return found


def _boot(before: Boot, after: Boot) -> Iterator[Difference]:
    old, new = before.environment, after.environment
    for name in old.keys() | new.keys():
        if old.get(name) != new.get(name):
            values = [hidden(name, side.get(name)) for side in (old, new)]
            yield Difference(name, *values)
    old, new = before.document, after.document
    for key in (old.keys() | new.keys()) - {"environment", "proxy"}:
        if old.get(key) != new.get(key):
            yield Difference(key.replace("_", " "))
    if before.program != after.program:
        yield Difference("the program that boots and drains VMs")
