"""Where Prometheus looks for executor VMs: one value for each listing it has to make.

Field names are those of Prometheus' `ec2_sd_config` and `gce_sd_config`. Stopped VMs are left out
by the cloud's own filter, which every Prometheus can use, rather than by relabelling.
"""

from dataclasses import dataclass
from typing import Any

EXECUTOR_PORT = 6060
"""Where an executor serves its metrics: the debug port that all Sourcegraph services share."""


MIRROR_PORT = 9999
"""Where a docker mirror's exporter serves metrics (`docker-mirror/install.sh`)."""


@dataclass(frozen=True, order=True)
class Ec2Discovery:
    """The running instances of one region whose tag `executor_tag` is `instance_tag`."""

    region: str
    instance_tag: str

    def sd_config(self, port: int = EXECUTOR_PORT) -> dict[str, Any]:
        """One `ec2_sd_config`; filter names as in EC2's DescribeInstances."""
        return {
            "region": self.region,
            "port": port,
            "filters": [
                {"name": "tag:executor_tag", "values": [self.instance_tag]},
                {"name": "instance-state-name", "values": ["running"]},
            ],
        }


@dataclass(frozen=True, order=True)
class GceDiscovery:
    """The running instances of one zone whose label `executor_tag` is `instance_tag`.

    Compute Engine lists instances by zone: a regional group needs one of these for each zone.
    """

    project: str
    zone: str
    instance_tag: str

    def sd_config(self, port: int = EXECUTOR_PORT) -> dict[str, Any]:
        """One `gce_sd_config`; filter syntax as in Compute Engine's `instances.list`."""
        return {
            "project": self.project,
            "zone": self.zone,
            "port": port,
            "filter": f"(labels.executor_tag = {self.instance_tag}) AND (status = RUNNING)",
        }


Discovery = Ec2Discovery | GceDiscovery
