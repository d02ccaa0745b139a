"""What opens to the internet."""

from typing import Any

import pytest

from preview.values import UNKNOWN
from tests.review.steps import rules, step

INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
FIREWALL = "gcp:compute/firewall:Firewall"
ASG = "aws:autoscaling/group:Group"


def _aws(cidr: str, low: int = 22, high: int = 22) -> dict[str, Any]:
    return {"cidrIpv4": cidr, "ipProtocol": "tcp", "fromPort": low, "toPort": high}


def _gcp(*ranges: str, **more: Any) -> dict[str, Any]:
    allows = [{"protocol": "tcp", "ports": ["22"]}]
    return {"sourceRanges": list(ranges), "allows": allows, **more}


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (INGRESS, _aws("0.0.0.0/0")),
        (INGRESS, _aws("203.0.114.7/32")),
        (INGRESS, _aws(UNKNOWN)),
        (INGRESS, {"cidrIpv6": "::/0", "ipProtocol": "-1"}),
        (GROUP, {"ingress": [{"cidrBlocks": ["0.0.0.0/0"], "protocol": "-1"}]}),
        (FIREWALL, _gcp("10.0.0.0/8", "0.0.0.0/0")),
        (FIREWALL, {"allows": [{"protocol": "all"}]}),
    ],
)
def test_a_port_that_opens_to_the_world_is_exposure(kind: str, inputs: dict[str, Any]) -> None:
    assert rules(step("create", kind, new=inputs)) == {"Public exposure"}


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (INGRESS, _aws("10.1.0.0/16")),
        (GROUP, {"egress": [{"cidrBlocks": ["0.0.0.0/0"], "protocol": "-1"}]}),
        (FIREWALL, _gcp("35.235.240.0/20")),
        (FIREWALL, _gcp("0.0.0.0/0", direction="EGRESS")),
        (FIREWALL, _gcp("0.0.0.0/0", disabled=True)),
        (FIREWALL, {"sourceTags": ["bastion"], "allows": [{"protocol": "all"}]}),
    ],
)
def test_a_private_source_is_none(kind: str, inputs: dict[str, Any]) -> None:
    assert rules(step("create", kind, new=inputs)) == set()


def test_what_was_open_already_is_not_told_again() -> None:
    old = _aws("0.0.0.0/0", 0, 65535)
    assert rules(step("update", INGRESS, old=old, new=_aws("203.0.114.0/24"))) == set()
    assert rules(step("update", INGRESS, old=_aws("203.0.114.0/24"), new=old)) == {
        "Public exposure"
    }


def test_another_port_of_the_same_range_is_told() -> None:
    old, new = _aws("203.0.114.0/24", 22, 22), _aws("203.0.114.0/24", 22, 443)
    assert rules(step("update", INGRESS, old=old, new=new)) == {"Public exposure"}


def test_a_vm_that_gets_a_public_address_is_exposure() -> None:
    def template(public: str) -> dict[str, Any]:
        return {"networkInterfaces": [{"associatePublicIpAddress": public}]}

    group = step("same", ASG, old={"minSize": 0, "maxSize": 1}, new={"minSize": 0, "maxSize": 1})
    kind = "aws:ec2/launchTemplate:LaunchTemplate"
    opened = step("update", kind, old=template("false"), new=template("true"))
    closed = step("update", kind, old=template("true"), new=template("false"))
    assert rules(group, opened) == {"Public exposure"}
    kept = step("update", kind, old=template("true"), new={**template("true"), "imageId": "b"})
    assert rules(group, closed) == set()
    assert rules(group, kept) == set()
