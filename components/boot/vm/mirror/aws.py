"""A mirror on AWS: its VM takes the disk and the address, as a group cannot give them to it."""

# ruff: noqa: TID252 - the package has another name on the VM

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import logs
from ..aws_api import AwsApi
from ..aws_query import AwsQuery
from ..commands import run as run_command
from ..failures import BootError
from ..imds import Imds
from ..secrets_aws import SecretsManager
from ..web import UnavailableError
from .main import run

if TYPE_CHECKING:
    from pathlib import Path

    from ..web import Patience
    from .document import Document
    from .paths import MirrorPaths

_DEVICE = "/dev/sdh"
"""EC2 wants a name; on Nitro the kernel chooses its own."""


class AwsSite:
    """The mirror's volume and its secondary private address."""

    def __init__(
        self,
        plan: Document,
        paths: MirrorPaths,
        patience: Patience,
        api: AwsApi,
        endpoints: tuple[str | None, str | None] = (None, None),
    ) -> None:
        ec2, cloudwatch = endpoints
        self.store = SecretsManager(api)
        self._plan, self._paths, self._patience = plan, paths, patience
        self._imds = api.imds
        self._ec2 = AwsQuery(api, "ec2", "2016-11-15", endpoint=ec2)
        self._cloudwatch = AwsQuery(api, "monitoring", "2010-08-01", endpoint=cloudwatch)

    def prepare(self) -> Path:
        """Claim the address and attach the volume, which another VM may still have."""
        if self._plan.log_group is not None:
            logs.ship_to(self._plan.log_group, self._paths)
        self._patience.insist("claiming the address", self._claim)
        self._patience.insist("attaching the volume", self._attach)
        return self._device

    def tend(self, used_percent: float) -> None:
        """Put the address onto the interface again, and tell CloudWatch."""
        if self._has_address():
            self._configure()
        if self._plan.metric is None:
            return
        fields = {
            "Namespace": self._plan.metric["namespace"],
            "MetricData.member.1.MetricName": self._plan.metric["name"],
            "MetricData.member.1.Dimensions.member.1.Name": "Mirror",
            "MetricData.member.1.Dimensions.member.1.Value": self._plan.metric["mirror"],
            "MetricData.member.1.Unit": "Percent",
            "MetricData.member.1.Value": f"{used_percent:.1f}",
        }
        self._cloudwatch.call("PutMetricData", fields)

    @property
    def _device(self) -> Path:
        name = (self._plan.volume or "").replace("-", "")
        return self._paths.disks / f"nvme-Amazon_Elastic_Block_Store_{name}"

    def _attach(self) -> None:
        if self._device.exists():
            return
        self._ec2.call(
            "AttachVolume",
            {
                "VolumeId": self._plan.volume or "",
                "InstanceId": self._imds.get("instance-id"),
                "Device": _DEVICE,
            },
        )
        if not self._device.exists():
            raise UnavailableError(f"there is no {self._device} yet")

    def _claim(self) -> None:
        if not self._has_address():
            fields = {
                "NetworkInterfaceId": self._imds.get(f"{self._interface()}/interface-id"),
                "PrivateIpAddress.1": self._plan.address or "",
                "AllowReassignment": "true",
            }
            self._ec2.call("AssignPrivateIpAddresses", fields)
        self._configure()

    def _has_address(self) -> bool:
        return self._plan.address in self._imds.get(f"{self._interface()}/local-ipv4s").split()

    def _interface(self) -> str:
        return f"network/interfaces/macs/{self._imds.get('mac')}"

    def _configure(self) -> None:
        mac = self._imds.get("mac")
        for interface in self._paths.interfaces.iterdir():
            if (interface / "address").read_text(encoding="ascii").strip() == mac:
                address = f"{self._plan.address}/32"
                run_command("ip", "address", "replace", address, "dev", interface.name)
                return
        raise BootError(f"no network interface has the address {mac}")


def main() -> None:
    """The program's entry point on AWS."""
    run(lambda plan, paths, patience: AwsSite(plan, paths, patience, AwsApi(Imds())))
