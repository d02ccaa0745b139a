"""The shape that all AWS lifecycles share: do something, then read back what AWS has."""

from abc import ABC, abstractmethod
from typing import ClassVar

from local_clouds.aws.clients import ApiError, Clients
from local_clouds.resource import CloudError, Properties

_MISSING = {
    "NoSuchEntity",  # IAM
    "ResourceNotFound",  # CloudWatch
    "ResourceNotFoundException",  # Logs, Secrets Manager
}


def is_missing(error: ApiError) -> bool:
    """Tell whether AWS says that the resource does not exist."""
    if error.code == "ValidationError":  # Auto Scaling has no code of its own for it
        return "not found" in str(error)
    return error.code in _MISSING or error.code.endswith(("NotFound", "Malformed"))


class AwsLifecycle(ABC):
    """A lifecycle whose outputs are what AWS answers, after every operation."""

    unstored: ClassVar[frozenset[str]] = frozenset()
    """Properties that AWS (or moto) does not give back: outputs take them from the inputs, and
    drift in them is not seen."""

    def __init__(self, clients: Clients) -> None:
        """Talk to AWS through `clients`."""
        self.clients = clients

    @abstractmethod
    def make(self, inputs: Properties) -> str:
        """Create the resource; returns its id."""

    @abstractmethod
    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return what AWS has, or None. `state` are the inputs, or the last outputs."""

    @abstractmethod
    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Update the resource in place."""

    @abstractmethod
    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the resource; may raise that it is missing."""

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Create the resource and read it back."""
        resource_id = self.make(inputs)
        return resource_id, self._outputs(resource_id, inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        """Read the resource; None when AWS does not know it."""
        try:
            found = self.look(resource_id, state)
        except ApiError as error:
            if is_missing(error):
                return None
            raise
        if found is None:
            return None
        return {key: state[key] for key in self.unstored | {"region"} if key in state} | found

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        """Update the resource and read it back."""
        self.change(resource_id, state, inputs)
        return self._outputs(resource_id, inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        """Delete the resource; gone already is fine."""
        try:
            self.remove(resource_id, state)
        except ApiError as error:
            if not is_missing(error):
                raise

    def _outputs(self, resource_id: str, inputs: Properties) -> Properties:
        outputs = self.read(resource_id, inputs)
        if outputs is None:
            message = f"{resource_id} vanished while it was being changed."
            raise CloudError(message)
        return outputs


class Immutable(AwsLifecycle):
    """A lifecycle whose every property replaces."""

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Nothing can be changed in place."""
        del state, inputs
        message = f"{resource_id} has no property that can be updated."
        raise CloudError(message)
