"""Bad stack files: a change to the good one, the key that the message names, and words of it."""

from typing import Any

from tests.unit import bad_sizes
from tests.unit.stacks import AWS, DELETED, GCP

CI, BA = "pools.codeintel", "pools.batches"
CI_AWS, BA_GCP = f"{CI}.aws", f"{BA}.gcp"

_NEW_VPC = {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]}


KEY = "arn:aws:kms:us-east-1:123456789012:key"
UUID = "01234567-89ab-cdef-0123-456789abcdef"


def _mirror() -> list[tuple[dict[str, Any], str, str]]:
    mirror = "dockerMirror"
    aws, gcp = f"{mirror}.aws", f"{mirror}.gcp"
    return [
        ({mirror: True}, mirror, "a mapping"),
        ({f"{mirror}.diskSize": 19}, f"{mirror}.diskSize", "at least 20"),
        (
            {f"{mirror}.metricsAccessCidrs": ["10.0.0.1/16"]},
            f"{mirror}.metricsAccessCidrs[0]",
            "an IPv4 range",
        ),
        (
            {f"{mirror}.metricsAccessCidrs": ["10.0.0.0/16", "10.0.0.0/16"]},
            f"{mirror}.metricsAccessCidrs",
            "every entry once",
        ),
        ({f"{aws}.machineType": "big"}, f"{aws}.machineType", "an EC2 instance type"),
        ({f"{aws}.address": "10.0.0"}, f"{aws}.address", "an IPv4 address"),
        ({f"{aws}.address": "10.0.0.4"}, f"{aws}.address", "from 10.0.0.16 to 10.0.15.239"),
        ({f"{aws}.address": "10.0.16.20"}, f"{aws}.address", "the mirror in us-east-1a"),
        ({f"{gcp}.address": "10.0.0.1"}, f"{gcp}.address", "from 10.0.0.2 to 10.0.15.253"),
        ({f"{aws}.diskIops": 100}, f"{aws}.diskIops", "at least 3000"),
        ({f"{mirror}.diskSize": 20, f"{aws}.diskIops": 16000}, f"{aws}.diskIops", "at most 500"),
        ({f"{aws}.diskThroughput": 800}, f"{aws}.diskThroughput", "a quarter of diskIops"),
        ({f"{gcp}.diskType": "hyperdisk"}, f"{gcp}.diskType", "'pd-ssd'"),
        (
            {mirror: {}, BA: DELETED, f"{CI_AWS}.network": _NEW_VPC},
            mirror,
            "a stack with a pool that brings no network",
        ),
        (
            {mirror: {}, f"{BA_GCP}.assignPublicIp": False, f"{BA}.max": 63},
            f"{BA}.max",
            "found 64 VMs behind Cloud NAT",
        ),
        ({mirror: {}, "instanceTag": "a" * 50}, "instanceTag", "at most 49 characters"),
        (
            {mirror: {}, "network.cidr": "10.0.0.0/20", f"{CI}.max": 486},
            f"{CI}.max",
            "at most 485 in the subnets",
        ),
    ]


