"""The boot script of an executor VM; pure, the same for both clouds."""

from components.boot.script import USER_DATA_LIMIT, render, user_data
from components.boot.spec import BootSpec

__all__ = ["USER_DATA_LIMIT", "BootSpec", "render", "user_data"]
