"""Where a pool's VMs run: what differs between the clouds."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from components.config.base import Matches, Settings
from components.config.machines import AWS_MACHINE, GCP_MACHINE
from components.config.types import distinct

Cloud = Literal["aws", "gcp"]

AwsRegion = Annotated[
    str, Matches("an AWS region", pattern="[a-z]{2,3}(-[a-z]+)+-[0-9]{1,2}", example="us-east-1")
]
AwsZone = Annotated[
    str,
    Matches(
        "an AWS availability zone",
        pattern="[a-z]{2,3}(-[a-z]+)+-[0-9]{1,2}[a-h]",
        example="us-east-1a",
    ),
]
AwsMachineType = Annotated[
    str, Matches("an EC2 instance type", pattern=AWS_MACHINE, example="m8i.4xlarge")
]
Ami = Annotated[
    str,
    Matches(
        "an AMI's id", pattern="ami-([0-9a-f]{8}|[0-9a-f]{17})", example="ami-0abcdef0123456789"
    ),
]
VpcId = Annotated[
    str,
    Matches(
        "a VPC's id", pattern="vpc-([0-9a-f]{8}|[0-9a-f]{17})", example="vpc-0abcdef0123456789"
    ),
]
SubnetId = Annotated[
    str,
    Matches(
        "a subnet's id",
        pattern="subnet-([0-9a-f]{8}|[0-9a-f]{17})",
        example="subnet-0abcdef0123456789",
    ),
]
SecurityGroupId = Annotated[
    str,
    Matches(
        "a security group's id",
        pattern="sg-([0-9a-f]{8}|[0-9a-f]{17})",
        example="sg-0abcdef0123456789",
    ),
]
GcpProject = Annotated[
    str,
    Matches(
        "a project's id",
        pattern="([a-z][a-z0-9.-]{1,62}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]",
        example="my-project",
    ),
]
GcpRegion = Annotated[
    str, Matches("a GCP region", pattern="[a-z]+-[a-z]+[0-9]{1,2}", example="us-central1")
]
GcpZone = Annotated[
    str, Matches("a GCP zone", pattern="[a-z]+-[a-z]+[0-9]{1,2}-[a-z]", example="us-central1-a")
]
GcpMachineType = Annotated[
    str,
    Matches("a Compute Engine machine type", pattern=GCP_MACHINE, example="n2-standard-16"),
]
GcpImage = Annotated[
    str,
    Matches(
        "`projects/P/global/images/I`, or `projects/P/global/images/family/F`",
        pattern="projects/[a-z0-9.:-]+/global/images/(family/)?[a-z][a-z0-9-]{0,62}",
        example="projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-0",
    ),
]
GcpNetworkName = Annotated[
    str,
    Matches(
        "a network's name, or `projects/P/global/networks/N`",
        pattern="(projects/[a-z0-9.:-]+/global/networks/)?[a-z][a-z0-9-]{0,62}",
        example="my-network",
    ),
]
GcpSubnetworkName = Annotated[
    str,
    Matches(
        "a subnetwork's name, or `projects/P/regions/R/subnetworks/N`",
        pattern="(projects/[a-z0-9.:-]+/regions/[a-z0-9-]+/subnetworks/)?[a-z][a-z0-9-]{0,62}",
        example="my-subnetwork",
    ),
]
SecurityGroupId = Annotated[
    str,
    Matches(
        "a security group's id",
        pattern="sg-([0-9a-f]{8}|[0-9a-f]{17})",
        example="sg-0abcdef0123456789",
    ),
]


class AwsNetwork(Settings):
    """An existing network."""

    vpc_id: VpcId
    """The VPC."""
    subnet_ids: Annotated[tuple[SubnetId, ...], Field(min_length=1)]
    """Subnets that VMs start in, one or more zones."""
    security_group_ids: Annotated[tuple[SecurityGroupId, ...], Field(max_length=5)] = ()
    """Security groups of the VMs, instead of one of the pool's own: their rules alone hold then."""