def _sourcegraph() -> list[tuple[dict[str, Any], str, str]]:
    url, version = "sourcegraph.url", "sourcegraph.version"
    return [
        ({"sourcegraph": DELETED}, "sourcegraph", "found nothing"),
        (
            {"sourcegraph": "https://sg.example.com"},
            "sourcegraph",
            "found text; allowed: a mapping",
        ),
        ({url: DELETED}, url, "External URL"),
        ({url: "sourcegraph.example.com"}, url, "http:// or https://"),
        ({url: "ftp://sourcegraph.example.com"}, url, "http:// or https://"),
        ({url: "https://"}, url, "a host name"),
        ({url: "https://sg.example.com:0"}, url, "a valid port"),
        ({url: "https://user:secret@sg.example.com"}, url, "without user or password"),
        ({url: "https://sg.example.com/?a=b"}, url, "without spaces, commas, query or fragment"),
        ({url: "https://sg.example.com/a b"}, url, "without spaces"),
        ({url: "https://sg.exa mple.com"}, url, "a host name"),
        ({url: "http://host.docker.internal:3080"}, url, "a host that a VM can reach"),
        ({url: "https://sg.example.com\n"}, url, "control characters"),
        ({url: ["https://sg.example.com"]}, url, "found a list; allowed: text"),
        ({version: 6.1}, version, "found 6.1; allowed: text; fix: put it in quotes"),
        ({version: "6.10.0"}, version, 'write it like "6.10"'),
        ({version: "6.01"}, version, "major.minor"),
        ({"sourcegraph.environmentLabel": DELETED}, "sourcegraph.environmentLabel", "add it"),
        ({"sourcegraph.environmentLabel": "my prod"}, "sourcegraph.environmentLabel", "hyphens"),
        (
            {"sourcegraph.environmentLabel": True},
            "sourcegraph.environmentLabel",
            "put it in quotes",
        ),
        ({"sourcegraph.extraQueues": "hooks"}, "sourcegraph.extraQueues", "a list"),
        ({"sourcegraph.extraQueues": ["Hooks"]}, "sourcegraph.extraQueues[0]", "lower-case"),
        ({"sourcegraph.ur": "x"}, "sourcegraph.ur", "rename it to url"),
    ]


