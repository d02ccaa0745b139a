"""A stack file from what Terraform's files say."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from components.config import ConfigError, RawConfig, load
from components.config.problems import Problem
from from_terraform.homes import home
from from_terraform.modules import VARIABLES, Cloud, origin
from from_terraform.pools import Note, Variables, pool
from from_terraform.read import Expression, Files, Use

_POOL_NAME = 24
_OF_ONE_POOL = {"queue", "queues", "min", "max", "aws", "gcp"}
_SECRETS = {
    "sourcegraph_executor_proxy_password": "accessToken",
    "docker_auth_config": "dockerAuthConfig",
    "private_ca_cert_path": "privateCaCertificate",
}
_NOT_TOLD = {"vpc_id", "subnet_id", "network_id", "docker_registry_mirror", *_SECRETS}
"""Expressions that are not shown: made anew here, or a secret may stand in them."""

_MIRROR = {
    "disk_size": "diskSize",
    "disk_iops": "diskIops",
    "disk_throughput": "diskThroughput",
    "machine_type": "machineType",
    "machine_ami": "image",
    "machine_image": "image",
}


class TranslateError(ValueError):
    """Something that no file says and no option states."""


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What the caller knows and Terraform's files may not say."""

    version: str | None = None
    project: str | None = None
    region: str | None = None


@dataclass
class Translation:
    """A stack file's `config`, and what is different in it."""

    config: dict[str, Any] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def problems(self) -> tuple[Problem, ...]:
        """What the program itself says of it, apart from the secrets, which are set later."""
        providers = {key: v for key, v in self.config.items() if ":" in key}
        values = {key: v for key, v in self.config.items() if key not in providers}
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}
        stand_in = {"accessToken": "x" * 40}
        raw = RawConfig(
            stack="prod",
            values={**texts, **stand_in},
            encrypted=frozenset(stand_in),
            providers=providers,
        )
        try:
            load(raw)
        except ConfigError as error:
            return error.problems
        return ()


def translate(cloud: Cloud, files: Files, stated: Stated) -> Translation:
    """The stack for every pool in `files`; raises TranslateError when a place is unknown."""
    pools = [Variables(use) for use in files.uses if use.module in ("root", "executors")]
    if not pools:
        raise TranslateError("no root module and no modules/executors: there is no pool in it")
    made = Translation()
    zones = {id(one): _zones(cloud, one, files.uses) for one in pools}
    _places(made, cloud, files, stated, [zone for found in zones.values() for zone in found])
    mirrors = [use for use in files.uses if use.module in ("root", "docker-mirror")]
    names = _names(pools)
    settings = {
        name: pool(cloud, one, zones[id(one)], mirrored=bool(mirrors))
        for name, one in names.items()
    }
    shared = _shared(list(settings.values()))
    made.config["sourcegraph"] = _sourcegraph(made, pools, stated)
    _of_the_stack(made, cloud, pools)
    if mirrors:
        made.config["dockerMirror"] = _mirror(made, cloud, mirrors[0])
    _nat(made, files.uses)
    for use in files.uses:
        unknown = sorted(use.values.keys() - VARIABLES[cloud][use.module].keys())
        made.notes += [Note(name, "no variable of the module in version 6.10") for name in unknown]
    if shared:
        made.config["executors"] = shared
    made.config["pools"] = {
        name: {key: value for key, value in one.items() if shared.get(key) != value}
        for name, one in settings.items()
    }
    for one in pools:
        for name, text in one.expressions():
            if name not in _NOT_TOLD:
                one.note(name, f"not carried over: only Terraform can compute `{text}`")
        _secrets(one)
        made.notes += one.notes
    return made


def _zones(cloud: Cloud, one: Variables, uses: Sequence[Use]) -> list[str]:
    name = "availability_zone" if cloud == "aws" else "zone"
    values = [one.given(name)]
    values += [use.values.get(name) for use in uses if use.module == "networking"]
    return [value for value in values if isinstance(value, str)][:1]


def _places(
    made: Translation, cloud: Cloud, files: Files, stated: Stated, zones: Sequence[str]
) -> None:
    provided = {k: v for k, v in files.provider.items() if isinstance(v, str)}
    by_zone = zones[0][:-1].rstrip("-") if zones else None
    region = stated.region or by_zone or provided.get("region")
    if region is None:
        raise TranslateError("no zone and no region in the file: add --region")
    made.config[f"{cloud}:region"] = region
    if cloud == "gcp":
        project = stated.project or provided.get("project")
        if project is None:
            raise TranslateError("the project is in no variable: add --project")
        made.config["gcp:project"] = project


