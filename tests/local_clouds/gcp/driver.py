"""Calls the gcp provider as the engine would, without an engine."""

import asyncio

from pulumi.provider.experimental import provider as protocol

from local_clouds.provider import OLD_INPUTS, LocalProvider, to_values
from local_clouds.resource import Properties
from local_clouds.values import properties_to_plain, to_value
from tests.local_clouds.gcp_cloud import PROJECT, REGION, LocalGcp

SETTINGS = {"project": PROJECT, "region": REGION}


class Driver:
    """Calls a provider as the engine would, with plain properties."""

    def __init__(self, provider: LocalProvider, cloud: LocalGcp) -> None:
        self.provider = provider
        self.cloud = cloud
        self.configure(SETTINGS)

    def configure(self, settings: Properties) -> None:
        asyncio.run(
            self.provider.configure(protocol.ConfigureRequest({}, to_values(settings), True, True))
        )

    def check(
        self, token: str, inputs: Properties, name: str = "made", old: Properties | None = None
    ) -> tuple[Properties, dict[str, str]]:
        request = protocol.CheckRequest(
            urn(token, name), to_values(old or {}), to_values(inputs), b"seed"
        )
        answer = asyncio.run(self.provider.check(request))
        failures = {failure.property: failure.reason for failure in answer.failures or []}
        return properties_to_plain(answer.inputs or {}), failures

    def create(
        self, token: str, inputs: Properties, name: str = "made"
    ) -> tuple[str, Properties, Properties]:
        """The id, the outputs and the checked inputs of a new resource."""
        checked, failures = self.check(token, inputs, name)
        assert failures == {}
        request = protocol.CreateRequest(urn(token, name), to_values(checked), 60, False)
        answer = asyncio.run(self.provider.create(request))
        assert answer.resource_id
        return answer.resource_id, properties_to_plain(answer.properties), checked

    def diff(self, token: str, old: Properties, new: Properties) -> protocol.DiffResponse:
        old_inputs, _ = self.check(token, old)
        new_inputs, _ = self.check(token, new, old=old_inputs)
        state = {OLD_INPUTS: to_value(old_inputs)}
        request = protocol.DiffRequest(urn(token, "made"), "id", state, to_values(new_inputs), [])
        return asyncio.run(self.provider.diff(request))

    def read(self, token: str, resource_id: str, state: Properties) -> Properties | None:
        return self.provider.resources[token].lifecycle.read(resource_id, state)

    def update(
        self, token: str, resource_id: str, state: Properties, inputs: Properties, old: Properties
    ) -> Properties:
        checked, failures = self.check(token, inputs, old=old)
        assert failures == {}
        return self.provider.resources[token].lifecycle.update(resource_id, state, checked)

    def delete(self, token: str, resource_id: str, state: Properties) -> None:
        self.provider.resources[token].lifecycle.delete(resource_id, state)


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::project::{token}::{name}"
