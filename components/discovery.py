"""Where Prometheus looks for a deployment's VMs."""

from components.config import Deployment
from prometheus import Discovery, Ec2Discovery, GceDiscovery


def discoveries(deployment: Deployment) -> list[Discovery]:
    """EC2 discovery per region, GCE discovery per zone of every regional group."""
    tag = deployment.settings.instance_tag
    ec2 = {
        Ec2Discovery(region=pool.aws.region, instance_tag=tag)
        for pool in deployment.pools_on("aws")
    }
    gce = {
        GceDiscovery(project=pool.gcp.project, zone=zone, instance_tag=tag)
        for pool in deployment.pools_on("gcp")
        for zone in pool.gcp.zones
    }
    return [*ec2, *gce]


def mirror_discoveries(deployment: Deployment) -> list[Discovery]:
    """The same for its docker mirrors; empty without any."""
    if deployment.settings.docker_mirror is None:
        return []
    tag = deployment.mirror_tag
    ec2 = [
        Ec2Discovery(region=place.pools[0].aws.region, instance_tag=tag)
        for place in deployment.network_places("aws")
    ]
    gce = [
        GceDiscovery(project=place.pools[0].gcp.project, zone=plan.zone, instance_tag=tag)
        for place in deployment.network_places("gcp")
        if (plan := deployment.mirror(place)) is not None
    ]
    return [*ec2, *gce]
