"""ARNs of this account, in the partition of their region."""

import boto3

ACCOUNT_ID = "123456789012"
"""moto's account."""

_SESSION = boto3.session.Session(aws_access_key_id="local", aws_secret_access_key="local")  # noqa: S106
PARTITIONS = {
    region: partition
    for partition in _SESSION.get_available_partitions()
    for region in _SESSION.get_available_regions("ec2", partition)
}
"""Every region that AWS has, and its partition."""


def arn(service: str, region: str, resource: str) -> str:
    """Return the ARN of a regional resource of this account."""
    return f"arn:{PARTITIONS[region]}:{service}:{region}:{ACCOUNT_ID}:{resource}"
