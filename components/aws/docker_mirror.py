"""A docker mirror on AWS."""

import pulumi
from pulumi_aws import autoscaling, cloudwatch, ebs, ec2, vpc

from components.args import DockerMirrorArgs
from components.aws.mirror_identity import NAMESPACE
from components.aws.mirror_template import METRIC, mirror_template
from components.config.mirror import EXPORTER_PORT
from components.subnets import held_block
from components.tags import mirror_tags

FULL_PERCENT = 90
"""The VM cleans from 80 percent on: at 90 it does not keep up, or is broken."""


class DockerMirror(pulumi.ComponentResource):
    """A registry VM in a group of one whose cache disk and private address outlive it.

    A new VM claims both when it starts. A changed setting replaces the VM at once: executors pull
    from Docker Hub meanwhile.

    Makes: `cloudwatch.LogGroup`, `iam.Role`, `iam.RolePolicy`, `iam.InstanceProfile`,
    `ec2.SecurityGroup` and its rules, `ec2.SubnetCidrReservation`, `ebs.Volume`,
    `ec2.LaunchTemplate`, `autoscaling.Group`, `cloudwatch.MetricAlarm`.
    """

    address: pulumi.Output[str]
    """The fixed private address."""
    access: pulumi.Output[str]
    """Id of the security group that pools open the mirror's ports in."""

    def __init__(
        self, name: str, args: DockerMirrorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:DockerMirror", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.args, self.settings = args, args.deployment.docker_mirror
        self.region, self.labels = args.pools[0].aws.region, mirror_tags(args.deployment)
        security_group = self._security_group(name)
        reservation = ec2.SubnetCidrReservation(
            name,
            region=self.region,
            cidr_block=str(held_block(args.plan.address)),
            reservation_type="explicit",
            description="The fixed address of a docker mirror",
            subnet_id=pulumi.Output.from_input(args.network.subnet_ids)[0],
            opts=child,
        )
        volume = ebs.Volume(
            name,
            region=self.region,
            availability_zone=args.plan.zone,
            type="gp3",
            size=self.settings.disk_size,
            iops=self.settings.aws.disk_iops,
            throughput=self.settings.aws.disk_throughput,
            encrypted=True,
            kms_key_id=args.keys.get(self.region),
            tags={**self.labels, "Name": name},
            opts=child,
        )
        template = mirror_template(name, args, volume, security_group.id, self)
        autoscaling.Group(
            name,
            region=self.region,
            min_size=1,
            max_size=1,
            vpc_zone_identifiers=args.network.subnet_ids,
            launch_template={"id": template.id, "version": template.latest_version.apply(str)},
            # The old VM has to go first: it has the disk and the address.
            instance_refresh={
                "strategy": "Rolling",
                "preferences": {"min_healthy_percentage": 0, "max_healthy_percentage": 100},
            },
            health_check_type="EC2",
            wait_for_capacity_timeout="0",
            tags=[
                {"key": key, "value": value, "propagate_at_launch": True}
                for key, value in {**self.labels, "Name": name}.items()
            ],
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[reservation, *args.secrets.versions]
            ),
        )
        self._alarm(name, volume)
        self.address = pulumi.Output.from_input(str(args.plan.address))
        self.access = security_group.id
        self.register_outputs({"address": self.address, "access": self.access})

    def _security_group(self, name: str) -> ec2.SecurityGroup:
        child = pulumi.ResourceOptions(parent=self)
        group = ec2.SecurityGroup(
            name,
            region=self.region,
            description="Docker mirror",
            vpc_id=self.args.network.network_id,
            tags=self.labels,
            opts=child,
        )
        vpc.SecurityGroupEgressRule(
            f"{name}-all",
            region=self.region,
            security_group_id=group.id,
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            tags=self.labels,
            opts=child,
        )
        for cidr in self.settings.metrics_access_cidrs:
            vpc.SecurityGroupIngressRule(
                f"{name}-metrics-{cidr}",
                region=self.region,
                security_group_id=group.id,
                ip_protocol="tcp",
                from_port=EXPORTER_PORT,
                to_port=EXPORTER_PORT,
                cidr_ipv4=cidr,
                description="Prometheus",
                tags=self.labels,
                opts=child,
            )
        return group

    def _alarm(self, name: str, volume: ebs.Volume) -> None:
        cloudwatch.MetricAlarm(
            name,
            region=self.region,
            alarm_description=(
                f"The disk of the docker mirror {name} is more than {FULL_PERCENT} percent full, "
                "or the mirror tells nothing"
            ),
            namespace=NAMESPACE,
            metric_name=METRIC,
            dimensions={"Mirror": volume.id},
            statistic="Maximum",
            period=300,
            evaluation_periods=3,
            comparison_operator="GreaterThanThreshold",
            threshold=FULL_PERCENT,
            # A mirror that is down, or whose program is, tells nothing.
            treat_missing_data="breaching",
            alarm_actions=self.args.deployment.alert_targets("aws", self.region),
            ok_actions=self.args.deployment.alert_targets("aws", self.region),
            tags=self.labels,
            opts=pulumi.ResourceOptions(parent=self),
        )
