"""The identity of a pool's VMs on GCP."""

import pulumi
from pulumi_gcp import projects, secretmanager, serviceaccount

from components.args import IdentityArgs, StoredSecrets
from components.naming import DISPLAY_NAME_LENGTH, SERVICE_ACCOUNT_LENGTH, physical_name, role_id

AGENT = (
    "compute.autoscalers.get",
    "compute.instanceGroupManagers.get",
    "compute.instanceGroupManagers.update",
    "compute.instances.list",
)
"""What a VM needs to see that it is no longer needed, and to leave its group."""

ROLES = ("roles/logging.logWriter", "roles/monitoring.metricWriter")
"""What the image's Ops Agent needs."""


class Identity(pulumi.ComponentResource):
    """A service account that may write logs and metrics, read the pool's secrets, and take VMs out
    of instance groups.

    GCP cannot limit the last to one group: it holds for all groups of the project. The pool's
    `scaleIn: interrupt` does without.

    Makes: `serviceaccount.Account`, `projects.IAMMember` per role, `projects.IAMCustomRole`,
    `secretmanager.SecretIamMember` per secret.
    """

    principal: pulumi.Output[str]
    """E-mail address of the service account."""
    profile: pulumi.Output[str]
    """The same, once it may read its secrets."""

    def __init__(
        self, name: str, args: IdentityArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:Identity", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        project, stack = args.pool.gcp.project, args.deployment.stack
        account = vm_account(
            name,
            project,
            physical_name(stack, args.pool.name, SERVICE_ACCOUNT_LENGTH),
            f"Executors of the pool {args.pool.name} ({stack})",
            self,
        )
        if args.pool.gcp.scale_in == "drain":
            agent = projects.IAMCustomRole(
                f"{name}-agent",
                project=project,
                role_id=account.unique_id.apply(
                    lambda salt: role_id(stack, f"{args.pool.name}-agent", salt=salt)
                ),
                title=f"Executor agent of {args.pool.name} ({stack})"[:DISPLAY_NAME_LENGTH],
                permissions=list(AGENT),
                opts=child,
            )
            projects.IAMMember(
                f"{name}-agent", project=project, role=agent.name, member=account.member, opts=child
            )
        self.principal = account.email
        self.profile = reading_account(name, account, args.secrets, self)
        self.register_outputs({"principal": self.principal, "profile": self.profile})


def vm_account(
    name: str, project: str, account_id: str, title: str, parent: pulumi.Resource
) -> serviceaccount.Account:
    """A service account that may write logs and metrics, as a child of `parent`."""
    child = pulumi.ResourceOptions(parent=parent)
    account = serviceaccount.Account(
        name,
        project=project,
        account_id=account_id,
        display_name=title[:DISPLAY_NAME_LENGTH],
        opts=child,
    )
    for role in ROLES:
        projects.IAMMember(
            f"{name}-{role.split('.')[-1]}",
            project=project,
            role=role,
            member=account.member,
            opts=child,
        )
    return account


def reading_account(
    name: str, account: serviceaccount.Account, secrets: StoredSecrets, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """E-mail address of the account, once it may read the secrets: a VM that boots earlier could
    not read them.
    """
    grants = [
        secretmanager.SecretIamMember(
            f"{name}-{key}",
            secret_id=reference,
            role="roles/secretmanager.secretAccessor",
            member=account.member,
            opts=pulumi.ResourceOptions(parent=parent),
        ).id
        for key, reference in secrets.references.items()
    ]
    return pulumi.Output.all(account.email, *grants).apply(lambda known: known[0])
