"""The local AWS provider: the resource types of pulumi-aws on a moto server."""

import pulumi_aws as aws

from local_clouds import schema
from local_clouds.aws import (
    alarms,
    functions,
    grants,
    group,
    group_timing,
    iam,
    iam_grants,
    iam_policies,
    launch_template,
    logs,
    nat,
    network,
    routes,
    scaling_policies,
    schedules,
    secretsmanager,
    security_groups,
    volumes,
)
from local_clouds.aws.arns import PARTITIONS
from local_clouds.aws.clients import Clients
from local_clouds.aws.guard import Guard
from local_clouds.aws.seed import seed
from local_clouds.calls import CallLog
from local_clouds.provider import LocalProvider
from local_clouds.resource import Failure, Properties

__all__ = ["AwsProvider", "provider", "seed"]

_SERVICES = (
    grants,
    nat,
    network,
    routes,
    security_groups,
    volumes,
    launch_template,
    group,
    scaling_policies,
    group_timing,
    schedules,
    alarms,
    logs,
    iam,
    iam_policies,
    iam_grants,
    secretsmanager,
)


class AwsProvider(LocalProvider):
    """Applies everything to a moto server, in the region and with the tags of the configuration."""

    def __init__(self, endpoint: str, log: CallLog | None = None) -> None:
        """Use the moto server at `endpoint`, such as http://127.0.0.1:5000; `log` the calls."""
        clients = Clients(endpoint, Guard(endpoint, lambda: self.settings.get("accessKey"), log))
        super().__init__(
            name="aws",
            settings=aws.ProviderArgs,
            required_settings={"region"},
            resources=[one for service in _SERVICES for one in service.resources(clients)],
            functions=functions.functions(clients, self.region),
        )

    def region(self) -> str:
        """Return the region of the configuration."""
        return self.settings["region"]

    def complete(self, shape: schema.Object, properties: Properties) -> Properties:
        """Return `region` where it is not set, and `tagsAll`: the default tags under the own."""
        added: Properties = {}
        if "region" in shape.fields and "region" not in properties:
            added["region"] = self.region()
        tags = shape.fields.get("tags")
        if tags is not None and isinstance(tags.shape, schema.MapOf):
            default = self.settings.get("defaultTags", {}).get("tags", {})
            own = properties.get("tags", {})
            added["tagsAll"] = default | own if isinstance(own, dict) else own
        return added

    def judge_settings(self, settings: Properties) -> list[Failure]:
        """Refuse a region that AWS does not have."""
        region = settings.get("region")
        if not isinstance(region, str) or region in PARTITIONS:
            return []
        return [Failure("region", f"{region!r} is no AWS region; regions look like us-east-1.")]


def provider(endpoint: str, log: CallLog | None = None) -> AwsProvider:
    """Return the provider that applies everything to the moto server at `endpoint`."""
    return AwsProvider(endpoint, log)
