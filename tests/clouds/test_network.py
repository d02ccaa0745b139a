"""What a new network is made of."""

from typing import Any

from tests import stacks
from tests.recorder import PROJECT, Recorder, run


def private(**network: Any) -> Recorder:
    return run(stacks.private() | {f"{PROJECT}:network": network})


def test_a_public_stack_has_no_nat_and_no_static_address() -> None:
    made = run(stacks.dev())
    for kind in ("Eip", "NatGateway", "Router", "RouterNat", "Address"):
        assert made.of(kind) == [], kind
    assert made.exports["egressAddresses"] == {
        "us-east-1": [],
        "acme-executors-dev-us-central1": [],
    }


def test_vms_without_a_public_address_are_in_private_subnets() -> None:
    made = private()
    prefix = "executors-us-east-1-"
    subnets = {s.name.removeprefix(prefix): s["cidrBlock"] for s in made.of("Subnet")}
    assert subnets == {
        "us-east-1a": "10.0.0.0/20",
        "us-east-1b": "10.0.16.0/20",
        "private-us-east-1a": "10.0.128.0/20",
        "private-us-east-1b": "10.0.144.0/20",
    }
    assert [s for s in made.one("Group")["vpcZoneIdentifiers"] if "private" not in s] == []
    template = made.one("LaunchTemplate")
    assert template["networkInterfaces"][0]["associatePublicIpAddress"] == "false"


def test_one_gateway_serves_all_zones_or_each_zone_has_its_own() -> None:
    assert [gateway.name for gateway in private().of("NatGateway")] == ["executors-us-east-1-nat"]
    made = private(natPerZone=True)
    names = ["executors-us-east-1-us-east-1a-nat", "executors-us-east-1-us-east-1b-nat"]
    # The engine's order of registration is not the program's.
    assert sorted(gateway.name for gateway in made.of("NatGateway")) == names
    assert sorted(address.name for address in made.of("Eip")) == names
    assert len(made.exports["egressAddresses"]["us-east-1"]) == 2


def test_cloud_nat_has_static_addresses_and_ports_for_each_vm() -> None:
    made = private(natAddresses=2, natPortsPerVm=2048)
    nat = made.one("RouterNat")
    assert (nat["natIpAllocateOption"], nat["minPortsPerVm"]) == ("MANUAL_ONLY", 2048)
    assert len(nat["natIps"]) == 2
    assert nat["subnetworks"][0]["sourceIpRangesToNats"] == ["ALL_IP_RANGES"]
    assert nat["logConfig"] == {"enable": True, "filter": "ERRORS_ONLY"}


def test_a_pool_starts_in_its_own_zones_only() -> None:
    config = stacks.dev()
    second = {"queue": "codeintel", "aws": {**stacks.pool(config, "codeintel")["aws"]}}
    second["aws"]["zones"] = ["us-east-1c"]
    config[f"{PROJECT}:pools"]["second"] = second
    made = run(config)
    (subnet,) = made.one("Group", "second")["vpcZoneIdentifiers"]
    assert subnet.endswith("us-east-1c")
    assert len(made.one("Group", "codeintel")["vpcZoneIdentifiers"]) == 2
