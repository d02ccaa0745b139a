"""Who may reach a pool's VMs on AWS."""

import pulumi
from pulumi_aws import ec2, vpc

from components.args import FirewallArgs
from components.config.mirror import MIRROR_PORTS
from components.tags import tags

METRICS_PORT = 6060
"""The debug port of every Sourcegraph program, which serves its metrics."""


class Firewall(pulumi.ComponentResource):
    """All traffic out; in only to the metrics port, from what the pool names.

    A shell comes by SSM, which needs no open port. The ports of the network's docker mirror open to
    the pool. Makes: `ec2.SecurityGroup`, `vpc.SecurityGroupEgressRule`, and
    `vpc.SecurityGroupIngressRule` per range, per group and per port of
    the mirror.
    """

    group: pulumi.Output[str]
    """Id of the security group."""

    def __init__(
        self, name: str, args: FirewallArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:Firewall", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        region = args.pool.placement.region
        labels = tags(args.deployment, args.pool)
        group = ec2.SecurityGroup(
            name,
            region=region,
            description=f"Executors of the pool {args.pool.name}",
            vpc_id=args.network.network_id,
            tags=labels,
            opts=child,
        )
        vpc.SecurityGroupEgressRule(
            f"{name}-all",
            region=region,
            security_group_id=group.id,
            ip_protocol="-1",
            cidr_ipv4="0.0.0.0/0",
            tags=labels,
            opts=child,
        )
        cidrs = args.pool.executor.metrics_access_cidrs
        groups = args.pool.aws.metrics_access_security_group_ids
        for cidr, member_of in [*((c, None) for c in cidrs), *((None, g) for g in groups)]:
            vpc.SecurityGroupIngressRule(
                f"{name}-metrics-{cidr or member_of}",
                region=region,
                security_group_id=group.id,
                ip_protocol="tcp",
                from_port=METRICS_PORT,
                to_port=METRICS_PORT,
                cidr_ipv4=cidr,
                referenced_security_group_id=member_of,
                description="Prometheus",
                tags=labels,
                opts=child,
            )
        for port in MIRROR_PORTS if args.mirror is not None else ():
            vpc.SecurityGroupIngressRule(
                f"{name}-mirror-{port}",
                region=region,
                security_group_id=args.mirror,
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                referenced_security_group_id=group.id,
                description=f"Executors of the pool {args.pool.name}",
                tags=labels,
                opts=child,
            )
        self.group = group.id
        self.register_outputs({"group": self.group})
