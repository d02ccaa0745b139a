"""What the resource types share: places, names, the deletion policy and the usual lifecycle."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from googleapiclient.http import HttpRequest

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.resource import (
    Autoname,
    CloudError,
    Failure,
    Lifecycle,
    Properties,
    ResourceType,
    Rule,
)

DELETION = frozenset({"deletionPolicy"})
"""In-place property of every resource: DELETE, PREVENT or ABANDON; it never reaches the API."""

RFC1035 = r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?"
"""Names of Compute Engine resources, 1 to 63 characters."""

NAMED = Autoname(max_length=63, pattern=RFC1035)

deletion_rule = rules.one_of("deletionPolicy", "DELETE", "PREVENT", "ABANDON")
name_rule = rules.matches(
    "name",
    RFC1035,
    "1 to 63 lower-case letters, digits and hyphens, starting with a letter and not ending with -",
)


def requires(*names: str) -> Rule:
    """Properties that the resource or the provider's configuration must give."""
    return lambda properties: [
        Failure(name, f"is not set: set it on the resource, or gcp:{name} in the configuration.")
        for name in names
        if name not in properties
    ]


def compute_type(
    token: str,
    args: type,
    lifecycle: Lifecycle,
    *,
    place: str | None = None,
    force_new: Iterable[str] = (),
    in_place: Iterable[str] = (),
    checks: Iterable[Rule] = (),
    volatile_outputs: Iterable[str] = (),
) -> ResourceType:
    """A type of Compute Engine, with what most of them have: a name, a project and a `place`
    (`region` or `zone`, unless it is global), which a change replaces, and a deletion policy.
    """
    where = ("project",) if place is None else ("project", place)
    return ResourceType(
        token=token,
        args=args,
        lifecycle=lifecycle,
        force_new=frozenset({"name", *where, *force_new}),
        in_place=DELETION | set(in_place),
        autoname=NAMED,
        check=rules.all_of(requires(*where), name_rule, deletion_rule, *checks),
        volatile_outputs=frozenset(volatile_outputs),
    )


def pick(source: Properties, names: Iterable[str]) -> Properties:
    """The entries of `source` that are set."""
    return {name: source[name] for name in names if source.get(name) is not None}


def renamed(source: Properties, names: dict[str, str]) -> Properties:
    """The entries of `source` that are set, under their new names."""
    return {new: source[old] for old, new in names.items() if source.get(old) is not None}


def relative(link: str) -> str:
    """A link without scheme, host and version: projects/…"""
    return link[link.index("projects/") :]


def refuses_deletion(resource_id: str, state: Properties) -> bool:
    """Whether the deletion policy says to leave the resource; raises CloudError on PREVENT."""
    policy = state.get("deletionPolicy", "DELETE")
    if policy == "PREVENT":
        raise CloudError(
            f"cannot destroy {resource_id}: its deletionPolicy is PREVENT. "
            "Set it to DELETE and run `pulumi up` first."
        )
    return policy == "ABANDON"


@dataclass(frozen=True)
class ComputeLifecycle:
    """A Compute Engine resource whose calls follow the usual pattern.

    `collection` and `argument` name the API's collection and its path parameter, `path` is the id.
    `body` makes the request body from inputs. `outputs` makes outputs from the API's resource and
    what is known of it (inputs or state). `patch` makes the body of an update from the resource as
    it is and the inputs; without it nothing can be updated. `local` names the inputs that the API
    does not know.
    """

    api: Api
    collection: str
    argument: str
    path: str
    body: Callable[[Properties], Properties]
    outputs: Callable[[Properties, Properties], Properties]
    patch: Callable[[Properties, Properties], Properties] | None = None
    local: frozenset[str] = DELETION

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Insert the resource and read it back."""
        resource_id = self.path.format(**inputs)
        body = {"name": inputs["name"]} | self.body(inputs)
        self.api.run(self._methods().insert(**_place(resource_id), body=body))
        return resource_id, self.present(resource_id, inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        """The resource as it is now."""
        found = self.api.find(self.request("get", resource_id))
        return None if found is None else self._complete(resource_id, found, state)

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Patch the resource and read it back."""
        del state
        if self.patch is not None:
            present = self.api.call(self.request("get", resource_id))
            self.api.run(self.request("patch", resource_id, body=self.patch(present, inputs)))
        return self.present(resource_id, inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        """Delete the resource, unless its deletion policy says otherwise."""
        if refuses_deletion(resource_id, state):
            return
        if self.api.find(self.request("get", resource_id)) is not None:
            self.api.run(self.request("delete", resource_id))

    def _methods(self) -> Any:
        return self.api.collection(self.collection)

    def request(self, verb: str, resource_id: str, **more: object) -> HttpRequest:
        """A request about one resource; `verb` is the method's name."""
        name = {self.argument: resource_id.rsplit("/", 1)[-1]}
        return getattr(self._methods(), verb)(**_place(resource_id), **name, **more)

    def present(self, resource_id: str, inputs: Properties) -> Properties:
        """The outputs of a resource that exists."""
        found = self.api.call(self.request("get", resource_id))
        return self._complete(resource_id, found, inputs)

    def _complete(self, resource_id: str, found: Properties, known: Properties) -> Properties:
        place = _place(resource_id)
        common = pick(found, ("name", "description", "creationTimestamp", "selfLink"))
        # The provider reports an empty text where the API leaves an unset description out.
        return (
            {"description": ""}
            | common
            | place
            | self.outputs(found, known)
            | pick(known, self.local)
        )


def _place(resource_id: str) -> Properties:
    _, project, scope, place, *_ = resource_id.split("/")
    named = {"regions": "region", "zones": "zone"}
    return {"project": project} | ({named[scope]: place} if scope in named else {})


class LabeledLifecycle(ComputeLifecycle):
    """A resource whose labels have a method of their own, and which nothing else updates here."""

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Set the labels and read the resource back."""
        del state
        body = {
            "labels": inputs.get("pulumiLabels", {}),
            "labelFingerprint": self.api.call(self.request("get", resource_id))["labelFingerprint"],
        }
        name = resource_id.rsplit("/", 1)[-1]
        methods = self.api.collection(self.collection)
        self.api.run(methods.setLabels(**_place(resource_id), resource=name, body=body))
        return self.present(resource_id, inputs)
