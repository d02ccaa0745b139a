"""Additive IAM members of projects, service accounts and secrets.

Each adds one member to one role by reading the policy, changing it and writing it back with its
etag, as often as others change it at the same time (provider documents of google_project_iam,
google_service_account_iam and google_secret_manager_secret_iam). Nothing can change in place.
"""

from collections.abc import Callable
from dataclasses import dataclass

from googleapiclient.http import HttpRequest
from pulumi_gcp import kms, projects, secretmanager, serviceaccount

from local_clouds import rules
from local_clouds.gcp.api import Api, is_conflict
from local_clouds.gcp.common import pick, requires
from local_clouds.resource import CloudError, Failure, Properties, ResourceType, Rule
from local_clouds.values import Unknown

_POLICY_VERSION = 3
_MOST_ATTEMPTS = 10
_MEMBER = r"allUsers|allAuthenticatedUsers|[a-zA-Z]+:.+"
_ROLE = r"(?:roles|projects/[^/]+/roles|organizations/[^/]+/roles)/[^/]+"
_CHECK: Rule = rules.all_of(
    rules.matches("member", _MEMBER, "user:, group:, serviceAccount:, domain:… or allUsers"),
    rules.matches("role", _ROLE, "roles/<service>.<role> or projects/<project>/roles/<id>"),
)


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    changes = frozenset({"role", "member", "condition"})
    return [
        ResourceType(
            token="gcp:projects/iAMMember:IAMMember",  # noqa: S106
            args=projects.IAMMemberArgs,
            force_new=changes | {"project"},
            lifecycle=_MemberLifecycle(api, lambda i: i["project"], ProjectPolicy(api)),
            check=_CHECK,
        ),
        ResourceType(
            token="gcp:serviceaccount/iAMMember:IAMMember",  # noqa: S106
            args=serviceaccount.IAMMemberArgs,
            force_new=changes | {"serviceAccountId"},
            lifecycle=_MemberLifecycle(
                api, lambda i: i["serviceAccountId"], ServiceAccountPolicy(api)
            ),
            check=_CHECK,
        ),
        ResourceType(
            token="gcp:secretmanager/secretIamMember:SecretIamMember",  # noqa: S106
            args=secretmanager.SecretIamMemberArgs,
            force_new=changes | {"secretId", "project"},
            lifecycle=_MemberLifecycle(api, _secret_name, SecretPolicy(api)),
            check=rules.all_of(_check_secret, _CHECK),
        ),
        ResourceType(
            token="gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember",  # noqa: S106
            args=kms.CryptoKeyIAMMemberArgs,
            force_new=changes | {"cryptoKeyId"},
            lifecycle=_MemberLifecycle(api, lambda i: i["cryptoKeyId"], KeyPolicy(api)),
            check=_CHECK,
        ),
    ]


def _check_secret(inputs: Properties) -> list[Failure]:
    secret = inputs["secretId"]
    if isinstance(secret, Unknown) or secret.startswith("projects/"):
        return []
    return requires("project")(inputs)


def _secret_name(properties: Properties) -> str:
    secret = properties["secretId"]
    if secret.startswith("projects/"):
        return secret
    return f"projects/{properties['project']}/secrets/{secret}"


@dataclass(frozen=True)
class ProjectPolicy:
    """Requests for the policy of a project, whose name is its id."""

    api: Api

    def read(self, name: str) -> HttpRequest:
        """Ask for the policy with its conditions."""
        options = {"options": {"requestedPolicyVersion": _POLICY_VERSION}}
        return self.api.projects.getIamPolicy(resource=name, body=options)

    def write(self, name: str, policy: Properties) -> HttpRequest:
        """Replace the policy; its etag must be the present one."""
        return self.api.projects.setIamPolicy(resource=name, body={"policy": policy})


@dataclass(frozen=True)
class ServiceAccountPolicy:
    """Requests for the policy of a service account, by relative name."""

    api: Api

    def read(self, name: str) -> HttpRequest:
        """Ask for the policy with its conditions."""
        return self.api.service_accounts.getIamPolicy(
            resource=name, options_requestedPolicyVersion=_POLICY_VERSION
        )

    def write(self, name: str, policy: Properties) -> HttpRequest:
        """Replace the policy; its etag must be the present one."""
        return self.api.service_accounts.setIamPolicy(resource=name, body={"policy": policy})


