"""What the worker and Prometheus need to work with AWS."""

import pulumi
from pulumi_aws import iam

from components.args import CredentialsArgs
from components.scaling import AWS_NAMESPACE
from components.tags import tags


class Credentials(pulumi.ComponentResource):
    """The metric writer, and the read-only policy that discovery needs.

    The worker refuses to start without a key (`executorqueue/config.go` requires both parts), so
    the writer is a user, which may put metrics into the one namespace and nothing else.

    Makes: `iam.User`, `iam.UserPolicy`, `iam.AccessKey`, `iam.Policy`.
    """

    metric_writer: pulumi.Output[str]
    """Name of the user."""
    key_id: pulumi.Output[str]
    """Id of the metric writer's key."""
    key: pulumi.Output[str] | None
    """The metric writer's secret key, a Pulumi secret."""
    discovery: pulumi.Output[str]
    """ARN of the policy to attach to Prometheus' own identity."""

    def __init__(
        self, name: str, args: CredentialsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:Credentials", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        user = iam.User(
            f"{name}-metric-writer",
            force_destroy=True,
            permissions_boundary=args.deployment.settings.permissions_boundary,
            tags=tags(args.deployment),
            opts=child,
        )
        iam.UserPolicy(
            f"{name}-metric-writer",
            user=user.name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": "cloudwatch:PutMetricData",
                            # PutMetricData has no resource; its namespace is a condition key.
                            "Resource": "*",
                            "Condition": {"StringEquals": {"cloudwatch:namespace": AWS_NAMESPACE}},
                        }
                    ],
                }
            ),
            opts=child,
        )
        access_key = iam.AccessKey(f"{name}-metric-writer", user=user.name, opts=child)
        discovery = iam.Policy(
            f"{name}-discovery",
            description="Lets Prometheus find the executors' VMs",
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": ["ec2:DescribeAvailabilityZones", "ec2:DescribeInstances"],
                            "Resource": "*",
                        }
                    ],
                }
            ),
            tags=tags(args.deployment),
            opts=child,
        )
        self.metric_writer = user.name
        self.key_id = access_key.id
        # The SDK marks it too; saying so here keeps it marked whatever the SDK does.
        self.key = pulumi.Output.secret(access_key.secret)
        self.discovery = discovery.arn
        self.register_outputs(
            {
                "metric_writer": self.metric_writer,
                "key_id": self.key_id,
                "key": self.key,
                "discovery": self.discovery,
            }
        )
