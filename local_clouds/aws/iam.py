"""Role, user, managed policy, instance profile.

Force-new properties: the provider documents aws_iam_role, aws_iam_user, aws_iam_policy and
aws_iam_instance_profile. Alphabets: IAM user guide, "IAM identifiers" and "IAM and STS quotas".
"""

from typing import Any

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.clients import Clients
from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.aws.policy_documents import MANAGED_CHARACTERS, identity_policy, trust_policy
from local_clouds.resource import Autoname, CloudError, Properties, ResourceType, Rule
from local_clouds.rules import all_of, between, length, matches

_ALPHABET = r"[A-Za-z0-9+=,.@_-]"
_BOUNDARY = r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/.+"


def name_rule(limit: int) -> Rule:
    """The rule for IAM names of at most `limit` characters."""
    pattern = rf"{_ALPHABET}{{1,{limit}}}"
    return matches("name", pattern, f"1 to {limit} letters, digits or +=,.@_-")


def autoname(limit: int) -> Autoname:
    """The autoname rule for IAM names."""
    return Autoname(max_length=limit, pattern=rf"{_ALPHABET}+")


PATH = matches("path", r"/|/[\x21-\x7e]{1,510}/", "a path that begins and ends with /")


class IamLifecycle(AwsLifecycle):
    """A lifecycle on the IAM API, which is global: us-east-1 stands for every region."""

    def iam(self) -> Any:
        """Return the client."""
        return self.clients("iam", "us-east-1")

    def set_tags(self, kind: str, key: dict[str, str], state: Properties, new: Properties) -> None:
        """Bring the tags of a `kind` of entity from `state` to `new`."""
        removed, changed = tags.changes(state, new)
        if removed:
            getattr(self.iam(), f"untag_{kind}")(**key, TagKeys=removed)
        if changed:
            getattr(self.iam(), f"tag_{kind}")(**key, Tags=changed)


def _given(inputs: Properties, **names: str) -> dict[str, Any]:
    """Return the set properties under their API names."""
    return {api: inputs[key] for api, key in names.items() if key in inputs}