@dataclass(frozen=True)
class SecretPolicy:
    """Requests for the policy of a secret, by relative name."""

    api: Api

    def read(self, name: str) -> HttpRequest:
        """Ask for the policy with its conditions."""
        return self.api.secrets.getIamPolicy(
            resource=name, options_requestedPolicyVersion=_POLICY_VERSION
        )

    def write(self, name: str, policy: Properties) -> HttpRequest:
        """Replace the policy; its etag must be the present one."""
        return self.api.secrets.setIamPolicy(resource=name, body={"policy": policy})


@dataclass(frozen=True)
class KeyPolicy:
    """Requests for the policy of a Cloud KMS key, by relative name."""

    api: Api

    def read(self, name: str) -> HttpRequest:
        """Ask for the policy with its conditions."""
        return self.api.crypto_keys.getIamPolicy(
            resource=name, options_requestedPolicyVersion=_POLICY_VERSION
        )

    def write(self, name: str, policy: Properties) -> HttpRequest:
        """Replace the policy; its etag must be the present one."""
        return self.api.crypto_keys.setIamPolicy(resource=name, body={"policy": policy})


@dataclass(frozen=True)
class _MemberLifecycle:
    api: Api
    owner: Callable[[Properties], str]
    policy: ProjectPolicy | ServiceAccountPolicy | SecretPolicy | KeyPolicy

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        etag = self._modify(inputs, _add)
        parts = [self.owner(inputs), inputs["role"], inputs["member"]]
        if "condition" in inputs:
            parts.append(inputs["condition"]["title"])
        return "/".join(parts), self._outputs(inputs, etag)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        del resource_id
        policy = self.api.find(self.policy.read(self.owner(state)))
        if policy is None or state["member"] not in _members(policy, state):
            return None
        return self._outputs(state, policy["etag"])

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        # Every property is force-new, so the engine never asks for it.
        del state, inputs
        raise CloudError(f"{resource_id}: an IAM member cannot be updated.")

    def delete(self, resource_id: str, state: Properties) -> None:
        if self.read(resource_id, state) is not None:
            self._modify(state, _remove)

    def _outputs(self, known: Properties, etag: str) -> Properties:
        kept = ("project", "serviceAccountId", "secretId", "cryptoKeyId", "role", "member")
        kept += ("condition",)
        return pick(known, kept) | {"etag": etag}

    def _modify(self, grant: Properties, change: Callable[[Properties, Properties], None]) -> str:
        name = self.owner(grant)
        for attempt in range(_MOST_ATTEMPTS):
            policy = self.api.call(self.policy.read(name)) | {"version": _POLICY_VERSION}
            change(policy, grant)
            try:
                return self.api.call(self.policy.write(name, policy))["etag"]
            except CloudError as error:
                if attempt == _MOST_ATTEMPTS - 1 or not is_conflict(error):
                    raise
        raise AssertionError


def _same_role(binding: Properties, grant: Properties) -> bool:
    same = binding["role"] == grant["role"]
    return same and binding.get("condition") == grant.get("condition")


def _members(policy: Properties, grant: Properties) -> list[str]:
    bindings = [b for b in policy.get("bindings", []) if _same_role(b, grant)]
    return [member for binding in bindings for member in binding["members"]]


def _add(policy: Properties, grant: Properties) -> None:
    if grant["member"] in _members(policy, grant):
        return
    bindings = policy.setdefault("bindings", [])
    for binding in bindings:
        if _same_role(binding, grant):
            binding["members"].append(grant["member"])
            return
    members = {"members": [grant["member"]]}
    bindings.append(pick(grant, ("role", "condition")) | members)


def _remove(policy: Properties, grant: Properties) -> None:
    for binding in policy.get("bindings", []):
        if _same_role(binding, grant):
            binding["members"] = [m for m in binding["members"] if m != grant["member"]]
