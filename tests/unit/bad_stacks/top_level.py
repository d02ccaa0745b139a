"""Bad keys of the stack as a whole."""

from typing import Any

from tests.unit.bad_stacks.keys import BA, BA_GCP, CI
from tests.unit.stacks import AWS, DELETED

KEY = "arn:aws:kms:us-east-1:123456789012:key"
UUID = "01234567-89ab-cdef-0123-456789abcdef"


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


BAD = [*_sourcegraph(), *_stack_keys()]