class Role(IamLifecycle):
    """aws_iam_role without inline policies (they are resources of their own)."""

    unstored = frozenset({"forceDetachPolicies", "assumeRolePolicy"})

    def make(self, inputs: Properties) -> str:
        """Create the role."""
        self.iam().create_role(
            RoleName=inputs["name"],
            AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
            Tags=tags.to_pairs(inputs.get("tagsAll")),
            **_given(
                inputs,
                Path="path",
                Description="description",
                MaxSessionDuration="maxSessionDuration",
                PermissionsBoundary="permissionsBoundary",
            ),
        )
        return inputs["name"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the role."""
        role = self.iam().get_role(RoleName=resource_id)["Role"]
        boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return {
            "arn": role["Arn"],
            "name": role["RoleName"],
            "path": role["Path"],
            "uniqueId": role["RoleId"],
            "createDate": role["CreateDate"].isoformat(),
            "description": role.get("Description", ""),
            "maxSessionDuration": role.get("MaxSessionDuration", 3600),
            **({"permissionsBoundary": boundary} if boundary else {}),
            **tags.outputs(role.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Update the role."""
        client, name = self.iam(), {"RoleName": resource_id}
        client.update_assume_role_policy(**name, PolicyDocument=inputs["assumeRolePolicy"])
        client.update_role(
            **name,
            Description=inputs.get("description", ""),
            MaxSessionDuration=inputs.get("maxSessionDuration", 3600),
        )
        boundary = inputs.get("permissionsBoundary")
        if boundary:
            client.put_role_permissions_boundary(**name, PermissionsBoundary=boundary)
        elif state.get("permissionsBoundary"):
            client.delete_role_permissions_boundary(**name)
        self.set_tags("role", name, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the role; IAM refuses while policies or profiles are attached."""
        client, name = self.iam(), {"RoleName": resource_id}
        profiles = client.list_instance_profiles_for_role(**name)["InstanceProfiles"]
        for profile in profiles:  # as the provider does
            client.remove_role_from_instance_profile(
                **name, InstanceProfileName=profile["InstanceProfileName"]
            )
        if state.get("forceDetachPolicies"):
            for policy in client.list_attached_role_policies(**name)["AttachedPolicies"]:
                client.detach_role_policy(**name, PolicyArn=policy["PolicyArn"])
            for policy in client.list_role_policies(**name)["PolicyNames"]:
                client.delete_role_policy(**name, PolicyName=policy)
        client.delete_role(**name)


class User(IamLifecycle):
    """aws_iam_user."""

    unstored = frozenset({"forceDestroy"})

    def make(self, inputs: Properties) -> str:
        """Create the user."""
        self.iam().create_user(
            UserName=inputs["name"],
            Tags=tags.to_pairs(inputs.get("tagsAll")),
            **_given(inputs, Path="path", PermissionsBoundary="permissionsBoundary"),
        )
        return inputs["name"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the user; its current name may differ from the id, which never changes."""
        user = self.iam().get_user(UserName=state.get("name", resource_id))["User"]
        boundary = user.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return {
            "arn": user["Arn"],
            "name": user["UserName"],
            "path": user["Path"],
            "uniqueId": user["UserId"],
            **({"permissionsBoundary": boundary} if boundary else {}),
            **tags.outputs(user.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Rename or move the user; set boundary and tags."""
        del resource_id
        client = self.iam()
        path = inputs.get("path", "/")
        if (inputs["name"], path) != (state["name"], state["path"]):
            client.update_user(UserName=state["name"], NewUserName=inputs["name"], NewPath=path)
        name = {"UserName": inputs["name"]}
        boundary = inputs.get("permissionsBoundary")
        if boundary:
            client.put_user_permissions_boundary(**name, PermissionsBoundary=boundary)
        elif state.get("permissionsBoundary"):
            client.delete_user_permissions_boundary(**name)
        self.set_tags("user", name, state, inputs)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the user; IAM refuses while it has keys or policies, unless forced."""
        del resource_id
        client, name = self.iam(), {"UserName": state["name"]}
        keys = client.list_access_keys(**name)["AccessKeyMetadata"]
        if keys and not state.get("forceDestroy"):
            message = f"User {state['name']} has access keys: delete them, or set forceDestroy."
            raise CloudError(message)
        for key in keys:
            client.delete_access_key(**name, AccessKeyId=key["AccessKeyId"])
        if state.get("forceDestroy"):
            for policy in client.list_user_policies(**name)["PolicyNames"]:
                client.delete_user_policy(**name, PolicyName=policy)
        client.delete_user(**name)


class ManagedPolicy(IamLifecycle):
    """aws_iam_policy."""

    unstored = frozenset({"policy"})

    def make(self, inputs: Properties) -> str:
        """Create the policy; its id is its ARN."""
        return self.iam().create_policy(
            PolicyName=inputs["name"],
            PolicyDocument=inputs["policy"],
            Tags=tags.to_pairs(inputs.get("tagsAll")),
            **_given(inputs, Path="path", Description="description"),
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
            **_given(inputs, Path="path"),
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
    boundary = matches("permissionsBoundary", _BOUNDARY, "the ARN of a policy")
    return [
        ResourceType(
            token="aws:iam/role:Role",  # noqa: S106
            args=aws.iam.RoleArgs,
            lifecycle=Role(clients),
            force_new=frozenset({"name", "path"}),
            in_place=frozenset(
                {"assumeRolePolicy", "description", "forceDetachPolicies", "maxSessionDuration"}
                | {"permissionsBoundary", "tags"}
            ),
            autoname=autoname(64),
            check=all_of(
                name_rule(64),
                PATH,
                boundary,
                length("description", 0, 1000),
                between("maxSessionDuration", 3600, 43200),
                trust_policy("assumeRolePolicy"),
                tags.check,
            ),
        ),
        ResourceType(
            token="aws:iam/user:User",  # noqa: S106
            args=aws.iam.UserArgs,
            lifecycle=User(clients),
            force_new=frozenset(),
            in_place=frozenset({"name", "path", "forceDestroy", "permissionsBoundary", "tags"}),
            autoname=autoname(64),
            check=all_of(name_rule(64), PATH, boundary, tags.check),
        ),
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
