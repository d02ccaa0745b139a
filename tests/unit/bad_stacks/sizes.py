"""Bad sizes, shares and schedules of pools."""

from typing import Any

from tests.unit.bad_stacks.keys import BA, BA_GCP, CI, CI_AWS
from tests.unit.stacks import AWS, GCP

_HALVES = {"pools.second": {"queue": "codeintel", "gcp": GCP}}
_PAIR = {"pools.second": {"queue": "codeintel", "aws": AWS}}


def _capacity() -> list[tuple[dict[str, Any], str, str]]:
    sizes, types, disk = "machineSizes", f"{CI_AWS}.machineTypes", f"{CI_AWS}.bootDiskSize"
    smaller = {"m8i.4xlarge": {"cpus": 99, "memory": "49G"}}
    on_n1 = {f"{BA_GCP}.machineType": "n1-standard-16", f"{BA_GCP}.localSsd": True}
    return [
        ({sizes: {"huge": {"cpus": 4, "memory": "8G"}}}, f"{sizes}.huge", "like m8i.4xlarge"),
        ({sizes: {"m9x.large": {"memory": "8G"}}}, f"{sizes}.m9x.large.cpus", "found nothing"),
        ({sizes: {"m9x.large": {"cpus": 0, "memory": "8G"}}}, f"{sizes}.m9x.large.cpus", "least 1"),
        ({sizes: {"m9x.large": {"cpus": 2, "memory": 8}}}, f"{sizes}.m9x.large.memory", "quotes"),
        ({sizes: {"m9x.large": {"cpu": 2, "memory": "8G"}}}, f"{sizes}.m9x.large.cpu", "to cpus"),
        ({types: ["m8i.4xlarge", "m8i.2xlarge"]}, types, "lower maximumNumJobs to 2"),
        ({types: ["m8i.large"]}, types, "with 2 CPUs and 8 GiB"),
        ({types: ["c8i.4xlarge"]}, types, "lower maximumNumJobs to 2"),
        ({types: ["m8i.4xlarge"], sizes: smaller}, types, "at least 16 CPUs and 50 GiB"),
        ({f"{BA_GCP}.machineType": "n2-highcpu-16"}, f"{BA_GCP}.machineType", "to 1"),
        ({disk: 99}, disk, "raise it to 100, or lower maximumNumJobs to 3"),
        ({disk: 30}, disk, "lower firecracker.diskSpace"),
        ({**on_n1, "executors.firecracker.diskSpace": "100G"}, f"{BA_GCP}.localSsd", "to 3"),
    ]


def _machines() -> list[tuple[dict[str, Any], str, str]]:
    types, kind, disk = f"{CI_AWS}.machineTypes", f"{BA_GCP}.machineType", f"{BA_GCP}.bootDiskType"
    on = lambda machine, disk_type: {kind: machine, disk: disk_type}  # noqa: E731
    return [
        ({types: ["m7g.metal"]}, types, "an amd64 type"),
        ({types: ["t4g.large"], f"{CI}.firecracker.enabled": False}, types, "an amd64 type"),
        ({kind: "t2a-standard-16", f"{BA}.firecracker.enabled": False}, kind, "an amd64 type"),
        ({kind: "c3-standard-192-metal"}, kind, "no bare metal"),
        (on("c4-standard-16", "pd-ssd"), disk, "hyperdisk-balanced on c4-standard-16"),
        (on("n2-standard-16", "hyperdisk-balanced"), disk, "pd-balanced or pd-standard on n2"),
    ]


def _spot() -> list[tuple[dict[str, Any], str, str]]:
    base, percent, spot = f"{CI_AWS}.onDemandBase", f"{CI_AWS}.spotPercent", f"{CI_AWS}.spot"
    return [
        ({base: 1}, base, "set spot: true"),
        ({percent: 50}, percent, "set spot: true"),
        ({spot: True, base: -1}, base, "at least 0"),
        ({spot: True, base: 10}, base, "less than max, which is 10"),
        ({spot: True, percent: 0}, percent, "at least 1"),
        ({spot: True, percent: "50%"}, percent, "a whole number"),
        ({f"{BA_GCP}.onDemandBase": 1}, f"{BA_GCP}.onDemandBase", "make two pools"),
        ({f"{BA_GCP}.spotPercent": 50}, f"{BA_GCP}.spotPercent", "make two pools"),
    ]


