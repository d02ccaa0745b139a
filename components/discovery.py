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
