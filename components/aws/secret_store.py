"""The stack's secrets in Secrets Manager."""

from collections.abc import Mapping

import pulumi
from pulumi_aws import secretsmanager

from components.args import SecretStoreArgs, StoredSecrets, secret_values
from components.tags import tags


class SecretStore(pulumi.ComponentResource):
    """The access token, and docker auth and private CA where the stack has them.

    Makes, per secret: `secretsmanager.Secret` and `secretsmanager.SecretVersion`.
    """

    references: pulumi.Output[Mapping[str, str]]
    """ARN of every secret, by config key."""

    def __init__(
        self, name: str, args: SecretStoreArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:aws:SecretStore", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        region = args.pools[0].placement.region
        references, versions = {}, []
        for key, value in secret_values(args.deployment.secrets).items():
            secret = secretsmanager.Secret(
                f"{name}-{key}",
                region=region,
                kms_key_id=args.keys.get(region),
                # A deleted secret would otherwise stay, and be paid for, for 30 days.
                recovery_window_in_days=0,
                tags=tags(args.deployment),
                opts=child,
            )
            references[key] = secret.id
            versions.append(
                secretsmanager.SecretVersion(
                    f"{name}-{key}",
                    region=region,
                    secret_id=secret.id,
                    secret_string=value,
                    opts=child,
                )
            )
        self.stored = StoredSecrets(references=references, versions=versions)
        self.references = pulumi.Output.all(**references)
        self.register_outputs({"references": self.references})
