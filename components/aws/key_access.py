"""Who may use a key of the customer's own on AWS."""

import pulumi
import pulumi_aws as aws
from pulumi_aws import kms

from components.args import KeyAccessArgs, Keys

_OPERATIONS = [
    *("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey"),
    *("GenerateDataKeyWithoutPlaintext", "DescribeKey", "CreateGrant"),
]
"""What a group's service needs to start VMs with encrypted disks (EC2 Auto Scaling guide, "Required
AWS KMS key policy for use with encrypted volumes")."""

AUTO_SCALING = "autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
SPOT = "spot.amazonaws.com/AWSServiceRoleForEC2Spot"


def key_of_disk(keys: Keys, region: str) -> dict[str, pulumi.Input[str]]:
    """What a template's disk says about its key; nothing where AWS's own is used."""
    return {"kms_key_id": keys[region]} if region in keys else {}


class KeyAccess(pulumi.ComponentResource):
    """Lets the service-linked roles of Auto Scaling, and of spot where a pool uses it, use a key.

    Both roles must exist: AWS makes them with an account's first group and first spot request. The
    key's policy must let CloudWatch Logs use the key, which no grant can do. Makes: `kms.Grant`,
    one or two.
    """

    key: pulumi.Output[str]
    """ARN of the key, once it may be used."""

    def __init__(
        self, name: str, args: KeyAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:KeyAccess", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        lookup = pulumi.InvokeOutputOptions(parent=self)
        account = aws.get_caller_identity_output(opts=lookup).account_id
        partition = aws.get_partition_output(opts=lookup).partition
        pools = [pool for pool in args.pools if pool.aws.region == args.region]
        roles = {"auto-scaling": AUTO_SCALING}
        if any(pool.aws.spot for pool in pools):
            roles["spot"] = SPOT
        grants = [
            kms.Grant(
                f"{name}-{purpose}",
                region=args.region,
                key_id=args.key,
                grantee_principal=pulumi.Output.format(
                    "arn:{0}:iam::{1}:role/aws-service-role/{2}", partition, account, role
                ),
                operations=_OPERATIONS,
                opts=child,
            ).id
            for purpose, role in roles.items()
        ]
        self.key = pulumi.Output.all(args.key, *grants).apply(lambda known: known[0])
        self.register_outputs({"key": self.key})
