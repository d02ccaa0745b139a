"""Addresses, routers and Cloud NAT (provider documents of google_compute_address,
google_compute_router and google_compute_router_nat).
"""

from dataclasses import dataclass
from typing import Any

from pulumi_gcp import compute

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import (
    DELETION,
    ComputeLifecycle,
    LabeledLifecycle,
    compute_type,
    pick,
    relative,
    requires,
)
from local_clouds.gcp.labels import label_outputs
from local_clouds.resource import CloudError, Properties, ResourceType

_NAT = (
    *("natIpAllocateOption", "sourceSubnetworkIpRangesToNat", "natIps", "minPortsPerVm"),
    *("maxPortsPerVm", "enableDynamicPortAllocation", "enableEndpointIndependentMapping"),
    *("logConfig", "type", "udpIdleTimeoutSec", "icmpIdleTimeoutSec"),
    *("tcpEstablishedIdleTimeoutSec", "tcpTransitoryIdleTimeoutSec", "tcpTimeWaitTimeoutSec"),
)
_ADDRESS = ("address", "addressType", "networkTier", "purpose", "subnetwork")


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    return [_address(api), _router(api), _router_nat(api)]


def _address(api: Api) -> ResourceType:
    return compute_type(
        "gcp:compute/address:Address",
        compute.AddressArgs,
        LabeledLifecycle(
            api=api,
            collection="addresses",
            argument="address",
            path="projects/{project}/regions/{region}/addresses/{name}",
            body=lambda inputs: (
                pick(inputs, ("description", *_ADDRESS))
                | {"labels": inputs.get("pulumiLabels", {})}
            ),
            outputs=lambda address, known: (
                pick(address, (*_ADDRESS, "labelFingerprint"))
                | label_outputs(address.get("labels", {}), known)
                | {"users": []}
            ),
        ),
        place="region",
        force_new=("description", *_ADDRESS),
        in_place=("labels", "pulumiLabels"),
        checks=(
            rules.one_of("addressType", "EXTERNAL", "INTERNAL"),
            rules.one_of("networkTier", "PREMIUM", "STANDARD", "FIXED_STANDARD"),
        ),
        volatile_outputs=("effectiveLabels", "labelFingerprint"),
    )


def _router(api: Api) -> ResourceType:
    return compute_type(
        "gcp:compute/router:Router",
        compute.RouterArgs,
        ComputeLifecycle(
            api=api,
            collection="routers",
            argument="router",
            path="projects/{project}/regions/{region}/routers/{name}",
            body=lambda inputs: pick(inputs, ("network", "description")),
            outputs=lambda router, _: pick(router, ("network",)),
            patch=lambda _, inputs: {"description": inputs.get("description", "")},
        ),
        place="region",
        force_new=["network"],
        in_place=["description"],
        checks=[requires("network")],
    )


def _router_nat(api: Api) -> ResourceType:
    listed = "subnetworks[].sourceIpRangesToNats[]"
    return compute_type(
        "gcp:compute/routerNat:RouterNat",
        compute.RouterNatArgs,
        _NatLifecycle(api),
        place="region",
        force_new=("router", "type"),
        in_place={"subnetworks", *_NAT} - {"type"},
        checks=(
            rules.one_of("natIpAllocateOption", "MANUAL_ONLY", "AUTO_ONLY"),
            rules.one_of(
                "sourceSubnetworkIpRangesToNat",
                "ALL_SUBNETWORKS_ALL_IP_RANGES",
                "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES",
                "LIST_OF_SUBNETWORKS",
            ),
            rules.one_of(
                listed, "ALL_IP_RANGES", "LIST_OF_SECONDARY_IP_RANGES", "PRIMARY_IP_RANGE"
            ),
            rules.one_of("logConfig.filter", "ERRORS_ONLY", "TRANSLATIONS_ONLY", "ALL"),
        ),
    )


@dataclass(frozen=True)
class _NatLifecycle:
    """A NAT is an entry of its router: each change reads the router and patches its list."""

    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        resource_id = "{project}/{region}/{router}/{name}".format(**inputs)
        present = self._nats(resource_id)
        if any(nat["name"] == inputs["name"] for nat in present):
            raise CloudError(f"the router {inputs['router']} has a NAT {inputs['name']} already.")
        self._patch(resource_id, [*present, _to_api(inputs)])
        return resource_id, self._present(resource_id, inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        found = self.api.find(self._request("get", resource_id))
        name = resource_id.rsplit("/", 1)[-1]
        for nat in (found or {}).get("nats", []):
            if nat["name"] == name:
                return _outputs(resource_id, nat, state)
        return None

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        del state
        changed = _to_api(inputs)
        nats = self._nats(resource_id)
        self._patch(
            resource_id, [changed if nat["name"] == changed["name"] else nat for nat in nats]
        )
        return self._present(resource_id, inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        if self.read(resource_id, state) is not None:
            name = resource_id.rsplit("/", 1)[-1]
            self._patch(resource_id, [n for n in self._nats(resource_id) if n["name"] != name])

    def _request(self, verb: str, resource_id: str, **more: object) -> Any:
        project, region, router, _ = resource_id.split("/")
        methods = self.api.collection("routers")
        return getattr(methods, verb)(project=project, region=region, router=router, **more)

    def _nats(self, resource_id: str) -> list[Properties]:
        return self.api.call(self._request("get", resource_id)).get("nats", [])

    def _patch(self, resource_id: str, nats: list[Properties]) -> None:
        self.api.run(self._request("patch", resource_id, body={"nats": nats}))

    def _present(self, resource_id: str, inputs: Properties) -> Properties:
        outputs = self.read(resource_id, inputs)
        if outputs is None:
            raise CloudError(f"{resource_id} vanished while it was being changed.")
        return outputs


def _to_api(inputs: Properties) -> Properties:
    nat = pick(inputs, ("name", *_NAT))
    if "subnetworks" in inputs:
        nat["subnetworks"] = [
            {
                "name": entry["name"],
                "sourceIpRangesToNat": entry["sourceIpRangesToNats"],
                **pick(entry, ("secondaryIpRangeNames",)),
            }
            for entry in inputs["subnetworks"]
        ]
    return nat


def _outputs(resource_id: str, nat: Properties, known: Properties) -> Properties:
    project, region, router, name = resource_id.split("/")
    outputs = pick(nat, _NAT) | {"project": project, "region": region, "router": router}
    outputs |= {"name": name, **pick(known, DELETION)}
    if "subnetworks" in nat:
        outputs["subnetworks"] = [
            {
                "name": relative(entry["name"]),
                "sourceIpRangesToNats": entry["sourceIpRangesToNat"],
                **pick(entry, ("secondaryIpRangeNames",)),
            }
            for entry in nat["subnetworks"]
        ]
    return outputs
