"""What EBS refuses in a volume's performance (EBS volume types, as of 2025-12)."""

from typing import Any

from local_clouds.resource import Failure

VOLUME_TYPES = ("standard", "io1", "io2", "gp2", "gp3", "sc1", "st1")


def performance_failures(path: str, volume: dict[str, Any], size_key: str) -> list[Failure]:
    """Judge IOPS and throughput of a volume at `path`; its size stands under `size_key`."""
    failures = []
    at = f"{path}." if path else ""
    kind, iops, size = volume.get("volumeType"), volume.get("iops"), volume.get(size_key)
    throughput = volume.get("throughput")
    if throughput is not None and kind != "gp3":
        failures.append(Failure(f"{at}throughput", "is only for volumeType gp3."))
    if iops is not None and kind not in ("gp3", "io1", "io2"):
        failures.append(Failure(f"{at}iops", "is only for volumeType gp3, io1 and io2."))
    if kind == "gp3":
        if iops is not None and not 3000 <= iops <= min(80000, 500 * (size or 80000)):
            reason = f"is {iops}; gp3 allows 3000 to 80000, and at most 500 for each GiB."
            failures.append(Failure(f"{at}iops", reason))
        highest = min(2000, (iops or 3000) // 4)
        if throughput is not None and not 125 <= throughput <= highest:
            reason = (
                f"is {throughput} MiB/s; gp3 allows 125 to 2000, and at most a quarter of "
                f"the iops: {highest} here."
            )
            failures.append(Failure(f"{at}throughput", reason))
    if kind in ("io1", "io2") and iops is None:
        failures.append(Failure(f"{at}iops", f"is required for volumeType {kind}."))
    return failures