def _names(pools: Sequence[Variables]) -> dict[str, Variables]:
    """A name for each pool: the module block's, or its queue's."""
    names: dict[str, Variables] = {}
    for one in pools:
        label = re.sub(r"^executors?[-_]?", "", one.use.name)
        queues = one.given("queue_names") or [one.given("queue_name") or "executors"]
        text = label or (queues[0] if len(queues) == 1 else "all")
        name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:_POOL_NAME].strip("-")
        name = name if name[:1].isalpha() else f"p-{name}"[:_POOL_NAME].strip("-")
        number = sum(known == name or known.startswith(f"{name}-") for known in names)
        names[f"{name}-{number + 1}" if name in names else name] = one
    return names


def _sourcegraph(made: Translation, pools: Sequence[Variables], stated: Stated) -> dict[str, Any]:
    first = pools[0]
    versions = [stated.version, first.given("ami_version"), *(one.use.version for one in pools)]
    found = [match for text in versions if text and (match := re.search(r"(\d+)\.(\d+)", text))]
    if not found:
        raise TranslateError("Sourcegraph's version is in no variable: add --version 6.10")
    result = {"version": f"{found[0][1]}.{found[0][2]}"}
    wanted = {"url": "sourcegraph_external_url", "environmentLabel": "metrics_environment_label"}
    for key, variable in wanted.items():
        values = [one.given(variable) for one in pools]
        stated_values = [value for value in values if value is not None]
        if stated_values:
            result[key] = stated_values[0]
        if len(set(stated_values)) > 1:
            text = (
                "a stack serves one Sourcegraph, the first one: make a second stack for the other"
            )
            made.notes.append(Note(variable, text))
    return result


def _of_the_stack(made: Translation, cloud: Cloud, pools: Sequence[Variables]) -> None:
    tags = sorted({tag for one in pools if (tag := one.given("instance_tag"))})
    if len(tags) == 1:
        made.config["instanceTag"] = tags[0]
    elif tags:
        text = "not carried over: a stack has one; Prometheus tells pools apart by `executor_pool`"
        made.notes.append(Note("instance_tag", f"{text} (there: {', '.join(tags)})"))
    boundaries = [one.given("permissions_boundary_arn") for one in pools if cloud == "aws"]
    if any(boundaries):
        made.config["permissionsBoundary"] = next(filter(None, boundaries))
    labels: dict[str, str] = {}
    for one in pools:
        labels |= one.given("labels") or {}
    if labels:
        made.config["labels"] = labels


def _mirror(made: Translation, cloud: Cloud, use: Use) -> dict[str, Any]:
    mirror: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for name, value in use.values.items():
        module, inner = origin(use.module, name)
        key = _MIRROR.get(inner)
        if module != "docker-mirror" or isinstance(value, Expression) or value in (None, ""):
            continue
        if name in VARIABLES[cloud][use.module] and home(cloud, use.module, name).key is None:
            why = home(cloud, use.module, name).why
            made.notes.append(Note(name, f"not carried over: {why}"))
        if key == "diskSize":
            mirror[key] = value
        elif key is not None:
            own[key] = value
        elif inner == "static_ip":
            text = "not carried over: the mirror has an address of its own, and its pools know it"
            made.notes.append(Note(name, text))
    return {**mirror, **({cloud: own} if own else {})}


def _nat(made: Translation, uses: Sequence[Use]) -> None:
    for use in uses:
        ports = use.values.get("nat_min_ports_per_vm")
        if use.module == "networking" and isinstance(ports, int):
            made.config["network"] = {"natPortsPerVm": ports}
        if use.module == "networking" and use.values.get("nat") is True:
            text = "NAT is made for pools with `assignPublicIp: false`, without being asked for"
            made.notes.append(Note("nat", text))


def _shared(pools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Settings that several pools have in common."""
    if len(pools) < 2:
        return {}
    return {
        key: value
        for key, value in pools[0].items()
        if key not in _OF_ONE_POOL and all(one.get(key) == value for one in pools)
    }


def _secrets(one: Variables) -> None:
    """Say how each secret is set; no value and no expression is copied, shown or written."""
    computed = {name for name, _ in one.expressions()}
    for variable, key in _SECRETS.items():
        value = one.given(variable)
        stated = variable in computed or value not in (None, "")
        if not stated and variable != "sourcegraph_executor_proxy_password":
            continue
        command = f"pulumi config set --secret {key}"
        if variable == "private_ca_cert_path" and variable not in computed:
            command += f" < {value}"
        one.note(variable, f"not copied, as it is a secret: run `{command}`")
