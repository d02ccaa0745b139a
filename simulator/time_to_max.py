"""How long a pool takes to ask for all of its VMs, as its scaling is declared.

No job runs in this: from one moment on every queue is longer than all VMs can serve, and the pool's
alarms or autoscaler follow it. So it holds whatever the VMs are and however long they boot.
"""

import math
from random import Random

from preview import UNKNOWN, PreviewError, Resource, Resources
from simulator import read_aws, read_gcp
from simulator.assumptions import Assumptions
from simulator.aws import AwsGroup
from simulator.clock import Clock
from simulator.cloudwatch import MINUTE, CloudWatch
from simulator.declared import AwsPool, GcpPool
from simulator.gcp import GcpGroup, Monitoring
from simulator.group import Group, World
from simulator.ledger import Ledger
from simulator.machine import Machine
from simulator.sourcegraph import Sourcegraph

LIMIT_SECONDS = 12 * 3600
"""A pool that takes longer is not waited for."""
PHASES = 6
"""When in its minute an alarm looks is chance, and so it is with an autoscaler: each of so many
moments is tried, and the latest answer counts."""

_QUIET_SECONDS = 5 * MINUTE
"""The queue is empty for so long before: alarms have looked at it."""
_JOBS = 1_000_000
_IDLE = Machine(
    queues=(),
    slots=1,
    active_time="0",
    spread=False,
    total_jobs=0,
    job_seconds=0.0,
    stop_seconds=0.0,
    agent=False,
)


def seconds_to_max(resources: Resources, group: Resource) -> float:
    """Most seconds from the first value of the metric that needs all VMs until the group is asked
    for all of them, from its usual smallest size on; `inf` above LIMIT_SECONDS, or for ever.

    Raises PreviewError when the scaling cannot be simulated, and says why.
    """
    cloud = read_aws if group.type.startswith("aws:") else read_gcp
    try:
        pool = cloud.pool(resources, group, _IDLE).unscheduled
        longest = 0.0
        for number in range(PHASES):
            longest = max(longest, _seconds(pool, _Constant(number / PHASES)))
            if longest == math.inf:
                break
    except PreviewError:
        raise
    except ValueError as error:
        why = "a number in its scaling is known after the change only"
        raise PreviewError(why if UNKNOWN in str(error) else str(error)) from error
    except (AttributeError, KeyError, TypeError) as error:
        raise PreviewError(f"its scaling has an unknown form ({error!r})") from error
    return longest


def _seconds(pool: AwsPool | GcpPool, phase: Random) -> float:
    clock, assumptions, ledger = Clock(), Assumptions(), Ledger()
    sourcegraph = Sourcegraph(clock, phase, assumptions, ledger)
    world = World(clock, phase, assumptions, ledger, sourcegraph)
    cloud: CloudWatch | Monitoring
    if isinstance(pool, AwsPool):
        cloud = CloudWatch(clock)
        group: Group = AwsGroup(world, pool, cloud)
        metrics = [metric for alarm in pool.alarms for metric in alarm.metrics.values()]
        queues = {metric.queue for metric in metrics if metric.queue is not None}
    else:
        cloud = Monitoring(clock)
        group = GcpGroup(world, pool, cloud)
        queues = set(pool.series)

    def publish() -> None:
        for queue in queues:
            cloud.publish(queue, 0 if clock.now < _QUIET_SECONDS else _JOBS)

    group.start()
    # Each value is as good as the one before: no more of them are needed than a minute has one.
    clock.every(MINUTE, publish)
    clock.run(lambda: group.size >= pool.largest or clock.now > _QUIET_SECONDS + LIMIT_SECONDS)
    seconds = clock.now - _QUIET_SECONDS
    return max(0.0, seconds) if group.size >= pool.largest else math.inf


class _Constant(Random):
    """Chance that always has the same outcome, a part of 1."""

    def __init__(self, outcome: float) -> None:
        super().__init__(0)
        self._outcome = outcome

    def random(self) -> float:
        return self._outcome
