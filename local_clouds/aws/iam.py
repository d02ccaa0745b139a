"""Role and user.

Force-new properties: the provider documents aws_iam_role and aws_iam_user. Alphabets: IAM
user guide, "IAM identifiers" and "IAM and STS quotas".
"""

from typing import Any

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.clients import Clients
from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.aws.policy_documents import trust_policy
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


def given(inputs: Properties, **names: str) -> dict[str, Any]:
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
            **given(
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
            **given(inputs, Path="path", PermissionsBoundary="permissionsBoundary"),
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
    ]
