"""A program with one resource in each cloud, for the tests of the runner."""

import pulumi
import pulumi_aws as aws
import pulumi_gcp as gcp


def main() -> None:
    """Make a log group and a network; `retention` of the configuration is in days."""
    config = pulumi.Config()
    if config.get_bool("broken"):
        raise pulumi.RunError("The configuration says that this is broken.")
    logs = aws.cloudwatch.LogGroup("logs", retention_in_days=config.require_int("retention"))
    network = gcp.compute.Network("network", auto_create_subnetworks=False)
    pulumi.export("names", [logs.name, network.name])
    pulumi.export("token", config.require_secret("accessToken"))
