"""What the worker and Prometheus need to work with GCP."""

import base64

import pulumi
from pulumi_gcp import projects, serviceaccount

from components.args import CredentialsArgs
from components.naming import DISPLAY_NAME_LENGTH, SERVICE_ACCOUNT_LENGTH, physical_name, role_id


class Credentials(pulumi.ComponentResource):
    """The metric writer, and the read-only role that discovery needs.

    Makes: `serviceaccount.Account`, `projects.IAMCustomRole` (two), `projects.IAMMember`, and
    `serviceaccount.Key` unless the worker is keyless.
    """

    metric_writer: pulumi.Output[str]
    """E-mail address of the service account."""
    key_id: pulumi.Output[str]
    """Id of the metric writer's key; the account's e-mail address when keyless."""
    key: pulumi.Output[str] | None
    """The metric writer's key as JSON, a Pulumi secret; None when keyless."""
    discovery: pulumi.Output[str]
    """Name of the custom role to grant to Prometheus' own identity."""

    def __init__(
        self, name: str, args: CredentialsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:Credentials", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        stack = args.deployment.stack
        project = args.deployment.metric_location["gcp"]
        account = serviceaccount.Account(
            f"{name}-metric-writer",
            project=project,
            account_id=physical_name(stack, "metric-writer", SERVICE_ACCOUNT_LENGTH),
            display_name=f"Publishes the executors' queue size ({stack})"[:DISPLAY_NAME_LENGTH],
            opts=child,
        )

        def custom_role(purpose: str, title: str, permissions: list[str]) -> projects.IAMCustomRole:
            return projects.IAMCustomRole(
                f"{name}-{purpose}",
                project=project,
                # The id of a deleted role stays taken for weeks; the account's id is new each time.
                role_id=account.unique_id.apply(lambda salt: role_id(stack, purpose, salt=salt)),
                title=f"{title} ({stack})"[:DISPLAY_NAME_LENGTH],
                permissions=permissions,
                opts=child,
            )

        writer = custom_role("metric-writer", "Metric writer", ["monitoring.timeSeries.create"])
        projects.IAMMember(
            f"{name}-metric-writer",
            project=project,
            role=writer.name,
            member=account.member,
            opts=child,
        )
        discovery = custom_role(
            "discovery", "Executor discovery", ["compute.instances.list", "compute.zones.list"]
        )
        self.metric_writer = account.email
        self.key_id, self.key = account.email, None
        if args.deployment.settings.metric_writer.gcp == "key":
            keys = [
                serviceaccount.Key(
                    f"{name}-metric-writer-{key}", service_account_id=account.name, opts=child
                )
                for key in args.deployment.settings.metric_writer.keys
            ]
            self.key_id = keys[-1].name
            self.key = pulumi.Output.secret(keys[-1].private_key).apply(_decoded)
        self.discovery = discovery.name
        self.register_outputs(
            {
                "metric_writer": self.metric_writer,
                "key_id": self.key_id,
                "key": self.key,
                "discovery": self.discovery,
            }
        )


def _decoded(key: str) -> str:
    """The key file itself; the provider returns it in base64, which the worker does not read."""
    return base64.b64decode(key).decode()
