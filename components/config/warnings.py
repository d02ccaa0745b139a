"""What a sound stack may still get wrong; told in every preview, and nothing stops for it."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network
from urllib.parse import urlsplit

from components.config.deployment import Deployment, Pool
from components.config.explain import join
from components.config.problems import Problem

_LOCAL_DOMAINS = ("internal", "local", "lan", "home.arpa", "corp", "intranet", "private")
"""Top-level domains that no public DNS serves."""


def warnings(deployment: Deployment) -> tuple[Problem, ...]:
    """Doubts about a deployment whose every rule holds; sorted."""
    found = [problem for pool in deployment.pools for problem in _of_pool(pool)]
    return tuple(sorted(found))


def _of_pool(pool: Pool) -> Iterable[Problem]:
    yield from _unreachable_sourcegraph(pool)


def _unreachable_sourcegraph(pool: Pool) -> Iterable[Problem]:
    """The image drops what Firecracker VMs send to private addresses (`vm-image/install.sh`)."""
    config = pool.executor
    host = urlsplit(config.sourcegraph.url).hostname or ""
    if config.firecracker.enabled and not _is_open(host, config.job_network_allow):
        yield Problem(
            f"{join('pools', pool.name)}.jobNetworkAllow",
            f"nothing that allows {host}, the host of sourcegraph.url",
            "a range with the private address of a Sourcegraph that has one: "
            "Firecracker VMs reach public addresses only",
            f"add its address, e.g. {host if _address(host) else '10.0.0.5'}/32",
        )


def _is_open(host: str, allowed: tuple[str, ...]) -> bool:
    address = _address(host)
    if address is None:
        local = "." not in host or host.endswith(tuple(f".{name}" for name in _LOCAL_DOMAINS))
        return bool(allowed) or not local
    return not address.is_private or any(address in IPv4Network(cidr) for cidr in allowed)


def _address(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(host)
    except ValueError:
        return None