class GcpNetwork(Settings):
    """An existing network, also a shared one of another project."""

    network: GcpNetworkName
    """The network."""
    subnetwork: GcpSubnetworkName
    """The subnetwork that VMs start in, in the pool's region."""


class AwsPlacement(Settings):
    """Where a pool runs on AWS."""

    region: AwsRegion
    """Region; the stack's `aws:region` when unset."""
    zones: tuple[AwsZone, ...] = ()
    """Availability zones that a new network spans; required without `network`."""
    machine_types: Annotated[tuple[AwsMachineType, ...], Field(min_length=1, max_length=40)]
    """EC2 instance types, the preferred one first."""
    image: Ami | None = None
    """Exact AMI. Unset: the newest of Sourcegraph's `major.minor`, which floats."""
    spot: bool = False
    """Spot instances: cheaper, and interrupted with two minutes' notice."""
    on_demand_base: Annotated[int, Field(ge=0, le=1000)] = 0
    """With `spot`: so many VMs are on demand before any is spot."""
    spot_percent: Annotated[int, Field(ge=1, le=100)] = 100
    """With `spot`: the part of the VMs beyond `onDemandBase` that is spot; the rest is on
    demand."""
    boot_disk_size: Annotated[int, Field(ge=16, le=16384)] = 500
    """Root volume in GiB (gp3, encrypted)."""
    boot_disk_iops: Annotated[int, Field(ge=3000, le=16000)] = 3000
    """IOPS of the root volume."""
    boot_disk_throughput: Annotated[int, Field(ge=125, le=1000)] = 125
    """Throughput of the root volume in MiB/s."""
    assign_public_ip: bool = True
    """Public address for every VM. Without one, VMs leave a new network through NAT, by a static
    address; an existing network must have a way out."""
    network: AwsNetwork | None = None
    """Existing network; a new one when unset."""
    metrics_access_security_group_ids: Annotated[
        tuple[SecurityGroupId, ...], AfterValidator(distinct)
    ] = ()
    """Security groups whose members may reach the metrics on port 6060, as `metricsAccessCidrs`."""
    log_retention_days: Literal[
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
        3288, 3653,
    ] = 7  # fmt: skip
    """Days that the pool's log group keeps its lines."""


class GcpPlacement(Settings):
    """Where a pool runs on GCP."""

    project: GcpProject
    """Project; the stack's `gcp:project` when unset."""
    region: GcpRegion
    """Region; the stack's `gcp:region` when unset."""
    zones: Annotated[tuple[GcpZone, ...], Field(min_length=1)]
    """Zones that the regional group spans."""
    machine_type: GcpMachineType
    """Compute Engine machine type."""
    image: GcpImage | None = None
    """Exact image, or a family, which floats. Unset: Sourcegraph's family of its `major.minor`."""
    spot: bool = False
    """Spot VMs: cheaper, and preempted with 30 seconds' notice."""
    boot_disk_size: Annotated[int, Field(ge=10, le=65536)] = 100
    """Boot disk in GB."""
    boot_disk_type: Literal["pd-ssd", "pd-balanced", "pd-standard", "hyperdisk-balanced"] = "pd-ssd"
    """Type of the boot disk."""
    local_ssd: bool = False
    """A 375 GB local NVMe disk for the jobs' VMs."""
    scale_in: Literal["drain", "interrupt"] = "drain"
    """`drain`: VMs leave by themselves after their last job; they need a permission that GCP cannot
    limit to one group. `interrupt`: the autoscaler deletes VMs, and their jobs start again."""
    assign_public_ip: bool = True
    """Public address for every VM. Without one, VMs leave a new network through NAT, by a static
    address; an existing network must have a way out."""
    network: GcpNetwork | None = None
    """Existing network; a new one when unset."""


Placement = AwsPlacement | GcpPlacement
