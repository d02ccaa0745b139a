"""Tags of AWS and labels of GCP: one set, in the narrower alphabet of labels."""

from components.config import Deployment, Pool

TAG = "executor_tag"
"""What Prometheus discovers VMs by."""

POOL = "executor_pool"


def tags(deployment: Deployment, pool: Pool | None = None) -> dict[str, str]:
    """The tags of everything that a stack, or a pool of it, makes."""
    stack = {TAG: deployment.settings.instance_tag}
    return stack if pool is None else {**stack, POOL: pool.name}


def mirror_tags(deployment: Deployment) -> dict[str, str]:
    """The tags of everything that belongs to a docker mirror."""
    return {TAG: deployment.mirror_tag}
