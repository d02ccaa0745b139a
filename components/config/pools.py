"""One pool of the stack file: stack-wide defaults, its own settings, its place in a cloud."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from components.config.executor import ExecutorConfig
from components.config.explain import UNKNOWN_KEY, join, keys, shown
from components.config.parse import Parsed, parse
from components.config.placement import AwsPlacement, Cloud, GcpPlacement
from components.config.problems import Problem
from components.config.rules import AWS_RULES, EXECUTOR_RULES, GCP_RULES, without_kvm
from components.drain import HOOK_SECONDS, STOP_MARGIN_SECONDS, drain_seconds

PROVIDER_DEFAULTS: Mapping[Cloud, Mapping[str, str]] = {
    "aws": {"region": "aws:region"},
    "gcp": {"project": "gcp:project", "region": "gcp:region"},
}
"""Placement settings that come from the provider's configuration when a pool states none."""

_PLACEMENTS = {"aws": AwsPlacement, "gcp": GcpPlacement}

METRIC_SETTING: Mapping[Cloud, str] = {"aws": "region", "gcp": "project"}
"""Where the metric must be too: alarms read their own region, autoscalers their project."""

MAX_ALARM_QUEUES = 6
MAX_TEXT_BYTES = 4096

_SPOT_SHARE = ("onDemandBase", "spotPercent")
_TWO_POOLS = (
    "make two pools of the queue, one with spot: true, and divide it by their share: "
    "a group on GCP is all spot or all standard"
)

_PROVIDER_KEYS = {
    "aws:region": ("a region, where the worker publishes the queue size", "us-east-1"),
    "gcp:project": ("a project, where the worker publishes the queue size", "my-project"),
    "gcp:region": ("a region, for pools that name none", "us-central1"),
}


@dataclass(frozen=True)
class ParsedPool:
    """What could be read of one pool, and every mistake in it."""

    cloud: Cloud
    executor: Parsed[ExecutorConfig]
    placement: Parsed[AwsPlacement] | Parsed[GcpPlacement]
    problems: tuple[Problem, ...]


def parse_pool(
    name: str,
    own: Mapping[str, Any],
    defaults: Mapping[str, Any],
    sourcegraph: Any,
    providers: Mapping[str, str],
) -> ParsedPool | Problem:
    """Read the pool `name`; a `Problem` when it does not name exactly one cloud."""
    path = join("pools", name)
    clouds = [cloud for cloud in PROVIDER_DEFAULTS if cloud in own]
    if len(clouds) != 1:
        found = "both clouds" if clouds else "no cloud"
        fix = "add an `aws:` or a `gcp:` block with zones and machine type"
        return Problem(path, found, "exactly one of `aws` and `gcp`", fix)
    cloud = clouds[0]
    executor, executor_problems = _executor(path, cloud, own, defaults, sourcegraph)
    placement, placement_problems = _placement(f"{path}.{cloud}", cloud, own[cloud], providers)
    problems = [*executor_problems, *placement_problems]
    problems += _too_many_queues(path, cloud, executor)
    problems += _too_much_text(path, cloud, executor)
    problems += _no_vm_is_spot(path, executor, placement)
    problems += _too_long_drain(path, cloud, executor)
    machines = "machineTypes" if cloud == "aws" else "machineType"
    if (
        executor.has("firecracker")
        and placement.has(machines)
        and executor.model.firecracker.enabled
    ):
        problems += [
            Problem(f"{path}.{cloud}.{key}", *rest) for key, *rest in without_kvm(placement.model)
        ]
    return ParsedPool(cloud, executor, placement, tuple(problems))


def _too_many_queues(
    path: str, cloud: Cloud, executor: Parsed[ExecutorConfig]
) -> Iterable[Problem]:
    """CloudWatch: an alarm has at most ten queries, four of which are not queues."""
    if cloud == "aws" and executor.has("queue", "queues", "min", "max", "paused"):
        count = len(executor.model.queue_names)
        if count > MAX_ALARM_QUEUES and executor.model.autoscaled:
            rule = f"at most {MAX_ALARM_QUEUES} for a pool on AWS that follows its queues"
            fix = "spread them over several pools, or fix the size (min = max)"
            yield Problem(f"{path}.queues", f"{count} queues", rule, fix)


def _no_vm_is_spot(
    path: str,
    executor: Parsed[ExecutorConfig],
    placement: Parsed[AwsPlacement] | Parsed[GcpPlacement],
) -> Iterable[Problem]:
    if not (executor.has("max") and placement.has("onDemandBase", "spot")):
        return
    base = getattr(placement.model, "on_demand_base", 0)
    if placement.model.spot and base >= executor.model.max:
        rule = f"less than max, which is {executor.model.max}: no VM would be spot"
        fix = "lower it, or leave spot out"
        yield Problem(f"{path}.aws.onDemandBase", str(base), rule, fix)


def _too_long_drain(path: str, cloud: Cloud, executor: Parsed[ExecutorConfig]) -> Iterable[Problem]:
    """On GCP nothing waits for a VM, so nothing loses patience."""
    if cloud == "aws" and executor.has("maximumRuntimePerJob"):
        runtime = executor.model.maximum_runtime_per_job
        if drain_seconds(runtime) > HOOK_SECONDS:
            most = (HOOK_SECONDS - STOP_MARGIN_SECONDS) // 60
            rule = f"at most {most // 60}h{most % 60}m on AWS, which holds a leaving VM for 48h"
            fix = "lower it, or serve the queue from GCP"
            yield Problem(f"{path}.maximumRuntimePerJob", repr(runtime), rule, fix)


