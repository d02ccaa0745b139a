"""A stack in the local clouds, and machines that are its VMs."""

import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import trustme

from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.gcp.api import Api
from local_clouds.stack import LocalStack
from tests.stacks import dev
from tests.vm import image, stack
from tests.vm.aws_side import REGION, AwsSide
from tests.vm.gcp_side import GcpSide
from tests.vm.machine import VirtualMachine, missing
from tests.vm.side import CloudSide

_NUMBERS = count(1)
PROJECT = dev()["gcp:project"]


class World:
    """The running stack, and a machine for whichever of its VMs a test wants."""

    def __init__(self, clouds: Clouds, outputs: dict[str, Any], folder: Path) -> None:
        self.clouds = clouds
        self.groups = {name: pool["group"] for name, pool in outputs["pools"].value.items()}
        self.autoscaling = Clients(clouds.aws_endpoint)("autoscaling", REGION)
        self.gcp = Api(clouds.gcp_endpoint)
        self._folder = folder
        self._image = image.build(folder / "image")
        self._lock = threading.Lock()

    def resize(self, pool: str, size: int) -> None:
        """Change a group of AWS."""
        self.autoscaling.set_desired_capacity(
            AutoScalingGroupName=self.groups[pool], DesiredCapacity=size
        )

    def instances(self, pool: str) -> list[str]:
        """The serving instances of a group of AWS, in the order in which it ends them."""
        (group,) = self.autoscaling.describe_auto_scaling_groups(
            AutoScalingGroupNames=[self.groups[pool]]
        )["AutoScalingGroups"]
        return [
            vm["InstanceId"] for vm in group["Instances"] if vm["LifecycleState"] == "InService"
        ]

    def new_instance(self, pool: str) -> str:
        """One more VM of a group of AWS."""
        with self._lock:
            known = set(self.instances(pool))
            self.resize(pool, len(known) + 1)
            (instance,) = set(self.instances(pool)) - known
            return instance

    def gcp_instances(self, pool: str) -> list[dict[str, Any]]:
        """The VMs of a group of GCP, oldest first."""
        request = self.gcp.collection("instances").list(project=PROJECT, zone="us-central1-a")
        found = self.gcp.call(request).get("items", [])
        own = [vm for vm in found if vm["name"].startswith(f"executor-{pool}-")]
        return sorted(own, key=lambda vm: (vm["creationTimestamp"], vm["name"]))

    @contextmanager
    def machine(self, side: CloudSide) -> Generator[VirtualMachine]:
        """A machine that sees `side`, before its first boot script."""
        vm = VirtualMachine(f"vm-{os.getpid()}-{next(_NUMBERS)}", self._image, self._folder)
        with ExitStack() as running:
            running.callback(vm.stop)
            vm.wait_until_ready()
            running.callback(side.detach)
            side.attach(vm)
            yield vm

    def side(self, pool: str) -> CloudSide:
        """The cloud of a new VM (AWS), or of the oldest one (GCP), of a pool."""
        if pool.endswith("aws"):
            return AwsSide(self.clouds.aws_endpoint, self.new_instance(pool))
        return GcpSide(self.clouds.gcp_endpoint, self.gcp_instances(pool)[0])


@pytest.fixture(scope="session")
def certificate() -> str:
    """A private CA."""
    return trustme.CA().cert_pem.bytes().decode()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory, certificate: str) -> Iterator[World]:
    lacking = missing()
    if lacking:
        # CI has all of it: there, a lack is a failure.
        refuse: Callable[[str], Any] = pytest.fail if os.environ.get("CI") else pytest.skip
        refuse(f"a VM needs Linux, root, systemd, util-linux and iproute2; missing: {lacking}")
    folder = tmp_path_factory.mktemp("vm")
    clouds = Clouds.start(folder / "clouds")
    try:
        made = LocalStack(clouds=clouds, name="dev", config=stack.config(certificate))
        yield World(clouds, dict(made.up().outputs), folder)
    finally:
        clouds.stop()
