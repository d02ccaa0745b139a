"""Bad docker mirrors."""

from typing import Any

from tests.unit.bad_stacks.keys import BA, BA_GCP, CI, CI_AWS, NEW_VPC
from tests.unit.stacks import DELETED


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
            {mirror: {}, BA: DELETED, f"{CI_AWS}.network": NEW_VPC},
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


BAD = _mirror()
