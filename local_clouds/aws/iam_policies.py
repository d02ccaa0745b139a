"""Managed policy and instance profile.

Force-new properties: the provider documents aws_iam_policy and aws_iam_instance_profile.
"""

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.clients import Clients
from local_clouds.aws.iam import PATH, IamLifecycle, autoname, given, name_rule
from local_clouds.aws.policy_documents import MANAGED_CHARACTERS, identity_policy
from local_clouds.resource import Properties, ResourceType
from local_clouds.rules import all_of, length


class ManagedPolicy(IamLifecycle):
    """aws_iam_policy."""

    unstored = frozenset({"policy"})

    def make(self, inputs: Properties) -> str:
        """Create the policy; its id is its ARN."""
        return self.iam().create_policy(
            PolicyName=inputs["name"],
            PolicyDocument=inputs["policy"],
            Tags=tags.to_pairs(inputs.get("tagsAll")),
            **given(inputs, Path="path", Description="description"),
        )["Policy"]["Arn"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the policy."""
        policy = self.iam().get_policy(PolicyArn=resource_id)["Policy"]
        return {
            "arn": resource_id,
            "name": policy["PolicyName"],
            "path": policy["Path"],
            "policyId": policy["PolicyId"],
            "description": policy.get("Description", ""),
            "attachmentCount": policy["AttachmentCount"],
            **tags.outputs(policy.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Put a new default version; IAM keeps five, so the old one goes."""
        client, key = self.iam(), {"PolicyArn": resource_id}
        if state.get("policy") != inputs["policy"]:
            old = client.get_policy(**key)["Policy"]["DefaultVersionId"]
            client.create_policy_version(**key, PolicyDocument=inputs["policy"], SetAsDefault=True)
            client.delete_policy_version(**key, VersionId=old)
        self.set_tags("policy", key, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the policy; IAM refuses while it is attached."""
        del state
        self.iam().delete_policy(PolicyArn=resource_id)


class InstanceProfile(IamLifecycle):
    """aws_iam_instance_profile."""

    def make(self, inputs: Properties) -> str:
        """Create the profile and put the role into it."""
        self.iam().create_instance_profile(
            InstanceProfileName=inputs["name"],
            Tags=tags.to_pairs(inputs.get("tagsAll")),
            **given(inputs, Path="path"),
        )
        self._set_role(inputs["name"], {}, inputs)
        return inputs["name"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the profile and its role."""
        profile = self.iam().get_instance_profile(InstanceProfileName=resource_id)
        profile = profile["InstanceProfile"]
        roles = [role["RoleName"] for role in profile["Roles"]]
        return {
            "arn": profile["Arn"],
            "name": profile["InstanceProfileName"],
            "path": profile["Path"],
            "uniqueId": profile["InstanceProfileId"],
            "createDate": profile["CreateDate"].isoformat(),
            **({"role": roles[0]} if roles else {}),
            **tags.outputs(profile.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Exchange the role; set the tags."""
        self._set_role(resource_id, state, inputs)
        key = {"InstanceProfileName": resource_id}
        self.set_tags("instance_profile", key, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Take the role out and delete the profile."""
        self._set_role(resource_id, state, {})
        self.iam().delete_instance_profile(InstanceProfileName=resource_id)

    def _set_role(self, profile: str, state: Properties, inputs: Properties) -> None:
        old, new = state.get("role"), inputs.get("role")
        client, key = self.iam(), {"InstanceProfileName": profile}
        if old and old != new:
            client.remove_role_from_instance_profile(**key, RoleName=old)
        if new and old != new:
            client.add_role_to_instance_profile(**key, RoleName=new)


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:iam/policy:Policy",  # noqa: S106
            args=aws.iam.PolicyArgs,
            lifecycle=ManagedPolicy(clients),
            force_new=frozenset({"name", "path", "description"}),
            in_place=frozenset({"policy", "tags"}),
            autoname=autoname(128),
            check=all_of(
                name_rule(128),
                PATH,
                length("description", 0, 1000),
                identity_policy("policy", MANAGED_CHARACTERS),
                tags.check,
            ),
        ),
        ResourceType(
            token="aws:iam/instanceProfile:InstanceProfile",  # noqa: S106
            args=aws.iam.InstanceProfileArgs,
            lifecycle=InstanceProfile(clients),
            force_new=frozenset({"name", "path"}),
            in_place=frozenset({"role", "tags"}),
            autoname=autoname(128),
            check=all_of(name_rule(128), PATH, tags.check),
        ),
    ]
