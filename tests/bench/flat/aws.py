"""What the flat program has once on AWS: credentials, secret, network."""

import pulumi
from pulumi_aws import ec2, iam, secretsmanager

from tests.bench.flat import aws_pool
from tests.bench.flat.literals import AWS_REGION, TAGS


def declare(token: pulumi.Output[str]) -> dict[str, pulumi.Output[str]]:
    """Everything on AWS; returns what the program exports of it."""
    user = iam.User("executors-metric-writer", force_destroy=True, tags=TAGS)
    iam.UserPolicy(
        "executors-metric-writer",
        user=user.name,
        policy=(
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
            '"Action": "cloudwatch:PutMetricData", "Resource": "*", "Condition": '
            '{"StringEquals": {"cloudwatch:namespace": "sourcegraph-executor"}}}]}'
        ),
    )
    key = iam.AccessKey("executors-metric-writer-1", user=user.name)
    discovery = iam.Policy(
        "executors-discovery",
        description="Lets Prometheus find the executors' VMs",
        policy=(
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": '
            '["ec2:DescribeAvailabilityZones", "ec2:DescribeInstances"], "Resource": "*"}]}'
        ),
        tags=TAGS,
    )
    secret = secretsmanager.Secret(
        "executors-us-east-1-accessToken",
        region=AWS_REGION,
        recovery_window_in_days=0,
        tags=TAGS,
    )
    version = secretsmanager.SecretVersion(
        "executors-us-east-1-accessToken",
        region=AWS_REGION,
        secret_id=secret.id,
        secret_string=token,
    )
    network, subnets = _network()
    group = aws_pool.declare(version.secret_id, network, subnets)
    return {
        "codeintelGroup": group.name,
        "awsDiscovery": discovery.arn,
        "awsMetricWriterKeyId": key.id,
        "awsMetricWriterKey": pulumi.Output.secret(key.secret),
    }


def _network() -> tuple[ec2.Vpc, list[ec2.Subnet]]:
    name, labels = "executors-us-east-1", {"Name": "executors-us-east-1", **TAGS}
    network = ec2.Vpc(
        name,
        region=AWS_REGION,
        cidr_block="10.0.0.0/16",
        enable_dns_hostnames=True,
        enable_dns_support=True,
        tags=labels,
    )
    gateway = ec2.InternetGateway(name, region=AWS_REGION, vpc_id=network.id, tags=labels)
    routes = ec2.RouteTable(name, region=AWS_REGION, vpc_id=network.id, tags=labels)
    ec2.Route(
        name,
        region=AWS_REGION,
        route_table_id=routes.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway.id,
    )
    subnets = []
    for zone, cidr in (("us-east-1a", "10.0.0.0/20"), ("us-east-1b", "10.0.16.0/20")):
        subnet = ec2.Subnet(
            f"executors-us-east-1-{zone}",
            region=AWS_REGION,
            vpc_id=network.id,
            availability_zone=zone,
            cidr_block=cidr,
            tags={**TAGS, "Name": f"executors-us-east-1-{zone}"},
        )
        ec2.RouteTableAssociation(
            f"executors-us-east-1-{zone}",
            region=AWS_REGION,
            subnet_id=subnet.id,
            route_table_id=routes.id,
        )
        subnets.append(subnet)
    return network, subnets
