"""What concerns a stack's new networks together: their pools, their mirrors, their keys."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import replace

from components.config.deployment import Pool
from components.config.encryption import key_problems
from components.config.mirror import (
    mirror_plan,
    mirror_problems,
    unused_mirror_problems,
)
from components.config.network import place_problems, range_findings
from components.config.parse import Parsed
from components.config.problems import Problem
from components.config.rules import Finding, Rule, gp3_findings
from components.config.stack import Stack


def _network(stack: Stack) -> Iterable[Finding]:
    for key, *rest in range_findings(stack.network):
        yield (f"network.{key}", *rest)


def _mirror_disk(stack: Stack) -> Iterable[Finding]:
    mirror = stack.docker_mirror
    if mirror is None:
        return
    throughput, iops = mirror.aws.disk_throughput, mirror.aws.disk_iops
    findings = gp3_findings("disk", size=mirror.disk_size, iops=iops, throughput=throughput)
    for key, *rest in findings:
        yield (f"dockerMirror.aws.{key}", *rest)


NETWORK_RULES = (
    Rule(("network",), _network),
    Rule(("dockerMirror",), _mirror_disk),
)


def network_problems(
    stack: Parsed[Stack], pools: Sequence[Pool], *, complete: bool, secrets: Container[str]
) -> Iterable[Problem]:
    """What does not fit together; `pools` are the ones without mistakes, all of them if `complete`.

    `secrets` are the keys of the stack's secrets.
    """
    settings, mirror = stack.model, stack.model.docker_mirror
    if complete and stack.has("encryptionKeys"):
        yield from key_problems(settings.encryption_keys, pools)
    if not stack.has("network", "dockerMirror", "instanceTag"):
        return
    places = _by_network(pools)
    yield from place_problems(settings.network, places, mirrored=mirror is not None)
    if complete:
        yield from unused_mirror_problems(mirror, pools=pools, secrets=secrets)
    if mirror is not None:
        yield from mirror_problems(mirror, settings.network, places.values(), settings.instance_tag)


def with_mirrors(stack: Stack, pools: Sequence[Pool]) -> tuple[Pool, ...]:
    """Pools whose executors use the mirror of their network before others."""
    mirror, places = stack.docker_mirror, _by_network(pools)
    if mirror is None:
        return tuple(pools)
    plans = {key: mirror_plan(mirror, stack.network, inside) for key, inside in places.items()}
    return tuple(
        pool
        if (place := pool.network_place()) is None
        else replace(pool, executor=pool.executor.using(plans[place]))
        for pool in pools
    )


def _by_network(pools: Iterable[Pool]) -> dict[str, list[Pool]]:
    places: dict[str, list[Pool]] = {}
    for pool in pools:
        if (place := pool.network_place()) is not None:
            places.setdefault(place, []).append(pool)
    return places