def _too_much_text(path: str, cloud: Cloud, executor: Parsed[ExecutorConfig]) -> Iterable[Problem]:
    """EC2 takes 16 KiB of user data (its user guide), which the boot program shares with these."""
    if cloud != "aws" or not executor.has("environment", "vmStartupScript", "proxy"):
        return
    config = executor.model
    texts = [*config.environment, *config.environment.values(), *config.proxy.no_proxy]
    size = len("".join([*texts, config.vm_startup_script or ""]).encode())
    if size > MAX_TEXT_BYTES:
        rule = f"at most {MAX_TEXT_BYTES} bytes on AWS, all of them together"
        keys = ("environment", "vmStartupScript", "proxy.noProxy")
        key = ", ".join(f"{path}.{key}" for key in keys)
        yield Problem(key, f"{size} bytes", rule, "let vmStartupScript fetch what is long")


def _executor(
    path: str, cloud: Cloud, own: Mapping[str, Any], defaults: Mapping[str, Any], sourcegraph: Any
) -> tuple[Parsed[ExecutorConfig], Iterable[Problem]]:
    fix = "remove it; one stack serves one Sourcegraph"
    extra = [
        Problem(f"{place}.sourcegraph", UNKNOWN_KEY, "`sourcegraph` of the whole stack", fix)
        for place, settings in ((path, own), ("executors", defaults))
        if "sourcegraph" in settings
    ]
    settings = {key: value for key, value in own.items() if key != cloud}
    raw = {**merge(defaults, settings), "sourcegraph": sourcegraph}
    parsed = parse(ExecutorConfig, raw, path, EXECUTOR_RULES)
    placement = keys(_PLACEMENTS[cloud])
    problems = [
        _relocate(_below(problem, path, cloud, placement), path, settings, defaults)
        for problem in parsed.problems
        if problem.key.removeprefix(f"{path}.").split(".")[0] != "sourcegraph"
    ]
    return parsed, extra + problems


def _below(problem: Problem, path: str, cloud: Cloud, placement: Container[str]) -> Problem:
    """Say where a setting of the placement belongs that stands one level too high."""
    if problem.found == UNKNOWN_KEY and problem.key.removeprefix(f"{path}.") in placement:
        return replace(problem, fix=f"move it into the pool's `{cloud}` block")
    return problem


def merge(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Defaults overridden by a pool's own settings; nested mappings are merged key by key."""
    merged = dict(defaults)
    if {"queue", "queues"} & own.keys():
        merged.pop("queue", None)
        merged.pop("queues", None)
    for key, value in own.items():
        default = merged.get(key)
        both = isinstance(default, Mapping) and isinstance(value, Mapping) and key != "share"
        merged[key] = {**default, **value} if both else value
    return merged


def _relocate(
    problem: Problem, path: str, own: Mapping[str, Any], defaults: Mapping[str, Any]
) -> Problem:
    """Name the stack-wide default when the wrong value stands there."""
    inner = problem.key.removeprefix(f"{path}.")
    keys = inner.replace("[", ".").split(".")
    if _holds(own, keys) or not _holds(defaults, keys):
        return problem
    return replace(problem, key=f"executors.{inner}")


def _holds(raw: Mapping[str, Any], keys: list[str]) -> bool:
    if keys[0] not in raw:
        return False
    inside = raw[keys[0]]
    return len(keys) < 2 or not isinstance(inside, Mapping) or keys[1] in inside


def _placement(
    path: str, cloud: Cloud, own: Any, providers: Mapping[str, str]
) -> tuple[Parsed[AwsPlacement] | Parsed[GcpPlacement], Iterable[Problem]]:
    sources = {
        setting: key
        for setting, key in PROVIDER_DEFAULTS[cloud].items()
        if isinstance(own, Mapping) and setting not in own
    }
    inherited = {name: providers[key] for name, key in sources.items() if key in providers}
    raw = {**own, **inherited} if isinstance(own, Mapping) else own
    parsed = (
        parse(AwsPlacement, raw, path, AWS_RULES)
        if cloud == "aws"
        else parse(GcpPlacement, raw, path, GCP_RULES)
    )
    by_path = {f"{path}.{setting}": key for setting, key in sources.items()}
    mixed = {f"{path}.{setting}" for setting in _SPOT_SHARE} if cloud == "gcp" else set()
    return parsed, [
        _provider_problem(by_path[problem.key], problem.found)
        if problem.key in by_path
        else replace(problem, fix=_TWO_POOLS)
        if problem.key in mixed
        else problem
        for problem in parsed.problems
    ]


def _provider_problem(key: str, found: str) -> Problem:
    allowed, example = _PROVIDER_KEYS[key]
    return Problem(key, found, allowed, f"run `pulumi config set {key} {example}`")


def metric_problems(
    pools: Mapping[str, ParsedPool], providers: Mapping[str, str]
) -> Iterable[Problem]:
    """Provider settings that are missing, and scaled pools that cannot read the metric."""
    for cloud, setting in METRIC_SETTING.items():
        key = PROVIDER_DEFAULTS[cloud][setting]
        here = {name: pool for name, pool in pools.items() if pool.cloud == cloud}
        if here and key not in providers:
            yield _provider_problem(key, "nothing")
        for name, pool in here.items():
            if not (pool.placement.has(setting) and pool.executor.has("min", "max", "paused")):
                continue
            value = getattr(pool.placement.model, setting)
            if key in providers and pool.executor.model.autoscaled and value != providers[key]:
                yield Problem(
                    join("pools", f"{name}.{cloud}.{setting}"),
                    shown("", value),
                    f"{providers[key]}, where the metric is, for a pool that follows the queue",
                    "move the pool, fix its size (min = max), or give it a stack of its own",
                )
