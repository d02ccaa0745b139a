"""The stack's secrets in Secret Manager."""

from collections.abc import Mapping, Sequence

import pulumi
from pulumi_gcp import secretmanager

from components.args import SecretStoreArgs, StoredSecrets, secret_values
from components.naming import SECRET_ID_LENGTH, physical_name
from components.tags import tags


class SecretStore(pulumi.ComponentResource):
    """The access token, and docker auth and private CA where the stack has them.

    Makes, per secret: `secretmanager.Secret` and `secretmanager.SecretVersion`.
    """

    references: pulumi.Output[Mapping[str, str]]
    """Path of every secret, by config key."""

    def __init__(
        self, name: str, args: SecretStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:SecretStore", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        references, versions = {}, []
        # Where a secret's copies are cannot change. One with other copies is another secret, made
        # beside the old one, which running VMs still read.
        regions = sorted({pool.gcp.region for pool in args.pools}) if args.keys else []
        for key, value in secret_values(args.deployment.secrets).items():
            own = "-".join([key, *regions])
            secret = secretmanager.Secret(
                f"{name}-{own}",
                project=args.pools[0].gcp.project,
                secret_id=physical_name(args.deployment.stack, own, SECRET_ID_LENGTH),
                replication=_replication(args, regions),
                labels=tags(args.deployment),
                opts=child,
            )
            references[key] = secret.id
            versions.append(
                secretmanager.SecretVersion(
                    f"{name}-{own}", secret=secret.id, secret_data=value, opts=child
                )
            )
        self.stored = StoredSecrets(references=references, versions=versions)
        self.references = pulumi.Output.all(**references)
        self.register_outputs({"references": self.references})


def _replication(
    args: SecretStoreArgs, regions: Sequence[str]
) -> secretmanager.SecretReplicationArgsDict:
    """Everywhere; with keys of the customer's own, a copy in each region of the pools, under its
    key, as a regional key can encrypt a copy in its own region only.
    """
    if not regions:
        return {"auto": {}}
    return {
        "user_managed": {
            "replicas": [
                {
                    "location": region,
                    "customer_managed_encryption": {"kms_key_name": args.keys[region]},
                }
                for region in regions
            ]
        }
    }
