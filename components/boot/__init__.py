"""The boot scripts of VMs; pure, the same for both clouds."""

from components.boot.mirror import MirrorSpec
from components.boot.script import USER_DATA_LIMIT, render, render_mirror, user_data
from components.boot.spec import BootSpec

__all__ = ["USER_DATA_LIMIT", "BootSpec", "MirrorSpec", "render", "render_mirror", "user_data"]
