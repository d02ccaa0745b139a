"""iptables rules: what jobs may reach besides the image's own rules, and what they may not."""

from __future__ import annotations

import socket
from functools import partial
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from . import files
from .commands import run, succeeds
from .failures import BootError, tell
from .web import Patience, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_IPTABLES = ("iptables", "-w")
_METADATA = ("-d", "169.254.169.254/32")
_DNS = ("--dport", "53", "-j", "ACCEPT")
_PORTS = {"http": 80, "https": 443}
_RESOLVING = Patience(total=30)
"""A mirror is a help, not a need: a boot waits only so long for its name."""


class _Rule(NamedTuple):
    table: str
    chain: str
    action: str
    """-I puts it before the others, -A behind them."""
    match: tuple[str, ...]


def restore(rules: Path) -> None:
    """Load the saved rules, if there are any."""
    if rules.is_file():
        run("iptables-restore", "-w", stdin=rules.read_text(encoding="utf-8"))


def allow_jobs(mirrors: Iterable[str], ranges: Iterable[str], rules: Path) -> None:
    """Let Firecracker VMs reach each range and each mirror on a private address.

    A mirror that has no IPv4 address is told and left out.
    """
    wanted = [_Rule("filter", "CNI-ADMIN", "-I", ("-d", cidr, "-j", "ACCEPT")) for cidr in ranges]
    for mirror in mirrors:
        try:
            addresses = _RESOLVING.insist(f"resolving mirror {mirror}", partial(_addresses, mirror))
        except BootError as error:
            tell(f"jobs do without a mirror: {error}")
            continue
        port = urlsplit(mirror).port or _PORTS[urlsplit(mirror).scheme]
        for address in filter(_is_private, addresses):
            target = ("-d", f"{address}/32", "-p", "tcp", "--dport", str(port), "-j", "ACCEPT")
            wanted.append(_Rule("filter", "CNI-ADMIN", "-I", target))
    _ensure(wanted, rules)


def hide_metadata(rules: Path) -> None:
    """Drop what containers and guests send to the metadata server, except DNS.

    It is the resolver too. Forwarded packets pass raw/PREROUTING before docker's and CNI's chains,
    and the host's own never do.
    """
    drop = _Rule("raw", "PREROUTING", "-A", (*_METADATA, "-j", "DROP"))
    dns = [
        _Rule("raw", "PREROUTING", "-I", (*_METADATA, "-p", protocol, *_DNS))
        for protocol in ("udp", "tcp")
    ]
    _ensure([drop, *dns], rules)


def _ensure(wanted: Iterable[_Rule], rules: Path) -> None:
    """Add the rules that are missing, and keep all over a reboot."""
    missing = [
        rule
        for rule in wanted
        if not succeeds(*_IPTABLES, "-t", rule.table, "-C", rule.chain, *rule.match)
    ]
    for rule in missing:
        run(*_IPTABLES, "-t", rule.table, rule.action, rule.chain, *rule.match)
    if missing:
        files.write(rules, run("iptables-save"), 0o600)


def _is_private(address: str) -> bool:
    """The image closes private addresses only; public ones change, and would pile up as rules."""
    return IPv4Address(address).is_private


def _addresses(mirror: str) -> list[str]:
    host = urlsplit(mirror).hostname or ""
    try:
        found = socket.getaddrinfo(host, None, socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        raise UnavailableError(f"{host} has no IPv4 address: {error}") from None
    return sorted({str(entry[4][0]) for entry in found})
