"""What belongs to an Auto Scaling group."""

from typing import Any

from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.resource import CloudError, Properties


class OfGroup(AwsLifecycle):
    """A lifecycle of something that belongs to a group, which must exist (moto takes any)."""

    def client(self, properties: Properties) -> Any:
        """Return the Auto Scaling client."""
        return self.clients("autoscaling", properties["region"])

    def require_group(self, inputs: Properties) -> None:
        """Raise when there is no such group."""
        name = inputs["autoscalingGroupName"]
        found = self.client(inputs).describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        if not found["AutoScalingGroups"]:
            message = f"ValidationError: Auto Scaling group {name} does not exist."
            raise CloudError(message)
