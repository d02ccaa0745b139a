"""What EC2 resources have in common: describe calls, and tags by `CreateTags`."""

from collections.abc import Callable
from typing import Any

from local_clouds.aws import tags
from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.resource import Properties


def first(call: Callable[..., dict[str, Any]], **query: Any) -> dict[str, Any] | None:
    """Return the first item that an EC2 describe call finds, or None."""
    items = next(value for value in call(**query).values() if isinstance(value, list))
    return items[0] if items else None


def only(*pairs: tuple[str, str]) -> list[dict[str, Any]]:
    """Return describe filters that demand each (name, value)."""
    return [{"Name": name, "Values": [value]} for name, value in pairs]


class Ec2Lifecycle(AwsLifecycle):
    """A lifecycle on the EC2 API, of something whose tags can change."""

    def ec2(self, properties: Properties) -> Any:
        """Return the client for the region of the inputs or the state."""
        return self.clients("ec2", properties["region"])

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Set the tags: `CreateTags` serves every EC2 resource."""
        removed, changed = tags.changes(state, inputs)
        if removed:
            keys = [{"Key": key} for key in removed]
            self.ec2(inputs).delete_tags(Resources=[resource_id], Tags=keys)
        if changed:
            self.ec2(inputs).create_tags(Resources=[resource_id], Tags=changed)