def _stack_keys() -> list[tuple[dict[str, Any], str, str]]:
    return [
        ({"pool": {}}, "pool", "rename it to pools"),
        ({"executors": [1]}, "executors", "found a list; allowed: a mapping"),
        ({"pools": DELETED}, "pools", "found nothing"),
        ({"pools": {}}, "pools", "found an empty mapping"),
        ({"pools": ["codeintel"]}, "pools", "a mapping"),
        (
            {"pools.Code_Intel": {"queue": "codeintel", "aws": AWS}},
            "pools.Code_Intel",
            "wrong name",
        ),
        ({CI: None}, CI, "found null; allowed: a mapping"),
        ({"instanceTag": "Executors Prod"}, "instanceTag", "write it like executors-prod"),
        ({"network.cidr": "10.0.0.0/33"}, "network.cidr", "an IPv4 range"),
        ({"network.cidr": "8.8.0.0/16"}, "network.cidr", "a private range"),
        ({"network.cidr": "10.0.0.0/8"}, "network.cidr", "/16 to /20"),
        ({"network.cidr": "169.254.0.0/16"}, "network.cidr", "a private range"),
        ({"network.cidr": "10.61.0.0/16"}, "network.cidr", "apart from 10.61.0.0/16"),
        ({"network.cidr": "172.17.16.0/20"}, "network.cidr", "which docker uses"),
        (
            {"network.apartFrom": ["10.0.128.0/24"]},
            "network.cidr",
            "apart from 10.0.128.0/24 of network.apartFrom",
        ),
        ({"network.apartFrom": "10.1.0.0/16"}, "network.apartFrom", "a list"),
        ({"network.natPerZone": "yes"}, "network.natPerZone", "true or false"),
        ({"network.natAddresses": 0}, "network.natAddresses", "at least 1"),
        ({"network.natPortsPerVm": 65536}, "network.natPortsPerVm", "at most 32768"),
        ({"encryptionKeys": "k"}, "encryptionKeys", "a list"),
        ({"encryptionKeys": ["alias/mine"]}, "encryptionKeys[0]", "a KMS key's ARN"),
        (
            {"encryptionKeys": [f"{KEY}/{UUID}", f"{KEY}/mrk-{UUID}"]},
            "encryptionKeys",
            "one key for each region",
        ),
        (
            {"encryptionKeys": [f"{KEY}/{UUID}", f"{KEY}/{UUID}".replace("us-", "eu-")]},
            "encryptionKeys",
            "found a key in eu-east-1, where no pool is",
        ),
        (
            {
                "encryptionKeys": [f"{KEY}/{UUID}"],
                "pools.far": {
                    "queue": "codeintel",
                    "min": 1,
                    "max": 1,
                    "aws": {**AWS, "region": "us-west-2", "zones": ["us-west-2a"]},
                },
            },
            "encryptionKeys",
            "found no key for us-west-2; allowed: a key for every region of aws",
        ),
        (
            {f"{BA_GCP}.assignPublicIp": False, f"{BA}.max": 64},
            f"{BA}.max",
            "at most 63: 1 x 64512 ports, 1024 for each VM",
        ),
        (
            {"network.cidr": "10.0.0.0/20", f"{CI}.max": 503},
            f"{CI}.max",
            "at most 502 in the subnets",
        ),
        ({"labels": {"Team": "x"}}, "labels.Team", "a wrong name"),
        ({"labels": {"executor_tag": "x"}}, "labels.executor_tag", "a wrong name"),
        ({"labels": {"goog-x": "x"}}, "labels.goog-x", "that is not name, executor_"),
        ({"labels": {"team": "Dev Tools"}}, "labels.team", "write it like dev-tools"),
        ({"labels": {f"l{n}": "x" for n in range(31)}}, "labels", "at most 30"),
        ({"permissionsBoundary": "boundary"}, "permissionsBoundary", "the ARN of an IAM policy"),
        ({"metricWriter": {"gcp": "none"}}, "metricWriter.gcp", "'key' or 'keyless'"),
        ({"metricWriter": {"aws": "key"}}, "metricWriter.aws", "allowed: gcp, keys"),
        ({"metricWriter": {"keys": []}}, "metricWriter.keys", "at least 1"),
        ({"metricWriter": {"keys": ["a", "b", "c"]}}, "metricWriter.keys", "at most 2"),
        ({"metricWriter": {"keys": ["a", "a"]}}, "metricWriter.keys", "every entry once"),
        ({"metricWriter": {"keys": ["one two"]}}, "metricWriter.keys[0]", "write it like 2026-01"),
        ({"elsewhere": {"codeintell": {"aws": 0.5}}}, "elsewhere.codeintell", "batches, codeintel"),
        (
            {"elsewhere": {"codeintel": {"azure": 0.5}}},
            "elsewhere.codeintel.azure",
            "'aws' or 'gcp'",
        ),
        ({"elsewhere": {"codeintel": {"aws": 1.5}}}, "elsewhere.codeintel.aws", "at most 1;"),
        ({"elsewhere": {"codeintel": 0.5}}, "elsewhere.codeintel", "a mapping"),
        ({"prices": {"big": {"onDemand": 1}}}, "prices.big", "a machine type of EC2"),
        ({"prices": {"m8i.4xlarge": 0.85}}, "prices.m8i.4xlarge", "a mapping"),
        ({"prices": {"c2-standard-8": {"spot": -1}}}, "prices.c2-standard-8.spot", "at least 0"),
        (
            {"prices": {"c2-standard-8": {"onDemand": "1 EUR"}}},
            "prices.c2-standard-8.onDemand",
            "a number",
        ),
    ]


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


