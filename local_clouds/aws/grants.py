"""KMS grant.

Force-new properties: the provider document aws_kms_grant, all of them. What a group needs of a key:
EC2 Auto Scaling user guide, "Required AWS KMS key policy for use with encrypted volumes".
"""

from typing import Any

import pulumi_aws as aws

from local_clouds.aws.clients import Clients
from local_clouds.aws.keys import require_key
from local_clouds.aws.lifecycle import Immutable
from local_clouds.resource import Autoname, Properties, ResourceType
from local_clouds.rules import all_of, length, matches, one_of

_OPERATIONS = (
    *("Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom"),
    *("ReEncryptTo", "Sign", "Verify", "GetPublicKey", "CreateGrant", "RetireGrant", "DescribeKey"),
    *("GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext", "GenerateMac", "VerifyMac"),
    "DeriveSharedSecret",
)
_NEEDED_TO_START = {"Decrypt", "GenerateDataKeyWithoutPlaintext", "CreateGrant", "DescribeKey"}
_AUTO_SCALING = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
_NAME = r"[a-zA-Z0-9:/_-]{1,256}"


class Grant(Immutable):
    """aws_kms_grant; the id is `key id:grant id`."""

    unstored = frozenset({"retireOnDelete"})

    def make(self, inputs: Properties) -> str:
        """Create the grant on a key that exists."""
        require_key(self.clients, inputs["keyId"], inputs["region"])
        answer = self._client(inputs).create_grant(
            Name=inputs["name"],
            KeyId=inputs["keyId"],
            GranteePrincipal=inputs["granteePrincipal"],
            Operations=sorted(inputs["operations"]),
        )
        return f"{inputs['keyId']}:{answer['GrantId']}"

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the grant out of its key's list."""
        key, _, grant_id = resource_id.rpartition(":")
        for grant in self._client(state).list_grants(KeyId=key)["Grants"]:
            if grant["GrantId"] == grant_id:
                return {
                    "keyId": key,
                    "grantId": grant_id,
                    "name": grant["Name"],
                    "granteePrincipal": grant["GranteePrincipal"],
                    "operations": sorted(grant["Operations"]),
                }
        return None

    def remove(self, resource_id: str, state: Properties) -> None:
        """Revoke the grant."""
        key, _, grant_id = resource_id.rpartition(":")
        self._client(state).revoke_grant(KeyId=key, GrantId=grant_id)

    def _client(self, properties: Properties) -> Any:
        return self.clients("kms", properties["region"])


def may_start_vms(clients: Clients, key_arn: str, region: str) -> bool:
    """Tell whether a group may start VMs whose disks are under a key."""
    require_key(clients, key_arn, region)
    grants = clients("kms", region).list_grants(KeyId=key_arn)["Grants"]
    return any(
        grant["GranteePrincipal"].endswith(_AUTO_SCALING)
        and set(grant["Operations"]) >= _NEEDED_TO_START
        for grant in grants
    )


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:kms/grant:Grant",  # noqa: S106
            args=aws.kms.GrantArgs,
            lifecycle=Grant(clients),
            force_new=frozenset(
                {"region", "name", "keyId", "granteePrincipal", "operations", "retireOnDelete"}
            ),
            autoname=Autoname(max_length=256, pattern=_NAME),
            check=all_of(
                matches("name", _NAME, "1 to 256 letters, digits or :/_-"),
                matches(
                    "granteePrincipal",
                    r"arn:aws[a-z-]*:(iam|sts)::\d{12}:(root|user/.+|role/.+|assumed-role/.+)",
                    "the ARN of a principal",
                ),
                one_of("operations[]", *_OPERATIONS),
                length("operations", 1, len(_OPERATIONS)),
            ),
        )
    ]
