"""Calls a local provider as the engine would, without an engine: plain values in and out."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue

from local_clouds.provider import OLD_INPUTS, LocalProvider
from local_clouds.values import properties_to_plain, to_value


@dataclass
class Made:
    """A resource that the provider made."""

    token: str
    id: str
    inputs: dict[str, PropertyValue]
    outputs: dict[str, PropertyValue]

    def __getitem__(self, name: str) -> Any:
        return properties_to_plain(self.outputs)[name]


@dataclass
class Engine:
    """The engine's side of the protocol."""

    provider: LocalProvider
    made: list[Made] = field(default_factory=list)

    def configure(self, **settings: Any) -> None:
        request = protocol.ConfigureRequest({}, _values(settings), True, True)
        asyncio.run(self.provider.configure(request))

    def check(
        self, token: str, inputs: dict[str, Any], *, old: Made | None = None, name: str = "thing"
    ) -> protocol.CheckResponse:
        request = protocol.CheckRequest(
            _urn(token, name), old.inputs if old else {}, _values(inputs), b"seed" * 8
        )
        return asyncio.run(self.provider.check(request))

    def failures(self, token: str, inputs: dict[str, Any]) -> dict[str, str]:
        """The refused properties and the reasons."""
        found = self.check(token, inputs).failures or []
        return {failure.property: failure.reason for failure in found}

    def checked(
        self, token: str, inputs: dict[str, Any], *, old: Made | None = None, name: str = "thing"
    ) -> dict[str, PropertyValue]:
        response = self.check(token, inputs, old=old, name=name)
        assert not response.failures, [(f.property, f.reason) for f in response.failures]
        assert response.inputs is not None
        return response.inputs

    def create(self, token: str, inputs: dict[str, Any], *, name: str = "thing") -> Made:
        checked = self.checked(token, inputs, name=name)
        request = protocol.CreateRequest(_urn(token, name), checked, 0, False)
        response = asyncio.run(self.provider.create(request))
        assert response.resource_id
        made = Made(token, response.resource_id, checked, response.properties)
        self.made.append(made)
        return made

    def preview_create(self, token: str, inputs: dict[str, Any]) -> dict[str, Any]:
        checked = self.checked(token, inputs)
        request = protocol.CreateRequest(_urn(token, "thing"), checked, 0, True)
        return properties_to_plain(asyncio.run(self.provider.create(request)).properties)

    def diff(self, made: Made, inputs: dict[str, Any]) -> protocol.DiffResponse:
        old = {**made.outputs, OLD_INPUTS: PropertyValue(made.inputs)}
        new = self.checked(made.token, inputs, old=made)
        request = protocol.DiffRequest(_urn(made.token, "thing"), made.id, old, new, [])
        return asyncio.run(self.provider.diff(request))

    def update(
        self, made: Made, inputs: dict[str, Any], *, preview: bool = False, ignore: Any = ()
    ) -> Made:
        new = self.checked(made.token, inputs, old=made)
        urn = _urn(made.token, "thing")
        request = protocol.UpdateRequest(urn, made.id, made.outputs, new, 0, [*ignore], preview)
        outputs = asyncio.run(self.provider.update(request)).properties
        if preview:
            return Made(made.token, made.id, new, outputs)
        made.inputs, made.outputs = new, outputs
        return made

    def read(self, made: Made) -> Made | None:
        urn = _urn(made.token, "thing")
        request = protocol.ReadRequest(urn, made.id, made.outputs, made.inputs)
        response = asyncio.run(self.provider.read(request))
        if not response.resource_id:
            return None
        return Made(made.token, response.resource_id, response.inputs, response.properties)

    def delete(self, made: Made) -> None:
        urn = _urn(made.token, "thing")
        asyncio.run(self.provider.delete(protocol.DeleteRequest(urn, made.id, made.outputs, 0)))
        self.made = [other for other in self.made if other is not made]

    def invoke(self, token: str, **arguments: Any) -> dict[str, Any]:
        request = protocol.InvokeRequest(token, _values(arguments))
        response = asyncio.run(self.provider.invoke(request))
        assert not response.failures
        return properties_to_plain(response.return_value or {})

    def delete_all(self) -> None:
        for made in reversed(self.made):
            self.delete(made)


def _urn(token: str, name: str) -> str:
    return f"urn:pulumi:dev::project::{token}::{name}"


def _values(plain: dict[str, Any]) -> dict[str, PropertyValue]:
    return {
        key: value if isinstance(value, PropertyValue) else to_value(value)
        for key, value in plain.items()
    }
