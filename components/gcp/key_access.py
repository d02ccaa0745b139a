"""Who may use a key of the customer's own on GCP."""

import pulumi
from pulumi_gcp import kms, organizations

from components.args import KeyAccessArgs

ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
AGENTS = ("compute-system", "gcp-sa-secretmanager")
"""Service agents that encrypt disks and secrets (Compute Engine and Secret Manager documentation,
"customer-managed encryption keys")."""


class KeyAccess(pulumi.ComponentResource):
    """Lets the pools' projects use a key: their agents of Compute Engine and Secret Manager.

    Secret Manager's must exist: `gcloud beta services identity create --service
    secretmanager.googleapis.com`. Makes: `kms.CryptoKeyIAMMember`, two for each project.
    """

    key: pulumi.Output[str]
    """Path of the key, once it may be used."""

    def __init__(
        self, name: str, args: KeyAccessArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:KeyAccess", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        lookup = pulumi.InvokeOutputOptions(parent=self)
        grants = []
        for project in sorted({pool.gcp.project for pool in args.pools}):
            number = organizations.get_project_output(project_id=project, opts=lookup).number
            for agent in AGENTS:
                member = pulumi.Output.format(
                    "serviceAccount:service-{0}@{1}.iam.gserviceaccount.com", number, agent
                )
                grant = kms.CryptoKeyIAMMember(
                    f"{name}-{project}-{agent}",
                    crypto_key_id=args.key,
                    role=ROLE,
                    member=member,
                    opts=child,
                )
                grants.append(grant.id)
        self.key = pulumi.Output.all(args.key, *grants).apply(lambda known: known[0])
        self.register_outputs({"key": self.key})
