"""Tags of AWS and labels of GCP: one set, in the narrower alphabet of labels."""

from components.config import Deployment, Pool

TAG = "executor_tag"
"""What Prometheus discovers VMs by."""

POOL = "executor_pool"


def own_tags(deployment: Deployment, pool: Pool | None = None) -> dict[str, str]:
    """The tags that tell a stack's, or a pool's, things from all others."""
    stack = {TAG: deployment.settings.instance_tag}
    return stack if pool is None else {**stack, POOL: pool.name}


def tags(deployment: Deployment, pool: Pool | None = None) -> dict[str, str]:
    """The tags of everything that a stack, or a pool of it, makes."""
    return {**deployment.settings.labels, **own_tags(deployment, pool)}


def mirror_tags(deployment: Deployment) -> dict[str, str]:
    """The tags of everything that belongs to a docker mirror."""
    return {**deployment.settings.labels, TAG: deployment.mirror_tag}
