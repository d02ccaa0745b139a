"""Bad settings of one cloud."""

from typing import Any

from tests.unit.bad_stacks.keys import BA_GCP, CI, CI_AWS, NEW_VPC
from tests.unit.stacks import DELETED, GCP


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
        ({network: {**NEW_VPC, "vpcId": "vpc-1"}}, f"{network}.vpcId", "a VPC's id"),
        ({network: {**NEW_VPC, "subnetIds": []}}, f"{network}.subnetIds", "at least 1"),
        ({network: {**NEW_VPC, "subnetIds": ["x"]}}, f"{network}.subnetIds[0]", "a subnet's id"),
        (
            {network: {**NEW_VPC, "securityGroupIds": ["default"]}},
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


BAD = [*_aws(), *_gcp()]
