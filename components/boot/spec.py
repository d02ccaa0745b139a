"""What a VM's boot script is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class BootSpec:
    """The boot of a pool's VMs. It holds no secret, only where the VM finds them.

    Raises ValueError for a setting that its cloud does not have.
    """

    cloud: Literal["aws", "gcp"]
    """Where the VM runs; decides which secret store and which programs the script carries."""
    environment: Mapping[str, str]
    """The executor's variables except the secret ones."""
    secret_environment: Mapping[str, str]
    """Variable -> secret, of which the VM reads the current version: its ARN on AWS,
    `projects/P/secrets/S` on GCP."""
    private_ca_secret: str | None = None
    """Secret with the PEM certificates that the VM and the Firecracker VMs trust."""
    vm_startup_script: str | None = None
    """Script that every Firecracker VM runs when it starts, after it trusts the private CA."""
    mirrors: tuple[str, ...] = ()
    """URLs of registry mirrors. Firecracker VMs may reach their addresses; without Firecracker the
    VM's own docker uses them."""
    job_network_allow: tuple[str, ...] = ()
    """IPv4 ranges that Firecracker VMs may reach although they are private."""
    log_group: str | None = None
    """AWS: CloudWatch log group that the image's agent ships to; the image's own when unset."""
    local_ssd: bool = False
    """GCP: keep the Firecracker VMs on the first local SSD."""
    proxy: Mapping[str, str] = field(default_factory=dict)
    """HTTP_PROXY, HTTPS_PROXY, NO_PROXY for boot, docker and executor; empty without a proxy."""
    metrics_listen: str | None = None
    """Address of the executor's metrics, e.g. `0.0.0.0:6060`; the image's loopback when unset."""
    use_firecracker: bool
    """Whether jobs run in Firecracker VMs."""
    stop_timeout_seconds: int
    """How long a stopped executor may take to finish its jobs before it is killed."""

    def __post_init__(self) -> None:
        """Refuse what would fail on the VM only."""
        if self.log_group is not None and self.cloud != "aws":
            raise ValueError("log_group is an AWS setting; the GCP image ships logs by itself")
        if self.local_ssd and self.cloud != "gcp":
            raise ValueError("local_ssd is a GCP setting")
