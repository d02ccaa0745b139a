"""A stack's raw configuration into a `Deployment`, or all of its mistakes at once."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any

from components.config.deployment import Deployment, Pool, Stack
from components.config.parse import parse
from components.config.pools import (
    METRIC_SETTING,
    PROVIDER_DEFAULTS,
    ParsedPool,
    metric_problems,
    parse_pool,
)
from components.config.problems import ConfigError, Problem
from components.config.rules import Rule
from components.config.secrets import SECRET_KEYS, Secrets, secret_problems
from components.naming import instance_tag
from components.shares import share_problems

_TEXT_KEYS = {"instanceTag", "networkCidr"}
_GUEST_NETWORK = IPv4Network("10.61.0.0/16")
"""The network of the jobs' VMs on every executor (`cmd/executor/internal/config/consts.go`)."""


@dataclass(frozen=True, kw_only=True)
class RawConfig:
    """A stack's configuration as the engine hands it over.

    `values` are the project's own keys (objects as JSON text), `encrypted` those of them that
    the stack file encrypts, `providers` the keys `aws:region`, `gcp:project`, `gcp:region`.
    """

    stack: str
    values: Mapping[str, str]
    encrypted: frozenset[str]
    providers: Mapping[str, str]


def _network_cidr(stack: Stack) -> Iterable[tuple[str, str, str, str]]:
    network = IPv4Network(stack.network_cidr)
    sized = network.is_private and 16 <= network.prefixlen <= 20
    if not sized or network.overlaps(_GUEST_NETWORK):
        rule = "a private range of /16 to /20 apart from 10.61.0.0/16, which executors use inside"
        yield "networkCidr", repr(stack.network_cidr), rule, "write it like 10.0.0.0/16"


def load(config: RawConfig) -> Deployment:
    """The deployment that a stack's configuration describes.

    Raises ConfigError with every mistake; it holds no secret's value.
    """
    raw, problems = _decode(config)
    secrets = {key: config.values[key] for key in SECRET_KEYS if key in config.values}
    problems += secret_problems(secrets, config.encrypted)
    stack = parse(Stack, raw, "", (Rule(("networkCidr",), _network_cidr),))
    problems += stack.problems
    pools: dict[str, ParsedPool] = {}
    for name, own in _mappings(raw.get("pools")).items():
        defaults = raw.get("executors", {})
        parsed = parse_pool(
            name,
            own,
            defaults if isinstance(defaults, Mapping) else {},
            raw.get("sourcegraph", {}),
            config.providers,
        )
        if isinstance(parsed, Problem):
            problems.append(parsed)
        else:
            problems += parsed.problems
            pools[name] = parsed
    problems += metric_problems(pools, config.providers)
    shared = ("share", "queue", "queues", "min", "max", "sourcegraph")
    all_read = len(pools) == len(_mappings(raw.get("pools")))
    if stack.has("elsewhere") and all_read and all(p.executor.has(*shared) for p in pools.values()):
        serving = {name: (pool.cloud, pool.executor.model) for name, pool in pools.items()}
        problems += share_problems(serving, stack.model.elsewhere)
    if problems:
        raise ConfigError(problems)
    return Deployment(
        stack=config.stack,
        settings=stack.model,
        secrets=Secrets.of(secrets),
        pools=tuple(
            Pool(name=name, executor=pool.executor.model, placement=pool.placement.model)
            for name, pool in sorted(pools.items())
        ),
        metric_location={
            cloud: config.providers[PROVIDER_DEFAULTS[cloud][setting]]
            for cloud, setting in METRIC_SETTING.items()
            if any(pool.cloud == cloud for pool in pools.values())
        },
    )


def _decode(config: RawConfig) -> tuple[dict[str, Any], list[Problem]]:
    raw: dict[str, Any] = {"instanceTag": instance_tag(config.stack)}
    problems = []
    for key, text in config.values.items():
        if key in SECRET_KEYS:
            continue
        if key in config.encrypted:
            fix = "only accessToken, dockerAuthConfig and privateCaCertificate are secrets"
            problems.append(Problem(key, "an encrypted value", "a readable setting", fix))
        try:
            raw[key] = text if key in _TEXT_KEYS else json.loads(text)
        except ValueError:
            raw[key] = text
    return raw, problems


def _mappings(value: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        return {}
    return {name: own for name, own in value.items() if isinstance(own, Mapping)}