def _schedules() -> list[tuple[dict[str, Any], str, str]]:
    key = f"{CI}.schedules"
    day = f"{key}.day"
    good = {"cron": "30 7 * * MON-FRI", "duration": "10h", "min": 2}
    night = {"cron": "0 22 * * *", "duration": "2h", "min": 3, "timeZone": "Asia/Tokyo"}

    def bad(**changes: Any) -> dict[str, Any]:
        return {key: {"day": {**good, **changes}}}

    return [
        ({key: ["day"]}, key, "a mapping"),
        ({key: {"Day Time": good}}, f"{key}.Day Time", "a wrong name"),
        ({key: {f"s{i}": good for i in range(33)}}, key, "at most 32"),
        ({key: {"day": {"cron": "0 7 * * *"}}}, f"{day}.duration", "found nothing"),
        (bad(cron="0 7 1 * *"), f"{day}.cron", "* * and weekdays"),
        (bad(cron="0 7 * *"), f"{day}.cron", "write it like 30 7 * * MON-FRI"),
        (bad(cron="0 24 * * *"), f"{day}.cron", "each a number"),
        (bad(cron="@daily"), f"{day}.cron", "each a number"),
        (bad(timeZone="Europe/Berlinn"), f"{day}.timeZone", "IANA"),
        (bad(timeZone="CET"), f"{day}.timeZone", "Europe/Berlin or Etc/UTC"),
        (bad(timeZone="../etc/localtime"), f"{day}.timeZone", "IANA"),
        (bad(timezone="Europe/Rome"), f"{day}.timezone", "rename it to timeZone"),
        (bad(duration="4m"), f"{day}.duration", "at least 5m"),
        (bad(duration="90s"), f"{day}.duration", "whole minutes"),
        (bad(duration="5m1s"), f"{day}.duration", "whole minutes"),
        (bad(duration="168h"), f"{day}.duration", "less than 168h"),
        (bad(min=0), f"{day}.min", "at least 1"),
        (bad(min=11), f"{day}.min", "at most max, which is 10"),
        ({**bad(), f"{CI}.min": 2}, f"{day}.min", "more than min, which is 2"),
        ({key: {"day": good, "night": night}}, key, "Asia/Tokyo (night)"),
        (bad(cron="0 * * * *", duration="1h"), key, "raise min instead"),
        (bad(cron="*/30 * * * *", duration="10m"), key, "found 672 of them"),
    ]


def _drain() -> list[tuple[dict[str, Any], str, str]]:
    long = {f"{CI}.maximumRuntimePerJob": "47h46m", f"{CI}.maxActiveTime": "60h"}
    return [(long, f"{CI}.maximumRuntimePerJob", "at most 47h45m on AWS")]


def _shares() -> list[tuple[dict[str, Any], str, str]]:
    both = f"{CI}.share, pools.second.share"
    mins = f"{CI}.min, pools.second.min"
    wide = {"queues": ["batches", "codeintel"], "max": 5, "gcp": GCP}
    fixed = {f"{CI}.share": 0.5, "pools.second.share": 0.6}
    rich = {**_HALVES, "pools.second.min": 1, "pools.batches": wide}
    return [
        ({f"{CI}.share": "half"}, f"{CI}.share", "a number or a mapping"),
        ({f"{CI}.share": 1.5}, f"{CI}.share", "at most 1"),
        ({f"{CI}.share": 0}, f"{CI}.share", "more than 0"),
        ({f"{CI}.share": {"batches": 1}}, f"{CI}.share.batches", "queues that the pool serves"),
        ({f"{CI}.share": 0.5}, f"{CI}.share", "codeintel 0.5 for the queue codeintel"),
        ({**_PAIR, **fixed}, both, "codeintel 0.5 + second 0.6"),
        ({**_PAIR, f"{CI}.share": 1}, both, "shares above 0"),
        ({"elsewhere": {"codeintel": {"aws": 1}}}, f"{CI}.share", "aws elsewhere 1"),
        (
            {f"{CI}.queue": "batches", "elsewhere": {"codeintel": {"aws": 0.7, "gcp": 0.7}}},
            "elsewhere.codeintel",
            "at most 1",
        ),
        (_HALVES, mins, "set min: 1 for one"),
        ({"elsewhere": {"codeintel": {"gcp": 0.5}}}, f"{CI}.min", "two clouds share"),
        (
            {"sourcegraph.extraQueues": ["hooks"], f"{CI}.queue": "hooks", BA: wide},
            f"{BA}.queues",
            "serve them from one pool per queue",
        ),
        (rich, f"{BA}.share", "the same share of each queue"),
    ]


BAD = [*_shares(), *_capacity(), *_machines(), *_spot(), *_schedules(), *_drain()]
