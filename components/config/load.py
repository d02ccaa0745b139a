"""A stack's raw configuration into a `Deployment`, or all of its mistakes at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from components.config.alerts import alert_problems
from components.config.capacity import capacity_problems
from components.config.deployment import Deployment, Pool
from components.config.explain import join
from components.config.parse import parse
from components.config.placement import Cloud
from components.config.places import NETWORK_RULES, network_problems, with_mirrors
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
from components.config.stack import Stack
from components.naming import instance_tag
from components.shares import share_problems

_TEXT_KEYS = {"instanceTag", "permissionsBoundary"}


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


def _elsewhere(stack: Stack) -> Iterable[tuple[str, str, str, str]]:
    known = stack.sourcegraph.queues
    for queue in sorted(stack.elsewhere.keys() - set(known)):
        fix = "correct the name, or add it to sourcegraph.extraQueues if your version has it"
        yield f"elsewhere.{queue}", "an unknown queue", f"one of {', '.join(known)}", fix


_STACK_RULES = (
    *NETWORK_RULES,
    Rule(("elsewhere", "sourcegraph"), _elsewhere),
)


def load(config: RawConfig) -> Deployment:
    """The deployment that a stack's configuration describes.

    Raises ConfigError with every mistake; it holds no secret's value.
    """
    secrets = {key: config.values[key] for key in SECRET_KEYS if key in config.values}
    problems = secret_problems(secrets, config.encrypted)
    unreadable = sorted(config.encrypted.intersection(config.values) - secrets.keys())
    if unreadable:
        # No other message may show what the stack file hides.
        raise ConfigError([*problems, *map(_encrypted, unreadable)])
    raw, providers = _decode(config), _encodable(config.providers)
    stack = parse(Stack, raw, "", _STACK_RULES)
    problems += stack.problems
    pools: dict[str, ParsedPool] = {}
    for name, own in _mappings(raw.get("pools")).items():
        defaults = raw.get("executors", {})
        parsed = parse_pool(
            name,
            own,
            defaults if isinstance(defaults, Mapping) else {},
            raw.get("sourcegraph", {}),
            providers,
        )
        if isinstance(parsed, Problem):
            problems.append(parsed)
        else:
            problems += parsed.problems
            pools[name] = parsed
    problems += metric_problems(pools, providers)
    if stack.has("machineSizes"):
        problems += capacity_problems(pools, stack.model.sizes)
    shared = ("share", "queue", "queues", "min", "max", "sourcegraph")
    all_read = stack.has("elsewhere", "pools") and len(pools) == len(stack.model.pools)
    if all_read and all(pool.executor.has(*shared) for pool in pools.values()):
        serving = {name: (pool.cloud, pool.executor.model) for name, pool in pools.items()}
        problems += share_problems(serving, stack.model.elsewhere)
    if stack.has("alerts") and all_read:
        problems += alert_problems(stack.model.alerts, _places(pools, providers))
    made = _whole(pools)
    complete = all_read and len(made) == len(pools)
    problems += network_problems(stack, made, complete=complete, secrets=secrets)
    if problems:
        raise ConfigError(problems)
    return Deployment(
        stack=config.stack,
        settings=stack.model,
        secrets=Secrets.of(secrets),
        pools=with_mirrors(stack.model, made),
        metric_location={
            cloud: providers[PROVIDER_DEFAULTS[cloud][setting]]
            for cloud, setting in METRIC_SETTING.items()
            if any(pool.cloud == cloud for pool in pools.values())
        },
    )


def _places(pools: Mapping[str, ParsedPool], providers: Mapping[str, str]) -> dict[Cloud, set[str]]:
    """The AWS regions and GCP projects in which a stack has a pool or the metric."""
    places: dict[Cloud, set[str]] = {}
    for pool in pools.values():
        setting = METRIC_SETTING[pool.cloud]
        used = places.setdefault(pool.cloud, set())
        used |= {providers.get(PROVIDER_DEFAULTS[pool.cloud][setting], "")} - {""}
        if pool.placement.has(setting):
            used.add(getattr(pool.placement.model, setting))
    return places


def _whole(pools: Mapping[str, ParsedPool]) -> tuple[Pool, ...]:
    """The pools that hold values to rely on, sorted by name."""
    return tuple(
        Pool(name=name, executor=pool.executor.model, placement=pool.placement.model)
        for name, pool in sorted(pools.items())
        if not pool.problems
    )


def _encrypted(key: str) -> Problem:
    fix = "write it without --secret; the other mistakes are told then"
    return Problem(join("", key), "an encrypted value", f"{', '.join(SECRET_KEYS)} only", fix)


def _decode(config: RawConfig) -> dict[str, Any]:
    raw: dict[str, Any] = {"instanceTag": instance_tag(config.stack)}
    for key, text in _encodable(config.values).items():
        if key in SECRET_KEYS:
            continue
        try:
            raw[key] = text if key in _TEXT_KEYS else from_json(text)
        except ValueError:
            raw[key] = text
    return raw


def _encodable(texts: Mapping[str, str]) -> dict[str, str]:
    """JSON has no lone surrogates: they become visible escapes, which no setting allows."""
    return {
        key.encode(errors="backslashreplace").decode(): text.encode(
            errors="backslashreplace"
        ).decode()
        for key, text in texts.items()
    }


def _mappings(value: Any) -> dict[str, Mapping[str, Any]]:
    if not isinstance(value, Mapping):
        return {}
    return {name: own for name, own in value.items() if isinstance(own, Mapping)}
