"""Which part of a queue a pool answers for, and what the worker must publish for that.

The worker multiplies a queue's size by the cloud's allocation and publishes it per cloud
(`cmd/worker/internal/executorqueue/external_emitter.go`), so a pool reads
`size * allocation` and answers for `share / allocation` of what it reads.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from components.config.executor import ExecutorConfig
from components.config.placement import Cloud
from components.config.problems import Problem

TOLERANCE = 1e-6
"""Shares such as three times 0.333333 count as whole."""


@dataclass(frozen=True)
class Shares:
    """Shares by (pool, queue), and the clouds' allocations by (queue, cloud)."""

    by_pool: Mapping[tuple[str, str], float]
    allocations: Mapping[tuple[str, str], float]
    clouds: Mapping[str, str]

    @classmethod
    def of(
        cls,
        pools: Mapping[str, tuple[Cloud, ExecutorConfig]],
        elsewhere: Mapping[str, Mapping[Cloud, float]],
    ) -> "Shares":
        """Shares of `pools` (name -> cloud and config); unset ones divide what is left equally."""
        by_pool: dict[tuple[str, str], float] = {}
        for queue in _queues(pools):
            stated = {
                name: _stated(config, queue)
                for name, (_, config) in sorted(pools.items())
                if queue in config.queue_names
            }
            taken = sum(share for share in stated.values() if share is not None)
            left = max(1 - taken - sum(elsewhere.get(queue, {}).values()), 0)
            unset = sum(share is None for share in stated.values())
            for name, share in stated.items():
                by_pool[name, queue] = left / unset if share is None else share
        clouds = {name: cloud for name, (cloud, _) in pools.items()}
        allocations = _allocations(by_pool, clouds, elsewhere)
        return cls(by_pool, allocations, clouds)

    def of_cloud(self, pool: str, queue: str) -> float:
        """The pool's part of what its cloud's metric says, in (0, 1]."""
        return min(self.by_pool[pool, queue] / self.allocations[queue, self.clouds[pool]], 1.0)

    def spans_clouds(self, queue: str) -> bool:
        """Whether pools of both clouds answer for the queue."""
        return all(self.allocations.get((queue, cloud), 0) > 0 for cloud in ("aws", "gcp"))

    def sum_of(self, queue: str) -> float:
        """All shares of a queue together; 1 in a sound deployment."""
        return sum(part for (name, _), part in self.allocations.items() if name == queue)


def _queues(pools: Mapping[str, tuple[Cloud, ExecutorConfig]]) -> list[str]:
    return sorted({queue for _, config in pools.values() for queue in config.queue_names})


def _stated(config: ExecutorConfig, queue: str) -> float | None:
    return config.share.get(queue) if isinstance(config.share, Mapping) else config.share


def _allocations(
    by_pool: Mapping[tuple[str, str], float],
    clouds: Mapping[str, str],
    elsewhere: Mapping[str, Mapping[Cloud, float]],
) -> dict[tuple[str, str], float]:
    allocations: dict[tuple[str, str], float] = {
        (queue, cloud): part for queue in elsewhere for cloud, part in elsewhere[queue].items()
    }
    for (name, queue), share in by_pool.items():
        key = (queue, clouds[name])
        allocations[key] = allocations.get(key, 0) + share
    return allocations


def share_problems(
    pools: Mapping[str, tuple[Cloud, ExecutorConfig]],
    elsewhere: Mapping[str, Mapping[Cloud, float]],
) -> Iterable[Problem]:
    """Queues whose shares are not whole, or whose split leaves jobs without a VM for ever."""
    shares = Shares.of(pools, elsewhere)
    for queue in _queues(pools):
        serving = [name for name in sorted(pools) if (name, queue) in shares.by_pool]
        key = ", ".join(f"pools.{name}.share" for name in serving)
        parts = [f"{name} {shares.by_pool[name, queue]:g}" for name in serving]
        parts += [f"{cloud} elsewhere {part:g}" for cloud, part in elsewhere.get(queue, {}).items()]
        empty = any(shares.by_pool[name, queue] <= TOLERANCE for name in serving)
        if abs(shares.sum_of(queue) - 1) > TOLERANCE or empty:
            found = f"{' + '.join(parts)} for the queue {queue}"
            fix = "correct the shares, or leave all of them out for equal parts"
            yield Problem(key, found, "shares above 0 that add up to 1 for each queue", fix)
        elif shares.spans_clouds(queue):
            yield from _never_served(queue, serving, pools)
    for queue, parts in sorted(elsewhere.items()):
        if queue not in _queues(pools) and sum(parts.values()) > 1 + TOLERANCE:
            found = " + ".join(f"{cloud} {part:g}" for cloud, part in sorted(parts.items()))
            rule = "shares that add up to at most 1 for each queue"
            yield Problem(f"elsewhere.{queue}", found, rule, "correct the shares")
    for name, (cloud, config) in sorted(pools.items()):
        yield from _uneven_on_gcp(name, cloud, config, shares)


def _never_served(
    queue: str, serving: list[str], pools: Mapping[str, tuple[Cloud, ExecutorConfig]]
) -> Iterable[Problem]:
    """The worker rounds `size * allocation` down: one job at 0.5 is 0 on both clouds, for ever."""
    if any(pools[name][1].smallest >= 1 for name in serving):
        return
    if all(pools[name][1].paused for name in serving):
        return
    yield Problem(
        ", ".join(f"pools.{name}.min" for name in serving),
        f"no pool that keeps a VM for {queue}, which two clouds share",
        "min of at least 1 for one pool, not paused, of a queue that two clouds share",
        "set min: 1 for one; the worker rounds each part down, so one job is 0 for both clouds",
    )


def _uneven_on_gcp(
    name: str, cloud: str, config: ExecutorConfig, shares: Shares
) -> Iterable[Problem]:
    """Compute Engine's autoscaler cannot weigh queues: it reads their one combined series."""
    if cloud != "gcp" or len(config.queue_names) < 2 or config.min == config.max:
        return
    if config.queue_names != config.sourcegraph.queues:
        yield Problem(
            f"pools.{name}.queues",
            repr(list(config.queue_names)),
            f"one queue, or all that the worker knows: {', '.join(config.sourcegraph.queues)}",
            "serve them from one pool per queue, from AWS, or at a fixed size (min = max)",
        )
    parts = {
        (round(shares.by_pool[name, queue], 6), round(shares.allocations[queue, "gcp"], 6))
        for queue in config.queue_names
    }
    if len(parts) > 1:
        yield Problem(
            f"pools.{name}.share",
            " and ".join(
                f"{shares.by_pool[name, queue]:g} of {queue}" for queue in config.queue_names
            ),
            "the same share of each queue, in a cloud with the same part of each queue",
            "state equal shares; GCP scales on the queues' one combined series",
        )
