"""Security group (without inline rules), and its rules as resources of their own.

Force-new properties: the provider documents aws_security_group and
aws_vpc_security_group_{ingress,egress}_rule. Alphabets: EC2 API, CreateSecurityGroup.
"""

from typing import Any, Literal

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.arns import ACCOUNT_ID, arn
from local_clouds.aws.clients import Clients
from local_clouds.aws.network import ipv4_network
from local_clouds.resource import Autoname, Failure, Properties, ResourceType
from local_clouds.rules import all_of, between, exactly_one, matches
from local_clouds.values import Unknown

from .ec2 import Ec2Lifecycle, first

_TEXT = r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}"
_SOURCES = {
    "cidrIpv4": "CidrIpv4",
    "cidrIpv6": "CidrIpv6",
    "prefixListId": "PrefixListId",
    "referencedSecurityGroupId": "ReferencedGroupId",
}
_ALL_PROTOCOLS = "-1"


class SecurityGroup(Ec2Lifecycle):
    """aws_security_group."""

    unstored = frozenset({"revokeRulesOnDelete"})

    def make(self, inputs: Properties) -> str:
        """Create the group; like the provider, take away the egress rule that AWS adds."""
        vpc = {"VpcId": inputs["vpcId"]} if "vpcId" in inputs else {}
        group = self.ec2(inputs).create_security_group(
            GroupName=inputs["name"],
            Description=inputs.get("description", "Managed by Pulumi"),
            TagSpecifications=tags.specification("security-group", inputs),
            **vpc,
        )["GroupId"]
        everything = {"IpProtocol": _ALL_PROTOCOLS, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
        self.ec2(inputs).revoke_security_group_egress(GroupId=group, IpPermissions=[everything])
        return group

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the group without its rules."""
        group = first(self.ec2(state).describe_security_groups, GroupIds=[resource_id])
        if group is None:
            return None
        return {
            "arn": arn("ec2", state["region"], f"security-group/{resource_id}"),
            "name": group["GroupName"],
            "description": group["Description"],
            "vpcId": group["VpcId"],
            "ownerId": ACCOUNT_ID,
            **tags.outputs(group.get("Tags"), state),
        }

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the group; AWS refuses while an interface or another group uses it."""
        self.ec2(state).delete_security_group(GroupId=resource_id)


class SecurityGroupRule(Ec2Lifecycle):
    """aws_vpc_security_group_ingress_rule and its egress twin."""

    def __init__(self, clients: Clients, direction: Literal["ingress", "egress"]) -> None:
        """Make rules of one direction."""
        super().__init__(clients)
        self.direction = direction

    def make(self, inputs: Properties) -> str:
        """Add the rule to its group."""
        call = getattr(self.ec2(inputs), f"authorize_security_group_{self.direction}")
        answer = call(
            GroupId=inputs["securityGroupId"],
            IpPermissions=[_permission(inputs)],
            TagSpecifications=tags.specification("security-group-rule", inputs),
        )
        return answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the rule; ports are left out for all protocols, as the provider does."""
        rule = first(
            self.ec2(state).describe_security_group_rules, SecurityGroupRuleIds=[resource_id]
        )
        if rule is None:
            return None
        referenced = {"ReferencedGroupId": rule.get("ReferencedGroupInfo", {}).get("GroupId")}
        values = {key: (rule | referenced).get(name) for key, name in _SOURCES.items()}
        if rule["IpProtocol"] != _ALL_PROTOCOLS:
            values |= {"fromPort": rule["FromPort"], "toPort": rule["ToPort"]}
        return {
            "arn": arn("ec2", state["region"], f"security-group-rule/{resource_id}"),
            "securityGroupRuleId": resource_id,
            "securityGroupId": rule["GroupId"],
            "ipProtocol": rule["IpProtocol"],
            **({"description": rule["Description"]} if rule.get("Description") else {}),
            **{key: value for key, value in values.items() if value is not None},
            **tags.outputs(rule.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Change the rule under its id."""
        ports = {"FromPort": inputs.get("fromPort", -1), "ToPort": inputs.get("toPort", -1)}
        source = {name: inputs[key] for key, name in _SOURCES.items() if key in inputs}
        rule = {
            "IpProtocol": inputs["ipProtocol"],
            "Description": inputs.get("description", ""),
            **ports,
            **source,
        }
        self.ec2(inputs).modify_security_group_rules(
            GroupId=inputs["securityGroupId"],
            SecurityGroupRules=[{"SecurityGroupRuleId": resource_id, "SecurityGroupRule": rule}],
        )
        super().change(resource_id, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Take the rule out of its group."""
        call = getattr(self.ec2(state), f"revoke_security_group_{self.direction}")
        call(GroupId=state["securityGroupId"], SecurityGroupRuleIds=[resource_id])


def _permission(inputs: Properties) -> dict[str, Any]:
    description = {"Description": inputs["description"]} if "description" in inputs else {}
    permission: dict[str, Any] = {"IpProtocol": inputs["ipProtocol"]}
    if inputs["ipProtocol"] != _ALL_PROTOCOLS:
        permission |= {"FromPort": inputs["fromPort"], "ToPort": inputs["toPort"]}
    if "cidrIpv4" in inputs:
        permission["IpRanges"] = [{"CidrIp": inputs["cidrIpv4"], **description}]
    if "cidrIpv6" in inputs:
        permission["Ipv6Ranges"] = [{"CidrIpv6": inputs["cidrIpv6"], **description}]
    if "prefixListId" in inputs:
        permission["PrefixListIds"] = [{"PrefixListId": inputs["prefixListId"], **description}]
    if "referencedSecurityGroupId" in inputs:
        group = inputs["referencedSecurityGroupId"]
        permission["UserIdGroupPairs"] = [{"GroupId": group, **description}]
    return permission


def _check_ports(inputs: Properties) -> list[Failure]:
    protocol = inputs["ipProtocol"]
    if isinstance(protocol, Unknown):
        return []
    given = [name for name in ("fromPort", "toPort") if name in inputs]
    if protocol == _ALL_PROTOCOLS and given:
        return [Failure(given[0], "cannot be set when ipProtocol is -1 (all protocols).")]
    if protocol in ("tcp", "udp", "icmp") and len(given) != 2:
        return [Failure("fromPort", f"set fromPort and toPort for ipProtocol {protocol}.")]
    ports = [inputs[name] for name in given if not isinstance(inputs[name], Unknown)]
    if protocol in ("tcp", "udp") and ports != sorted(ports):
        return [Failure("fromPort", f"{ports[0]} is above toPort {ports[1]}.")]
    return []


def _rule_type(clients: Clients, direction: Literal["ingress", "egress"]) -> ResourceType:
    name = f"SecurityGroup{direction.capitalize()}Rule"
    return ResourceType(
        token=f"aws:vpc/securityGroup{direction.capitalize()}Rule:{name}",
        args=getattr(aws.vpc, f"{name}Args"),
        lifecycle=SecurityGroupRule(clients, direction),
        force_new=frozenset({"region", "securityGroupId"}),
        in_place=frozenset({"ipProtocol", "fromPort", "toPort", "description", "tags", *_SOURCES}),
        replaced_together=frozenset(_SOURCES),
        check=all_of(
            exactly_one(*_SOURCES),
            matches("ipProtocol", r"-1|tcp|udp|icmp|icmpv6|\d{1,3}", "tcp, udp, icmp, -1 or 0-255"),
            between("fromPort", -1, 65535),
            between("toPort", -1, 65535),
            ipv4_network("cidrIpv4", low=0, high=32),
            matches(
                "description", _TEXT, "up to 255 letters, digits, spaces or ._-:/()#,@[]+=&;{}!$*"
            ),
            _check_ports,
            tags.check,
        ),
    )


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:ec2/securityGroup:SecurityGroup",  # noqa: S106
            args=aws.ec2.SecurityGroupArgs,
            lifecycle=SecurityGroup(clients),
            force_new=frozenset({"region", "name", "description", "vpcId"}),
            in_place=frozenset({"tags", "revokeRulesOnDelete"}),
            autoname=Autoname(max_length=255, pattern=rf"(?!sg-){_TEXT}"),
            check=all_of(
                matches("name", rf"(?!sg-){_TEXT}", "a group name that does not start with sg-"),
                matches(
                    "description",
                    rf"(?=.){_TEXT}",
                    "1 to 255 letters, digits, spaces or ._-:/()#,@[]+=&;{}!$*",
                ),
                tags.check,
            ),
        ),
        _rule_type(clients, "ingress"),
        _rule_type(clients, "egress"),
    ]
