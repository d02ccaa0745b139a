"""Every file that the program reads or writes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Paths:
    """Absolute paths on the VM; `root` is where its file system is mounted."""

    root: Path = Path("/")

    @property
    def executor_env(self) -> Path:
        """What the image's `executor.service` names as its `EnvironmentFile=`."""
        return self.root / "etc/systemd/system/executor.env"

    @property
    def executor_drop_in(self) -> Path:
        """Our settings for the image's unit."""
        return self.root / "etc/systemd/system/executor.service.d/50-pool.conf"

    @property
    def docker_drop_in(self) -> Path:
        """Makes docker read `docker_env`."""
        return self.root / "etc/systemd/system/docker.service.d/50-proxy.conf"

    @property
    def docker_env(self) -> Path:
        """Docker's proxy variables."""
        return self.root / "etc/executor/docker.env"

    @property
    def docker_config(self) -> Path:
        """Docker's own configuration; the image sets its log driver."""
        return self.root / "etc/docker/daemon.json"

    @property
    def vm_startup_script(self) -> Path:
        """Script that every Firecracker VM runs when it starts."""
        return self.root / "etc/executor/vm-startup.sh"

    @property
    def certificates(self) -> Path:
        """Where `update-ca-certificates` looks for local certificates."""
        return self.root / "usr/local/share/ca-certificates"

    @property
    def firewall_rules(self) -> Path:
        """What the image's iptables-persistent restores at boot."""
        return self.root / "etc/iptables/rules.v4"

    @property
    def firecracker(self) -> Path:
        """Images and disks of the Firecracker VMs."""
        return self.root / "var/lib/firecracker"

    @property
    def local_ssd(self) -> Path:
        """The first local NVMe disk of a Compute Engine VM."""
        return self.root / "dev/disk/by-id/google-local-nvme-ssd-0"

    @property
    def log_group_helper(self) -> Path:
        """Newer images bring this program, which sets the log group."""
        return self.root / "usr/local/bin/configure-cloudwatch-agent-log-group"

    @property
    def cloudwatch_agent(self) -> Path:
        """Folder of the CloudWatch agent."""
        return self.root / "opt/aws/amazon-cloudwatch-agent"

    @property
    def agent(self) -> Path:
        """Folder of this program and its document, for the agent."""
        return self.root / "usr/local/lib/executor-agent"

    @property
    def agent_unit(self) -> Path:
        """The agent's service."""
        return self.root / "etc/systemd/system/executor-agent.service"

    @property
    def leaving(self) -> Path:
        """There while the VM drains and leaves; the executor does not start then."""
        return self.root / "run/executor-agent/leaving.json"
