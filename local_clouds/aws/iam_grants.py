"""What hangs on IAM roles and users: inline policies, attachments, access keys.

Force-new properties: the provider documents aws_iam_role_policy, aws_iam_user_policy,
aws_iam_role_policy_attachment and aws_iam_access_key.
"""

import json
import re
from typing import Any, Literal

import pulumi_aws as aws

from local_clouds.aws.clients import Clients
from local_clouds.aws.iam import IamLifecycle, autoname, name_rule
from local_clouds.aws.lifecycle import Immutable
from local_clouds.aws.policy_documents import (
    INLINE_ROLE_CHARACTERS,
    INLINE_USER_CHARACTERS,
    identity_policy,
)
from local_clouds.resource import CloudError, Properties, ResourceType
from local_clouds.rules import all_of, matches, one_of


class InlinePolicy(IamLifecycle):
    """aws_iam_role_policy and aws_iam_user_policy; the id is `owner:name`."""

    def __init__(self, clients: Clients, owner: Literal["role", "user"], limit: int) -> None:
        """Serve policies of one kind of owner; IAM limits all of an owner's together."""
        super().__init__(clients)
        self.owner = owner
        self.limit = limit

    def make(self, inputs: Properties) -> str:
        """Put the policy."""
        self._put(inputs)
        return f"{inputs[self.owner]}:{inputs['name']}"

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the policy; its text only where its meaning changed."""
        owner, name = resource_id.split(":", 1)
        document = self._document(owner, name)
        text = state.get("policy")
        same = text is not None and json.loads(text) == document
        return {
            self.owner: owner,
            "name": name,
            "policy": text if same else json.dumps(document, sort_keys=True),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Put the policy again."""
        del resource_id, state
        self._put(inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the policy."""
        del state
        owner, name = resource_id.split(":", 1)
        call = getattr(self.iam(), f"delete_{self.owner}_policy")
        call(**self._key(owner), PolicyName=name)

    def _put(self, inputs: Properties) -> None:
        owner, name = inputs[self.owner], inputs["name"]
        listed = getattr(self.iam(), f"list_{self.owner}_policies")(**self._key(owner))
        others = [self._document(owner, other) for other in listed["PolicyNames"] if other != name]
        texts = [json.dumps(document) for document in others] + [inputs["policy"]]
        size = sum(len(re.sub(r"\s", "", text)) for text in texts)
        if size > self.limit:
            message = (
                f"LimitExceeded: the inline policies of {self.owner} {owner} would have {size} "
                f"characters together; IAM allows {self.limit}."
            )
            raise CloudError(message)
        call = getattr(self.iam(), f"put_{self.owner}_policy")
        call(**self._key(owner), PolicyName=name, PolicyDocument=inputs["policy"])

    def _document(self, owner: str, name: str) -> Any:
        call = getattr(self.iam(), f"get_{self.owner}_policy")
        document = call(**self._key(owner), PolicyName=name)["PolicyDocument"]
        return json.loads(document) if isinstance(document, str) else document

    def _key(self, owner: str) -> dict[str, str]:
        return {f"{self.owner.capitalize()}Name": owner}


class RolePolicyAttachment(Immutable, IamLifecycle):
    """aws_iam_role_policy_attachment."""

    def make(self, inputs: Properties) -> str:
        """Attach the policy."""
        self.iam().attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}-{inputs['policyArn']}"

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the attachment."""
        del resource_id
        found = self.iam().list_attached_role_policies(RoleName=state["role"])
        attached = {policy["PolicyArn"] for policy in found["AttachedPolicies"]}
        if state["policyArn"] not in attached:
            return None
        return {"role": state["role"], "policyArn": state["policyArn"]}

    def remove(self, resource_id: str, state: Properties) -> None:
        """Detach the policy."""
        del resource_id
        self.iam().detach_role_policy(RoleName=state["role"], PolicyArn=state["policyArn"])


class AccessKey(IamLifecycle):
    """aws_iam_access_key; only its creation tells the secret."""

    unstored = frozenset({"secret"})

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        """Create the key and keep its secret."""
        key = self._issue(inputs)
        secret = {"secret": key["SecretAccessKey"]}
        return key["AccessKeyId"], self._outputs(key["AccessKeyId"], inputs | secret)

    def make(self, inputs: Properties) -> str:
        """Create the key, whose secret nobody learns then."""
        return self._issue(inputs)["AccessKeyId"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the key without its secret."""
        found = self.iam().list_access_keys(UserName=state["user"])["AccessKeyMetadata"]
        for key in found:
            if key["AccessKeyId"] == resource_id:
                created = key["CreateDate"].isoformat()
                return {"user": key["UserName"], "status": key["Status"], "createDate": created}
        return None

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Activate or deactivate the key."""
        del state
        self.iam().update_access_key(
            UserName=inputs["user"],
            AccessKeyId=resource_id,
            Status=inputs.get("status", "Active"),
        )

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the key."""
        self.iam().delete_access_key(UserName=state["user"], AccessKeyId=resource_id)

    def _issue(self, inputs: Properties) -> dict[str, str]:
        key = self.iam().create_access_key(UserName=inputs["user"])["AccessKey"]
        if inputs.get("status", "Active") != "Active":
            self.change(key["AccessKeyId"], {}, inputs)
        return key


def _inline_policy(clients: Clients, owner: Literal["role", "user"], limit: int) -> ResourceType:
    name = f"{owner.capitalize()}Policy"
    return ResourceType(
        token=f"aws:iam/{owner}Policy:{name}",
        args=getattr(aws.iam, f"{name}Args"),
        lifecycle=InlinePolicy(clients, owner, limit),
        force_new=frozenset({"name", owner}),
        in_place=frozenset({"policy"}),
        autoname=autoname(128),
        check=all_of(name_rule(128), identity_policy("policy", limit)),
    )


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        _inline_policy(clients, "role", INLINE_ROLE_CHARACTERS),
        _inline_policy(clients, "user", INLINE_USER_CHARACTERS),
        ResourceType(
            token="aws:iam/rolePolicyAttachment:RolePolicyAttachment",  # noqa: S106
            args=aws.iam.RolePolicyAttachmentArgs,
            lifecycle=RolePolicyAttachment(clients),
            force_new=frozenset({"role", "policyArn"}),
            check=matches("policyArn", r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/.+", "an ARN"),
        ),
        ResourceType(
            token="aws:iam/accessKey:AccessKey",  # noqa: S106
            args=aws.iam.AccessKeyArgs,
            lifecycle=AccessKey(clients),
            force_new=frozenset({"user"}),
            in_place=frozenset({"status"}),
            check=one_of("status", "Active", "Inactive"),
            secret_outputs=frozenset({"secret", "sesSmtpPasswordV4"}),
        ),
    ]
