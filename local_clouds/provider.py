"""A Pulumi provider driven by a registry of resource types and functions.

It does what the Terraform bridge does between the engine and a provider: schema checks, autonames,
replace-or-update decisions, previews, secret-ness, drift.
"""

import asyncio
import contextlib
import json
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from pulumi.provider.experimental import provider as protocol
from pulumi.provider.experimental.property_value import PropertyValue

from local_clouds import schema
from local_clouds.autoname import DEFAULTS, autoname
from local_clouds.resource import CloudError, Failure, Function, Properties, ResourceType
from local_clouds.values import UNKNOWN, contains_unknown, properties_to_plain, to_plain, to_value

OLD_INPUTS = "__old_inputs"
"""Where `plugin` puts the old inputs in a diff request, as the SDK's request has none."""

CALLER: ContextVar[str] = ContextVar("CALLER", default="")
"""The engine's connection on which the current call came: each has a configuration of its own."""

Values = dict[str, PropertyValue]


class LocalProvider(protocol.Provider):
    """One cloud's provider. Subclasses add what its configuration means (`complete`)."""

    def __init__(
        self,
        *,
        name: str,
        settings: type,
        required_settings: Iterable[str] = (),
        resources: Iterable[ResourceType],
        functions: Iterable[Function] = (),
    ) -> None:
        """Serve `resources` and `functions`; `settings` is the SDK's provider input class."""
        self.name = name
        self._settings: dict[str, Properties] = {}
        self._settings_schema = schema.of_args(settings)
        self._required_settings = frozenset(required_settings)
        self.resources = {resource.token: resource for resource in resources}
        self.functions = {function.token: function for function in functions}

    @property
    def settings(self) -> Properties:
        """The configuration of whoever calls; plain, and without what is not set."""
        return self._settings.get(CALLER.get(), {})

    def complete(self, shape: schema.Object, properties: Properties) -> Properties:
        """Return what the provider's configuration adds to the properties of a `shape`.

        Such as the region, or the tags merged with the default tags. What it returns is stored
        with the inputs, so that a changed configuration is a change of the resource.
        """
        del shape, properties
        return {}

    def judge_settings(self, settings: Properties) -> list[Failure]:
        """Return what is wrong with settings that fit the schema."""
        del settings
        return []

    async def check_config(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Refuse settings that the real provider does not have, and require the ones it needs."""
        settings = self._decode_settings(request.new_inputs)
        failures = [
            Failure(key, f"is no setting of the {self.name} provider.")
            for key in settings
            if key not in self._settings_schema.fields
        ]
        failures += [
            Failure(key, f"is required: pulumi config set {self.name}:{key} <value>")
            for key in sorted(self._required_settings - settings.keys())
        ]
        for key in settings.keys() & self._settings_schema.fields.keys():
            shape = self._settings_schema.fields[key].shape
            failures += schema.failures(shape, key, settings[key])
        failures += [] if failures else self.judge_settings(settings)
        return protocol.CheckResponse(request.new_inputs, _check_failures(failures))

    async def diff_config(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Say that configuration changes replace nothing by themselves: the resources tell."""
        changed = self._decode_settings(request.old_state) != self._decode_settings(
            request.new_inputs
        )
        return protocol.DiffResponse(changes=changed)

    async def configure(self, request: protocol.ConfigureRequest) -> protocol.ConfigureResponse:
        """Take the settings of this run."""
        self._settings[CALLER.get()] = self._decode_settings(request.args)
        return protocol.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def check(self, request: protocol.CheckRequest) -> protocol.CheckResponse:
        """Judge the inputs, and fill in the name and what the configuration adds."""
        resource = self.resources.get(token(request.urn))
        if resource is None:
            reason = f"The local {self.name} provider has no {token(request.urn)}; add it."
            return protocol.CheckResponse(failures=_check_failures([Failure("", reason)]))
        shape = schema.of_args(resource.args)
        inputs = properties_to_plain(request.new_inputs)
        failures = shape.failures("", inputs) + _outside_table(resource, shape, inputs)
        if failures:
            return protocol.CheckResponse(failures=_check_failures(failures))
        added: Properties = {}
        if resource.autoname is not None and resource.autoname.property not in inputs:
            added, failures = autoname(resource.autoname, request)
        added |= self.complete(shape, inputs)
        inputs |= added
        failures = failures or resource.check(inputs)
        known = {key: value for key, value in request.new_inputs.items() if key in inputs}
        checked = {**_values(added, secrets=known), **known}
        return protocol.CheckResponse(checked, _check_failures(failures))

    async def diff(self, request: protocol.DiffRequest) -> protocol.DiffResponse:
        """Compare inputs with inputs: what a program never set cannot differ."""
        resource = self.resources[token(request.urn)]
        old = _without_internal(to_plain(request.old_state[OLD_INPUTS]))
        new = _without_internal(properties_to_plain(request.new_inputs))
        changed = {key for key in old.keys() | new.keys() if _differ(old.get(key), new.get(key))}
        replaces = changed & resource.force_new
        if resource.replaced_together & old.keys() != resource.replaced_together & new.keys():
            replaces |= changed & resource.replaced_together
        return protocol.DiffResponse(
            changes=bool(changed),
            replaces=sorted(replaces),
            diffs=sorted(changed),
            delete_before_replace=bool(replaces)
            and (resource.delete_before_replace or _keeps_fixed_name(resource, request, changed)),
            detailed_diff={
                key: protocol.PropertyDiff(_diff_kind(key, old, new, replaces), input_diff=True)
                for key in changed
            },
        )

    async def create(self, request: protocol.CreateRequest) -> protocol.CreateResponse:
        """Make the resource; in a preview, echo the inputs and leave the rest unknown."""
        resource = self.resources[token(request.urn)]
        inputs = _without_internal(properties_to_plain(request.properties))
        if request.preview:
            outputs = dict.fromkeys(schema.outputs_of(resource.args), UNKNOWN) | inputs
            return protocol.CreateResponse("", self._outputs(resource, outputs, request.properties))
        resource_id, outputs = await asyncio.to_thread(resource.lifecycle.create, inputs)
        return protocol.CreateResponse(
            resource_id, self._outputs(resource, outputs, request.properties)
        )

    async def read(self, request: protocol.ReadRequest) -> protocol.ReadResponse:
        """Return what the cloud has now: refresh and import.

        An input takes the cloud's value only where the output differs from the one last seen.
        """
        resource = self.resources[token(request.urn)]
        state = properties_to_plain(request.properties)
        known = self.complete(schema.of_args(resource.args), {}) | state  # an import has no state
        outputs = await asyncio.to_thread(resource.lifecycle.read, request.resource_id, known)
        if outputs is None:
            return protocol.ReadResponse()
        if not request.inputs:  # an import
            names = schema.of_args(resource.args).fields.keys()
            inputs = to_values({key: outputs[key] for key in names & outputs.keys()})
        else:
            drifted = {
                key
                for key in request.inputs
                if key in state and not key.startswith("__") and outputs.get(key) != state[key]
            }
            kept = {key: value for key, value in request.inputs.items() if key not in drifted}
            found = {key: outputs[key] for key in drifted if outputs.get(key) is not None}
            inputs = kept | _values(found, secrets=request.inputs)
        known_secrets = {**request.properties, **inputs}
        return protocol.ReadResponse(
            request.resource_id, self._outputs(resource, outputs, known_secrets), inputs
        )

    async def update(self, request: protocol.UpdateRequest) -> protocol.UpdateResponse:
        """Apply the inputs in place; in a preview, only volatile outputs become unknown."""
        resource = self.resources[token(request.urn)]
        state = properties_to_plain(request.olds)
        inputs = _without_internal(properties_to_plain(request.news))
        # Only whole properties: no program here ignores a part of one.
        inputs |= {key: state[key] for key in request.ignore_changes if key in state}
        if request.preview:
            outputs = state | inputs | dict.fromkeys(resource.volatile_outputs, UNKNOWN)
        else:
            outputs = await asyncio.to_thread(
                resource.lifecycle.update, request.resource_id, state, inputs
            )
        return protocol.UpdateResponse(self._outputs(resource, outputs, request.news))

    async def delete(self, request: protocol.DeleteRequest) -> None:
        """Delete the resource."""
        lifecycle = self.resources[token(request.urn)].lifecycle
        state = properties_to_plain(request.properties)
        await asyncio.to_thread(lifecycle.delete, request.resource_id, state)

    async def invoke(self, request: protocol.InvokeRequest) -> protocol.InvokeResponse:
        """Answer a data source."""
        function = self.functions.get(request.tok)
        if function is None:
            message = f"The local {self.name} provider has no function {request.tok}."
            raise CloudError(message)
        shape = schema.of_function(function.function)
        arguments = properties_to_plain(request.args)
        failures = shape.failures("", arguments)
        if failures:
            return protocol.InvokeResponse(failures=_check_failures(failures))
        arguments |= self.complete(shape, arguments)
        return protocol.InvokeResponse(
            to_values(dict(await asyncio.to_thread(function.call, arguments)))
        )

    def _decode_settings(self, values: Mapping[str, PropertyValue]) -> Properties:
        """Return the settings; the engine sends every one that is no text as JSON text."""
        settings = properties_to_plain(values)
        settings.pop("version", None)  # the SDK's version, which the engine adds
        for name, value in settings.items():
            field = self._settings_schema.fields.get(name)
            is_text = field is None or field.shape == schema.Primitive(str)
            if isinstance(value, str) and not is_text:
                with contextlib.suppress(json.JSONDecodeError):
                    settings[name] = json.loads(value)
        return settings

    def _outputs(
        self, resource: ResourceType, outputs: Properties, secrets: Mapping[str, PropertyValue]
    ) -> Values:
        marked = _values(outputs, secrets=secrets)
        return marked | {
            name: marked[name].with_secret(True) for name in resource.secret_outputs & marked.keys()
        }


def token(urn: str) -> str:
    """Return the type token in a URN, without the types of its parents (the SDK's keeps them)."""
    return urn.split("::")[2].rpartition("$")[2]


def to_values(plain: Properties) -> Values:
    """Wrap plain properties for the engine, none of them secret."""
    return _values(plain, secrets={})


def _values(plain: Properties, *, secrets: Mapping[str, PropertyValue]) -> Values:
    """Wrap `plain`; a property that holds a secret in `secrets` is secret as a whole."""
    return {
        key: to_value(value, secret=key in secrets and secrets[key].contains_secret())
        for key, value in plain.items()
        if value is not None
    }


def _without_internal(properties: Properties) -> Properties:
    return {key: value for key, value in properties.items() if not key.startswith("__")}


def _outside_table(
    resource: ResourceType, shape: schema.Object, inputs: Properties
) -> list[Failure]:
    table = resource.force_new | resource.in_place
    reason = (
        f"is a property of {resource.token} that the local provider does not implement; "
        "add it to the type's table in local_clouds."
    )
    return [Failure(key, reason) for key in inputs if key in shape.fields and key not in table]


def _differ(old: Any, new: Any) -> bool:
    return contains_unknown(new) or old != new


def _diff_kind(
    key: str, old: Properties, new: Properties, replaces: set[str]
) -> protocol.PropertyDiffKind:
    kind = "ADD" if key not in old else "DELETE" if key not in new else "UPDATE"
    return protocol.PropertyDiffKind[f"{kind}_REPLACE" if key in replaces else kind]


def _keeps_fixed_name(
    resource: ResourceType, request: protocol.DiffRequest, changed: set[str]
) -> bool:
    """Tell whether the successor has the same name, which the program chose."""
    rule = resource.autoname
    if rule is None or rule.property in changed:
        return False
    new = properties_to_plain(request.new_inputs)
    return rule.property not in new.get(DEFAULTS, [])


def _check_failures(failures: Iterable[Failure]) -> list[protocol.CheckFailure]:
    return [protocol.CheckFailure(failure.property, failure.reason) for failure in failures]
