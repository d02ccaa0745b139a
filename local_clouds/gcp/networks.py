"""Networks, subnetworks and firewall rules.

Force-new and in-place properties follow the provider's documents of google_compute_network,
google_compute_subnetwork and google_compute_firewall.
"""

from pulumi_gcp import compute

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import (
    ComputeLifecycle,
    compute_type,
    pick,
    renamed,
)
from local_clouds.resource import Properties, ResourceType

_FIREWALL_LISTS = (
    "sourceRanges",
    "destinationRanges",
    "sourceTags",
    "targetTags",
    "sourceServiceAccounts",
    "targetServiceAccounts",
)


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    return [_network(api), _subnetwork(api), _firewall(api)]


def _network(api: Api) -> ResourceType:
    return compute_type(
        "gcp:compute/network:Network",
        compute.NetworkArgs,
        ComputeLifecycle(
            api=api,
            collection="networks",
            argument="network",
            path="projects/{project}/global/networks/{name}",
            body=_network_body,
            outputs=_network_outputs,
            patch=lambda _, inputs: _network_settings(inputs),
        ),
        force_new=("autoCreateSubnetworks", "description"),
        in_place=("routingMode", "mtu", "networkFirewallPolicyEnforcementOrder"),
        checks=(
            rules.one_of("routingMode", "REGIONAL", "GLOBAL"),
            rules.between("mtu", 1300, 8896),
            rules.one_of(
                "networkFirewallPolicyEnforcementOrder",
                "BEFORE_CLASSIC_FIREWALL",
                "AFTER_CLASSIC_FIREWALL",
            ),
        ),
    )


def _network_settings(inputs: Properties) -> Properties:
    settings = pick(inputs, ("mtu", "networkFirewallPolicyEnforcementOrder"))
    if "routingMode" in inputs:
        settings["routingConfig"] = {"routingMode": inputs["routingMode"]}
    return settings


def _network_body(inputs: Properties) -> Properties:
    auto = {"autoCreateSubnetworks": inputs.get("autoCreateSubnetworks", True)}
    return auto | pick(inputs, ("description",)) | _network_settings(inputs)


def _network_outputs(network: Properties, _: Properties) -> Properties:
    kept = ("autoCreateSubnetworks", "mtu", "networkFirewallPolicyEnforcementOrder")
    return pick(network, kept) | {
        "routingMode": network["routingConfig"]["routingMode"],
        "networkId": network["id"],
        "numericId": network["id"],
        "gatewayIpv4": "",
        "deleteDefaultRoutesOnCreate": False,
    }


_SUBNETWORK_IN_PLACE = ("privateIpGoogleAccess", "stackType", "role", "privateIpv6GoogleAccess")


def _subnetwork(api: Api) -> ResourceType:
    return compute_type(
        "gcp:compute/subnetwork:Subnetwork",
        compute.SubnetworkArgs,
        ComputeLifecycle(
            api=api,
            collection="subnetworks",
            argument="subnetwork",
            path="projects/{project}/regions/{region}/subnetworks/{name}",
            body=lambda inputs: (
                pick(inputs, ("network", "description", "ipCidrRange", "purpose"))
                | _subnetwork_settings(inputs)
            ),
            outputs=_subnetwork_outputs,
            patch=lambda present, inputs: (
                _subnetwork_settings(inputs) | {"fingerprint": present["fingerprint"]}
            ),
        ),
        place="region",
        # The provider can widen a range in place; here every change of it replaces.
        force_new=("network", "description", "purpose", "ipCidrRange"),
        in_place=("privateIpGoogleAccess", "secondaryIpRanges", "logConfig"),
        volatile_outputs=["fingerprint"],
    )


_LOG_FIELDS = ("aggregationInterval", "flowSampling", "metadata", "filterExpr", "metadataFields")


def _subnetwork_settings(inputs: Properties) -> Properties:
    log = inputs.get("logConfig")
    defaults = {
        "aggregationInterval": "INTERVAL_5_SEC",
        "flowSampling": 0.5,
        "metadata": "INCLUDE_ALL_METADATA",
        "filterExpr": "true",
    }
    enabled = defaults | pick(log or {}, _LOG_FIELDS) | {"enable": True}
    return {
        "privateIpGoogleAccess": inputs.get("privateIpGoogleAccess", False),
        "secondaryIpRanges": inputs.get("secondaryIpRanges", []),
        "logConfig": {"enable": False} if log is None else enabled,
    }


def _subnetwork_outputs(subnetwork: Properties, _: Properties) -> Properties:
    kept = ("network", "ipCidrRange", "secondaryIpRanges", "gatewayAddress", "fingerprint")
    outputs = pick(subnetwork, (*kept, *_SUBNETWORK_IN_PLACE, "purpose"))
    log = subnetwork.get("logConfig", {})
    if log.get("enable"):
        outputs["logConfig"] = pick(log, _LOG_FIELDS)
    return outputs


def _firewall(api: Api) -> ResourceType:
    changeable = ("allows", "denies", "description", "disabled", "priority", "logConfig")
    return compute_type(
        "gcp:compute/firewall:Firewall",
        compute.FirewallArgs,
        ComputeLifecycle(
            api=api,
            collection="firewalls",
            argument="firewall",
            path="projects/{project}/global/firewalls/{name}",
            body=_firewall_body,
            outputs=_firewall_outputs,
            patch=lambda _, inputs: {"name": inputs["name"]} | _firewall_body(inputs),
        ),
        force_new=("network", "direction"),
        in_place=(*changeable, *_FIREWALL_LISTS),
        checks=(
            rules.exactly_one("allows", "denies"),
            rules.one_of("direction", "INGRESS", "EGRESS"),
            rules.between("priority", 0, 65535),
            *(
                rules.conflicts(accounts, tags)
                for accounts in ("sourceServiceAccounts", "targetServiceAccounts")
                for tags in ("sourceTags", "targetTags")
            ),
            rules.one_of("logConfig.metadata", "EXCLUDE_ALL_METADATA", "INCLUDE_ALL_METADATA"),
        ),
    )


def _firewall_body(inputs: Properties) -> Properties:
    log = inputs.get("logConfig")
    body = {"description": "", "priority": 1000, "disabled": False} | pick(
        inputs, ("network", "direction", "description", "priority", "disabled")
    )
    body |= {name: inputs.get(name, []) for name in _FIREWALL_LISTS}
    body["logConfig"] = {"enable": False} if log is None else {"enable": True, **log}
    for name, field in (("allows", "allowed"), ("denies", "denied")):
        body[field] = [_to_api_entry(entry) for entry in inputs.get(name, [])]
    return body


def _to_api_entry(entry: Properties) -> Properties:
    return renamed(entry, {"protocol": "IPProtocol", "ports": "ports"})


def _firewall_outputs(firewall: Properties, _: Properties) -> Properties:
    outputs = pick(firewall, ("network", "direction", "priority", "disabled"))
    outputs |= {name: firewall[name] for name in _FIREWALL_LISTS if firewall.get(name)}
    for name, field in (("allows", "allowed"), ("denies", "denied")):
        entries = [
            renamed(entry, {"IPProtocol": "protocol", "ports": "ports"})
            for entry in firewall.get(field, [])
        ]
        if entries:
            outputs[name] = entries
    log = firewall.get("logConfig", {})
    if log.get("enable"):
        outputs["logConfig"] = {"metadata": log["metadata"]}
    return outputs
