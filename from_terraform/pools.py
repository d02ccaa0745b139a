"""One pool of the stack file from the variables of one executors module."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.config.capacity import HOST_DISK_GIB, HOST_MEMORY_GIB, gib
from components.config.machine_sizes import size_of
from from_terraform.homes import home
from from_terraform.modules import REQUIRED, VARIABLES, Cloud, origin
from from_terraform.read import Expression, Use

_ELSEWHERE = {
    "docker_auth_config",
    "instance_tag",
    "labels",
    "metrics_environment_label",
    "permissions_boundary_arn",
    "private_ca_cert_path",
    "sourcegraph_executor_proxy_password",
    "sourcegraph_external_url",
}
"""Variables that are no pool's here: `translate` reads them."""

_OVERRULED = {"firecracker_num_cpus": "job_num_cpus", "firecracker_memory": "job_memory"}
_UNUSED = {"http_access_cidr_range", "http_access_cidr_ranges"}
_PLACES = {"network_id", "subnet_id", "vpc_id"}
_GOOGLE = re.compile(r"^https://www\.googleapis\.com/compute/(v1|beta)/")


@dataclass
class Note:
    """What was not carried over as it stood, and why, or what to do about it."""

    variable: str
    text: str


@dataclass
class Variables:
    """The values of one module's use under the submodule's names, defaults included."""

    use: Use
    notes: list[Note] = field(default_factory=list)

    def given(self, name: str) -> Any:
        """The value that the file states; None when it states none, or an expression."""
        value = self._stated().get(name)
        return None if isinstance(value, Expression) else value

    def effective(self, name: str) -> Any:
        """The value that holds there: the stated one, else the module's default."""
        value = self.given(name)
        default = self._defaults().get(name)
        return value if value is not None or default is REQUIRED else default

    def expressions(self) -> Iterator[tuple[str, str]]:
        """Variables that only Terraform can compute, and how it would."""
        for name, value in self._stated().items():
            if isinstance(value, Expression):
                yield name, value.text

    def note(self, name: str, text: str) -> None:
        """Say something about a variable."""
        place = f"{self.use.name}: " if self.use.name else ""
        self.notes.append(Note(f"{place}{name}", text))

    def _stated(self) -> Mapping[str, Any]:
        module = self.use.module
        return {
            origin(module, name)[1]: value
            for name, value in self.use.values.items()
            if module != "root" or origin(module, name)[0] in ("executors", "root")
        }

    def _defaults(self) -> Mapping[str, Any]:
        module = self.use.module
        return {
            origin(module, name)[1]: value
            for name, value in VARIABLES[self.use.cloud][module].items()
            if module != "root" or origin(module, name)[0] in ("executors", "root")
        }


def pool(cloud: Cloud, values: Variables, zones: list[str], *, mirrored: bool) -> dict[str, Any]:
    """The pool's settings; what it leaves out is in the notes of `values`."""
    settings: dict[str, Any] = {}
    for name in VARIABLES[cloud]["executors"]:
        key = home(cloud, "executors", name).key
        value = values.effective(name)
        if name in _ELSEWHERE | _OVERRULED.keys() | _UNUSED | _PLACES or key is None:
            _say_why(cloud, values, name)
        elif value not in (None, "", []) and not (mirrored and "mirror" in name):
            _put(settings, key.removeprefix("pools.*."), _shaped(cloud, values, name, value))
    block = settings.setdefault(cloud, {})
    if values.given("private_networking"):
        block["assignPublicIp"] = False
    if zones:
        block["zones"] = zones
    network = _network(cloud, values)
    if network:
        block["network"] = network
    _fit(cloud, values, settings)
    return settings


def _put(settings: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for part in parents:
        settings = settings.setdefault(part, {})
    if value is not None:
        settings[last] = value


def _say_why(cloud: Cloud, values: Variables, name: str) -> None:
    if values.given(name) in (None, "") or name in _ELSEWHERE | _PLACES:
        return
    if name in _OVERRULED:
        values.note(name, f"not carried over: {_OVERRULED[name]} overrules it there")
    elif name in _UNUSED:
        values.note(name, "not carried over: the module declares it and does nothing with it")
    else:
        values.note(name, f"not carried over: {home(cloud, 'executors', name).why}")


def _shaped(cloud: Cloud, values: Variables, name: str, value: Any) -> Any:
    """The value in the setting's form; None when it has none."""
    if name == "docker_registry_mirror":
        return [url.strip() for url in str(value).split(",")]
    if name == "zone" or (name == "machine_type" and cloud == "aws"):
        return [value]
    by_hand = {
        "metrics_access_security_group_id": (
            "set `network.securityGroupIds`, and the VPC and subnets that it is in"
        ),
        "ami_version": f"not carried over: set `image` to the AMI's id of version {value}",
    }
    if name in by_hand:
        values.note(name, by_hand[name])
        return None
    if name == "machine_image" and cloud == "gcp":
        image = _GOOGLE.sub("", str(value))
        if not re.fullmatch(r"projects/[^/]+/global/images/(family/)?[^/]+", image):
            values.note(name, "write it like projects/P/global/images/I, or .../family/F")
            return None
        return image
    return value


def _network(cloud: Cloud, values: Variables) -> dict[str, Any]:
    """The existing network that the module was given by its ids."""
    subnet = values.given("subnet_id")
    network = values.given("vpc_id" if cloud == "aws" else "network_id")
    if not (isinstance(subnet, str) and isinstance(network, str)):
        return {}
    if cloud == "aws":
        group = values.given("metrics_access_security_group_id")
        groups = {"securityGroupIds": [group]} if group else {}
        values.notes = [n for n in values.notes if not (group and "security_group" in n.variable)]
        return {"vpcId": network, "subnetIds": [subnet], **groups}
    return {"network": _GOOGLE.sub("", network), "subnetwork": _GOOGLE.sub("", subnet)}


def _fit(cloud: Cloud, values: Variables, settings: dict[str, Any]) -> None:
    """Lower the slots to what the machine has, and enlarge the disk to what they need."""
    block = settings[cloud]
    kind = block["machineTypes"][0] if cloud == "aws" else block["machineType"]
    slots, cpus = settings["maximumNumJobs"], settings["jobNumCpus"]
    memory, size = gib(settings["jobMemory"].removesuffix("B")), size_of(kind, {})
    if size is not None:
        by_cpus = size.cpus // cpus if cpus else slots
        by_memory = int((size.memory - HOST_MEMORY_GIB) // memory) if memory else slots
        fitting = max(1, min(slots, by_cpus, by_memory))
        if fitting < slots:
            settings["maximumNumJobs"] = fitting
            has = f"{kind} has {size.cpus} CPUs and {size.memory:g} GiB"
            values.note("maximum_num_jobs", f"{slots} became {fitting}: {has}")
    if not settings["firecracker"]["enabled"] or block.get("localSsd"):
        return
    each = gib(settings["firecracker"]["diskSpace"].removesuffix("B"))
    needed = math.ceil(settings["maximumNumJobs"] * each + HOST_DISK_GIB)
    if block["bootDiskSize"] < needed:
        disk = f"{block['bootDiskSize']} became {needed}: the disks of all slots must fit"
        values.note("boot_disk_size", disk)
        block["bootDiskSize"] = needed