def _aws() -> list[tuple[dict[str, Any], str, str]]:
    network = f"{CI_AWS}.network"
    metal = ["m8i.4xlarge", "c5n.metal"]
    return [
        ({CI_AWS: DELETED}, CI, "exactly one of `aws` and `gcp`"),
        ({f"{CI}.gcp": GCP}, CI, "found both clouds"),
        ({CI_AWS: None}, CI_AWS, "a mapping"),
        (
            {f"{CI_AWS}.machineType": "m8i.large"},
            f"{CI_AWS}.machineType",
            "rename it to machineTypes",
        ),
        ({f"{CI_AWS}.region": "us-east"}, f"{CI_AWS}.region", "write it like us-east-1"),
        ({f"{CI_AWS}.region": "eu-west-1"}, f"{CI_AWS}.zones", "zones of the region eu-west-1"),
        (
            {f"{CI_AWS}.region": "eu-west-1", f"{CI_AWS}.zones": ["eu-west-1a"]},
            f"{CI_AWS}.region",
            "us-east-1, where the metric is",
        ),
        ({f"{CI_AWS}.zones": DELETED}, f"{CI_AWS}.zones", "the zones of the new network"),
        ({f"{CI_AWS}.zones": "us-east-1a"}, f"{CI_AWS}.zones", "a list"),
        ({f"{CI_AWS}.zones": ["us-east-1"]}, f"{CI_AWS}.zones[0]", "write it like us-east-1a"),
        ({f"{CI_AWS}.zones": ["us-east-1a"] * 2}, f"{CI_AWS}.zones", "every entry once"),
        ({f"{CI_AWS}.machineTypes": DELETED}, f"{CI_AWS}.machineTypes", "EC2 instance types"),
        ({f"{CI_AWS}.machineTypes": []}, f"{CI_AWS}.machineTypes", "found an empty list"),
        ({f"{CI_AWS}.machineTypes": ["m8i"]}, f"{CI_AWS}.machineTypes[0]", "an EC2 instance type"),
        ({f"{CI_AWS}.machineTypes": ["m8i.large"] * 2}, f"{CI_AWS}.machineTypes", "once"),
        (
            {f"{CI_AWS}.machineTypes": ["m5.4xlarge"]},
            f"{CI_AWS}.machineTypes",
            "firecracker.enabled",
        ),
        ({f"{CI_AWS}.machineTypes": metal}, f"{CI_AWS}.machineTypes", "split the pool"),
        ({f"{CI_AWS}.image": "ami-123"}, f"{CI_AWS}.image", "an AMI's id"),
        ({f"{CI_AWS}.spot": "false"}, f"{CI_AWS}.spot", "without quotes"),
        ({f"{CI_AWS}.bootDiskSize": 8}, f"{CI_AWS}.bootDiskSize", "at least 16"),
        ({f"{CI_AWS}.bootDiskIops": 20000}, f"{CI_AWS}.bootDiskIops", "at most 16000"),
        (
            {f"{CI_AWS}.bootDiskSize": 16, f"{CI_AWS}.bootDiskIops": 9000},
            f"{CI_AWS}.bootDiskIops",
            "enlarge the disk",
        ),
        ({f"{CI_AWS}.bootDiskThroughput": 1000}, f"{CI_AWS}.bootDiskThroughput", "a quarter"),
        ({f"{CI_AWS}.assignPublicIp": "no"}, f"{CI_AWS}.assignPublicIp", "true or false"),
        ({network: {**_NEW_VPC, "vpcId": "vpc-1"}}, f"{network}.vpcId", "a VPC's id"),
        ({network: {**_NEW_VPC, "subnetIds": []}}, f"{network}.subnetIds", "at least 1"),
        ({network: {**_NEW_VPC, "subnetIds": ["x"]}}, f"{network}.subnetIds[0]", "a subnet's id"),
        (
            {network: {**_NEW_VPC, "securityGroupIds": ["default"]}},
            f"{network}.securityGroupIds[0]",
            "a security group's id",
        ),
        ({network: {"vpcid": "vpc-01234567"}}, f"{network}.vpcid", "rename it to vpcId"),
        (
            {f"{CI_AWS}.metricsAccessSecurityGroupIds": ["prometheus"]},
            f"{CI_AWS}.metricsAccessSecurityGroupIds[0]",
            "write it like sg-0abcdef0123456789",
        ),
        ({f"{CI_AWS}.logRetentionDays": 8}, f"{CI_AWS}.logRetentionDays", "1, 3, 5, 7, 14"),
    ]


def _too_many_queues() -> list[tuple[dict[str, Any], str, str]]:
    many = {"sourcegraph.extraQueues": [f"q{i}" for i in range(7)], f"{CI}.queue": DELETED}
    return [({**many, f"{CI}.queues": [f"q{i}" for i in range(7)]}, f"{CI}.queues", "at most 6")]


