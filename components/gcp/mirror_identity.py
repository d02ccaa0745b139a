"""The identity of a docker mirror's VM on GCP."""

from typing import NamedTuple

import pulumi
from pulumi_gcp import projects, secretmanager, serviceaccount

from components.args import DockerMirrorArgs
from components.gcp.identity import ROLES
from components.naming import DISPLAY_NAME_LENGTH, SERVICE_ACCOUNT_LENGTH, physical_name


class MirrorIdentity(NamedTuple):
    """A service account, and the same once it may read its secrets."""

    principal: pulumi.Output[str]
    profile: pulumi.Output[str]


def mirror_account(name: str, args: DockerMirrorArgs, parent: pulumi.Resource) -> MirrorIdentity:
    """A service account, as a child of `parent`, that may write logs and metrics and read the
    upstream's account.
    """
    child, stack = pulumi.ResourceOptions(parent=parent), args.deployment.stack
    project = args.pools[0].gcp.project
    account = serviceaccount.Account(
        name,
        project=project,
        account_id=physical_name(stack, name, SERVICE_ACCOUNT_LENGTH),
        display_name=f"Docker mirror {name} ({stack})"[:DISPLAY_NAME_LENGTH],
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
    grants = [
        secretmanager.SecretIamMember(
            f"{name}-{key}",
            secret_id=reference,
            role="roles/secretmanager.secretAccessor",
            member=account.member,
            opts=child,
        ).id
        for key, reference in args.secrets.references.items()
    ]
    ready = pulumi.Output.all(account.email, *grants).apply(lambda known: known[0])
    return MirrorIdentity(account.email, ready)
