"""Bad settings that mean the same in both clouds."""

from typing import Any

from tests.unit.bad_stacks.keys import CI
from tests.unit.stacks import DELETED


def _executor() -> list[tuple[dict[str, Any], str, str]]:
    disk, env = f"{CI}.firecracker.diskSpace", f"{CI}.environment"
    return [
        ({f"{CI}.sourcegraph": {}}, f"{CI}.sourcegraph", "one stack serves one Sourcegraph"),
        ({"executors.sourcegraph": {}}, "executors.sourcegraph", "one Sourcegraph"),
        ({f"{CI}.maxx": 3}, f"{CI}.maxx", "rename it to max"),
        ({f"{CI}.sourcegraphUrl": "x"}, f"{CI}.sourcegraphUrl", "does not exist"),
        ({f"{CI}.machineTypes": ["m8i.large"]}, f"{CI}.machineTypes", "the pool's `aws` block"),
        ({f"{CI}.firecracker.enable": True}, f"{CI}.firecracker.enable", "rename it to enabled"),
        ({"executors.proxy": {"htpp": "x"}}, "executors.proxy.htpp", "rename it to http"),
        ({f"{CI}.queue": DELETED}, f"{CI}.queue", "found neither"),
        ({f"{CI}.queues": ["codeintel"]}, f"{CI}.queue", "found both"),
        ({f"{CI}.queue": "codeintell"}, f"{CI}.queue", "one of batches, codeintel"),
        ({f"{CI}.queue": "Code Intel"}, f"{CI}.queue", "write it like codeintel"),
        ({f"{CI}.queue": DELETED, f"{CI}.queues": []}, f"{CI}.queues", "at least 1"),
        (
            {f"{CI}.queue": DELETED, f"{CI}.queues": ["codeintel", "codeintel"]},
            f"{CI}.queues",
            "every queue once",
        ),
        ({f"{CI}.queuePollInterval": "0.5s"}, f"{CI}.queuePollInterval", "at least 1s"),
        ({f"{CI}.maximumRuntimePerJob": "30"}, f"{CI}.maximumRuntimePerJob", "with its units"),
        ({f"{CI}.maximumRuntimePerJob": 30}, f"{CI}.maximumRuntimePerJob", "put it in quotes"),
        ({f"{CI}.maximumRuntimePerJob": "1d"}, f"{CI}.maximumRuntimePerJob", "Go duration"),
        (
            {f"{CI}.maximumRuntimePerJob": "9" * 19 + "h"},
            f"{CI}.maximumRuntimePerJob",
            "Go duration",
        ),
        ({f"{CI}.maxActiveTime": "soon"}, f"{CI}.maxActiveTime", "Go duration"),
        ({f"{CI}.maxActiveTime": "0"}, f"{CI}.maxActiveTime", "allowEndlessVms"),
        ({"executors.maxActiveTime": "10m"}, "executors.maxActiveTime", "maximumRuntimePerJob"),
        ({f"{CI}.allowEndlessVms": "yes"}, f"{CI}.allowEndlessVms", "without quotes"),
        ({"executors.maximumNumJobs": "4"}, "executors.maximumNumJobs", "a whole number"),
        ({"executors.maximumNumJobs": 4.5}, "executors.maximumNumJobs", "a whole number"),
        ({"executors.maximumNumJobs": 501}, "executors.maximumNumJobs", "at most 500"),
        ({f"{CI}.numTotalJobs": -1}, f"{CI}.numTotalJobs", "at least 0"),
        ({f"{CI}.jobNumCpus": 3}, f"{CI}.jobNumCpus", "1 or an even number"),
        ({f"{CI}.jobNumCpus": 512}, f"{CI}.jobNumCpus", "at most 256"),
        ({f"{CI}.jobMemory": "0"}, f"{CI}.jobMemory", "under Firecracker"),
        ({f"{CI}.jobMemory": "12 gigs"}, f"{CI}.jobMemory", "12G"),
        ({f"{CI}.jobMemory": 12}, f"{CI}.jobMemory", "put it in quotes"),
        ({disk: "20Gi"}, disk, "K, M, G or T"),
        ({"executors.firecracker.diskSpace": "0G"}, "executors.firecracker.diskSpace", "12G"),
        ({f"{CI}.firecracker.enabled": "true"}, f"{CI}.firecracker.enabled", "without quotes"),
        ({f"{CI}.firecracker.image": ""}, f"{CI}.firecracker.image", "not empty"),
        (
            {f"{CI}.firecracker.bandwidthIngress": 0},
            f"{CI}.firecracker.bandwidthIngress",
            "least 1",
        ),
        ({f"{CI}.firecracker": True}, f"{CI}.firecracker", "found true; allowed: a mapping"),
        (
            {f"{CI}.dockerRegistryMirrors": ["10.0.1.4:5000"]},
            f"{CI}.dockerRegistryMirrors[0]",
            "http:// or https://",
        ),
        (
            {f"{CI}.dockerRegistryMirrors": ["http://a.example.com/x,http://b.example.com"]},
            f"{CI}.dockerRegistryMirrors[0]",
            "commas",
        ),
        (
            {f"{CI}.dockerRegistryNodeExporterUrl": "http://10.0.1.4:9999/metrics"},
            f"{CI}.dockerRegistryNodeExporterUrl",
            "remove /metrics",
        ),
        ({f"{CI}.nodeExporterUrl": "127.0.0.1:9100"}, f"{CI}.nodeExporterUrl", "http://"),
        (
            {f"{CI}.logLevel": "debug"},
            f"{CI}.logLevel",
            "'dbug', 'info', 'warn', 'error' or 'crit'",
        ),
        ({f"{CI}.vmStartupScript": "echo hi"}, f"{CI}.vmStartupScript", "#!/bin/sh"),
        ({f"{CI}.vmStartupScript": "#!" + "x" * 5000}, f"{CI}.vmStartupScript", "at most 3072"),
        ({f"{CI}.proxy": {"http": "proxy:3128"}}, f"{CI}.proxy.http", "http:// or https://"),
        ({f"{CI}.proxy": {"noProxy": "localhost"}}, f"{CI}.proxy.noProxy", "a list"),
        ({f"{CI}.proxy": {"noProxy": [""]}}, f"{CI}.proxy.noProxy[0]", "not empty"),
        ({env: {"EXECUTOR_QUEUE_NAME": "x"}}, f"{env}.EXECUTOR_QUEUE_NAME", "use queue instead"),
        ({env: {"http_proxy": "x"}}, f"{env}.http_proxy", "use proxy.http instead"),
        ({env: {"1ST": "x"}}, f"{env}.1ST", "no digit first"),
        ({env: {"DEBUG": True}}, f"{env}.DEBUG", "put it in quotes"),
        ({env: {"BANNER": "one\ntwo"}}, f"{env}.BANNER", "control characters"),
        ({f"{CI}.metricsAccessCidrs": ["10.0.0.5/8"]}, f"{CI}.metricsAccessCidrs[0]", "IPv4 range"),
        (
            {f"{CI}.metricsAccessCidrs": ["10.0.0.0/8"] * 2},
            f"{CI}.metricsAccessCidrs",
            "every entry once",
        ),
        (
            {env: {"LONG": "x" * 3000}, f"{CI}.vmStartupScript": "#!" + "x" * 2000},
            f"{env}, {CI}.vmStartupScript, {CI}.proxy.noProxy",
            "5006 bytes; allowed: at most 4096 bytes on AWS",
        ),
        (
            {f"{CI}.jobNetworkAllow": ["10.1.0.0/16", "10.0.0.0/8"]},
            f"{CI}.jobNetworkAllow[1]",
            "apart from 10.61.0.0/16",
        ),
        ({f"{CI}.jobNetworkAllow": ["169.254.169.254/32"]}, f"{CI}.jobNetworkAllow[0]", "identity"),
        ({f"{CI}.jobNetworkAllow": ["10.0.0.5/8"]}, f"{CI}.jobNetworkAllow[0]", "IPv4 range"),
        ({f"{CI}.paused": 1}, f"{CI}.paused", "true or false"),
        ({f"{CI}.min": "0"}, f"{CI}.min", 'found "0"; allowed: a whole number'),
        ({f"{CI}.min": -1}, f"{CI}.min", "at least 0"),
        ({f"{CI}.max": None}, f"{CI}.max", "found null"),
        ({f"{CI}.min": 11}, f"{CI}.max", "at least `min`, which is 11"),
        ({f"{CI}.max": 1001}, f"{CI}.max", "at most 1000"),
        ({f"{CI}.jobsPerInstance": 0}, f"{CI}.jobsPerInstance", "at least 1"),
    ]


def _too_many_queues() -> list[tuple[dict[str, Any], str, str]]:
    many = {"sourcegraph.extraQueues": [f"q{i}" for i in range(7)], f"{CI}.queue": DELETED}
    return [({**many, f"{CI}.queues": [f"q{i}" for i in range(7)]}, f"{CI}.queues", "at most 6")]


BAD = [*_executor(), *_too_many_queues()]
