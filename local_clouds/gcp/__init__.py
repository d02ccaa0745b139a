"""The `gcp` provider: its resource types and what its configuration means for them."""

from pulumi_gcp import ProviderArgs

from local_clouds.gcp import (
    alert_policies,
    autoscalers,
    disks,
    functions,
    groups,
    members,
    nat,
    networks,
    per_instance_configs,
    roles,
    secret_manager,
    service_accounts,
    templates,
)
from local_clouds.gcp.api import Api
from local_clouds.gcp.labels import managed_labels
from local_clouds.provider import LocalProvider
from local_clouds.resource import Properties
from local_clouds.schema import Object

_MODULES = (
    alert_policies,
    autoscalers,
    disks,
    groups,
    members,
    nat,
    networks,
    per_instance_configs,
    roles,
    secret_manager,
    service_accounts,
    templates,
)
_PLACES = ("project", "region", "zone")


class GcpProvider(LocalProvider):
    """Fills in project, region and zone, and merges the default labels into resources."""

    def __init__(self, endpoint: str) -> None:
        """Use the server at `endpoint`, as the holder of the configured access token."""
        api = Api(endpoint, token=lambda: self.settings.get("accessToken"))
        super().__init__(
            name="gcp",
            settings=ProviderArgs,
            resources=[resource for module in _MODULES for resource in module.resources(api)],
            functions=functions.functions(api),
        )

    def complete(self, shape: Object, properties: Properties) -> Properties:
        """The places that the resource leaves open, and the labels that the provider manages."""
        added = {
            place: self.settings[place]
            for place in _PLACES
            if place in shape.fields and place not in properties and place in self.settings
        }
        if "labels" in shape.fields:
            added["pulumiLabels"] = managed_labels(self.settings, properties)
        if "projectId" in shape.fields and "projectId" not in properties:
            added["project"] = self.settings.get("project")
        return added


def provider(endpoint: str) -> GcpProvider:
    """The provider, making its resources at `endpoint`, such as http://127.0.0.1:8080."""
    return GcpProvider(endpoint)