def _gcp() -> list[tuple[dict[str, Any], str, str]]:
    acme = "projects/acme-executors"
    network = f"{BA_GCP}.network"
    return [
        ({f"{BA_GCP}.project": "Acme"}, f"{BA_GCP}.project", "write it like my-project"),
        ({f"{BA_GCP}.project": "another-project"}, f"{BA_GCP}.project", "where the metric is"),
        ({f"{BA_GCP}.region": "us-central1-a"}, f"{BA_GCP}.region", "a GCP region"),
        ({f"{BA_GCP}.zones": ["europe-west1-b"]}, f"{BA_GCP}.zones", "of the region us-central1"),
        ({f"{BA_GCP}.zones": []}, f"{BA_GCP}.zones", "at least 1"),
        ({f"{BA_GCP}.zones": ["us-central1"]}, f"{BA_GCP}.zones[0]", "a GCP zone"),
        ({f"{BA_GCP}.machineType": DELETED}, f"{BA_GCP}.machineType", "add it"),
        ({f"{BA_GCP}.machineType": "m8i.large"}, f"{BA_GCP}.machineType", "n2-standard-16"),
        ({f"{BA_GCP}.scaleIn": "now"}, f"{BA_GCP}.scaleIn", "drain"),
        (
            {f"{BA_GCP}.machineType": "e2-standard-16"},
            f"{BA_GCP}.machineType",
            "nested virtualization",
        ),
        ({f"{BA_GCP}.image": "sourcegraph-executors-6-10"}, f"{BA_GCP}.image", "projects/P/global"),
        ({f"{BA_GCP}.bootDiskSize": "100GB"}, f"{BA_GCP}.bootDiskSize", "a whole number"),
        ({f"{BA_GCP}.bootDiskType": "ssd"}, f"{BA_GCP}.bootDiskType", "'pd-ssd'"),
        ({f"{BA_GCP}.localSsd": True}, f"{BA_GCP}.localSsd", "or not exactly one"),
        ({network: {"network": "my net"}}, f"{network}.network", "a network's name"),
        ({network: {"network": "default"}}, f"{network}.subnetwork", "found nothing"),
        (
            {network: {"network": "projects/host-1/global/networks/n", "subnetwork": "s"}},
            f"{network}.subnetwork",
            "a subnetwork of the project host-1",
        ),
        (
            {network: {"network": "n", "subnetwork": f"{acme}/regions/us-east1/subnetworks/s"}},
            f"{network}.subnetwork",
            "in the pool's region, which is us-central1",
        ),
    ]


def _alerts() -> list[tuple[dict[str, Any], str, str]]:
    topic = "arn:aws:sns:{}:123456789012:executors"
    channel = "projects/{}/notificationChannels/1"
    here, there = topic.format("us-east-1"), topic.format("eu-west-1")
    return [
        ({"alerts": [here]}, "alerts", "found a list; allowed: a mapping"),
        ({"alerts": {"azure": []}}, "alerts.azure", "allowed: aws, gcp"),
        ({"alerts": {"aws": here}}, "alerts.aws", "allowed: a list"),
        ({"alerts": {"aws": ["executors"]}}, "alerts.aws[0]", "an SNS topic's ARN"),
        ({"alerts": {"aws": [f"{here}.fifo"]}}, "alerts.aws[0]", "no FIFO topic's"),
        ({"alerts": {"aws": [here] * 6}}, "alerts.aws", "at most 5"),
        ({"alerts": {"aws": [there]}}, "alerts.aws", "one in eu-west-1"),
        ({"alerts": {"gcp": ["1234"]}}, "alerts.gcp[0]", "`projects/P/notificationChannels/N`"),
        ({"alerts": {"gcp": [channel.format("other")]}}, "alerts.gcp", "one in other"),
        (
            {
                "alerts": {"gcp": [channel.format("acme-executors")]},
                f"{BA_GCP}.project": "another-project",
                f"{BA}.min": 6,
            },
            "alerts.gcp",
            "found none in another-project",
        ),
        ({"alerts": {"aws": [here]}, CI: DELETED}, "alerts.aws", "no region, where the stack is"),
    ]


BAD = [
    *_sourcegraph(),
    *_stack_keys(),
    *_mirror(),
    *_executor(),
    *_aws(),
    *_too_many_queues(),
    *_gcp(),
    *bad_sizes.BAD,
    *_alerts(),
]
"""Change, key path that the message names, words of the message."""
