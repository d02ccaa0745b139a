"""Firewall rules (https://cloud.google.com/firewall/docs/firewalls#rule_components)."""

import ipaddress
import re

from local_clouds.gcp.server import compute
from local_clouds.gcp.server.errors import invalid, invalid_field
from local_clouds.gcp.server.networks import refuse_changes
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json

_WITH_PORTS = {"tcp", "udp", "sctp", "6", "17", "132"}
_PROTOCOLS = _WITH_PORTS | {"all", "icmp", "esp", "ah", "ipip", "ipv6-icmp"}
_HIGHEST_PRIORITY = 65535
_HIGHEST_PORT = 65535
_EMAIL = re.compile(r"[a-z0-9.-]+@[a-z0-9.-]+\.gserviceaccount\.com")
_TAG = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_MOST_SERVICE_ACCOUNTS = 10


@handles("compute.firewalls.insert")
def _insert(cloud: Cloud, call: Call) -> Json:
    place = f"projects/{call.project}/global"
    reference = call.body.get("network", "global/networks/default")
    network = compute.require(cloud, reference, "resource.network", "networks", place)
    defaults = {"direction": "INGRESS", "priority": 1000, "disabled": False}
    rule = defaults | call.body | {"network": compute.link(network)}
    rule.setdefault("logConfig", {"enable": False})
    if rule["direction"] == "INGRESS" and not _sources(rule):
        rule["sourceRanges"] = ["0.0.0.0/0"]
    if rule["direction"] == "EGRESS" and not rule.get("destinationRanges"):
        rule["destinationRanges"] = ["0.0.0.0/0"]
    _check(rule)
    return compute.insert(cloud, call, rule)


@handles("compute.firewalls.patch", "compute.firewalls.update")
def _patch(cloud: Cloud, call: Call) -> Json:
    rule = cloud.get(call.path)
    changes = dict(call.body)
    if "network" in changes:
        place = f"projects/{call.project}/global"
        network = compute.relative(changes["network"], "resource.network", "networks", place)
        changes["network"] = compute.link(network)
    refuse_changes(rule, changes, set(changes) - {"name", "network", "direction"})
    _check(rule | changes)
    rule.update(changes)
    return compute.operation(cloud, call, call.path, rule)


def _sources(rule: Json) -> list[str]:
    return [f for f in ("sourceRanges", "sourceTags", "sourceServiceAccounts") if rule.get(f)]


def _check(rule: Json) -> None:
    actions = [field for field in ("allowed", "denied") if rule.get(field)]
    if len(actions) != 1:
        raise invalid("Exactly one of the fields 'allowed' and 'denied' must be specified.")
    for index, entry in enumerate(rule[actions[0]]):
        _check_entry(entry, f"resource.{actions[0]}[{index}]")
    if not 0 <= rule["priority"] <= _HIGHEST_PRIORITY:
        raise invalid_field("resource.priority", rule["priority"], "Must be from 0 to 65535.")
    _check_parties(rule)
    for field in ("sourceRanges", "destinationRanges"):
        for text in rule.get(field, []):
            _check_range(text, f"resource.{field}")


def _check_parties(rule: Json) -> None:
    if rule["direction"] == "EGRESS" and (
        rule.get("sourceTags") or rule.get("sourceServiceAccounts")
    ):
        raise invalid("An egress rule cannot have source tags or source service accounts.")
    accounts = (rule.get("targetServiceAccounts"), rule.get("sourceServiceAccounts"))
    if any(accounts) and (rule.get("targetTags") or rule.get("sourceTags")):
        raise invalid("Service accounts and network tags cannot be used in one firewall rule.")
    for field in ("targetTags", "sourceTags"):
        for tag in rule.get(field, []):
            if not _TAG.fullmatch(tag):
                raise invalid_field(f"resource.{field}", tag, f"Must match '{_TAG.pattern}'.")
    for field in ("targetServiceAccounts", "sourceServiceAccounts"):
        emails = rule.get(field, [])
        if len(emails) > _MOST_SERVICE_ACCOUNTS:
            raise invalid_field(f"resource.{field}", len(emails), "At most 10 are allowed.")
        for email in emails:
            if not _EMAIL.fullmatch(email):
                raise invalid_field(f"resource.{field}", email, "It is no service account email.")


def _check_entry(entry: Json, at: str) -> None:
    protocol = entry.get("IPProtocol", "").lower()
    if protocol not in _PROTOCOLS and not re.fullmatch(r"1?\d{1,2}|2[0-4]\d|25[0-5]", protocol):
        rule = "It is neither a known protocol nor an IP protocol number."
        raise invalid_field(f"{at}.IPProtocol", protocol, rule)
    if entry.get("ports") and protocol not in _WITH_PORTS:
        raise invalid_field(f"{at}.ports", entry["ports"], f"{protocol} has no ports.")
    for text in entry.get("ports", []):
        numbers = (
            [int(part) for part in text.split("-")] if re.fullmatch(r"\d+(-\d+)?", text) else []
        )
        if not numbers or numbers != sorted(numbers) or numbers[-1] > _HIGHEST_PORT:
            raise invalid_field(f"{at}.ports", text, "Must be a port or a range such as 80-90.")


def _check_range(text: str, at: str) -> None:
    try:
        ipaddress.ip_network(text)
    except ValueError as error:
        raise invalid_field(at, text, f"Must be a CIDR range. {error}") from error
