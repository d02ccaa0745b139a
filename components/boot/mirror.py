"""What a docker mirror's boot script is made from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class MirrorSpec:
    """The boot of a docker mirror. It holds no secret, only where the VM finds it."""

    cloud: Literal["aws", "gcp"]
    """Where the VM runs; decides what the script carries."""
    volume: str | None = None
    """AWS: id of the cache volume, which the VM attaches. GCP's group attaches its disk itself."""
    address: str | None = None
    """AWS: the fixed private address, which the VM claims. GCP's group assigns it itself."""
    log_group: str | None = None
    """AWS: CloudWatch log group that the image's agent ships to."""
    metric: Mapping[str, str] | None = None
    """AWS: `namespace`, `name` and `mirror` (a dimension) of how full the disk is. On GCP the
    image's Ops Agent reports it."""
    credentials_secret: str | None = None
    """Secret with `user:token` of Docker Hub: its ARN on AWS, `projects/P/secrets/S` on GCP."""
