"""How long the executor of one VM dequeues jobs."""

from __future__ import annotations

import hashlib
import re

VARIABLE = "EXECUTOR_MAX_ACTIVE_TIME"
_SHARE = 0.2
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(" + "|".join(_UNITS) + ")")


def of_vm(duration: str, instance_id: str) -> str:
    """A Go duration, less up to a fifth that the VM's id decides; 0, which is endless, stays.

    So the VMs of a burst do not leave together, and every boot of a VM finds the same.
    """
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(duration))
    if not seconds:
        return duration
    digest = hashlib.sha256(instance_id.encode()).digest()
    less = _SHARE * int.from_bytes(digest[:4], "big") / 2**32
    return f"{max(1, int(seconds * (1 - less)))}s"
