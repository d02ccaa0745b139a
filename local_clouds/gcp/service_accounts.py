"""Service accounts and their keys (provider documents of google_service_account and
google_service_account_key).
"""

from dataclasses import dataclass

from pulumi_gcp import serviceaccount

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import DELETION, deletion_rule, pick, refuses_deletion, requires
from local_clouds.resource import Properties, ResourceType

_ALGORITHMS = ("KEY_ALG_UNSPECIFIED", "KEY_ALG_RSA_1024", "KEY_ALG_RSA_2048")
_ACCOUNT_ID = r"[a-z](?:[-a-z0-9]{4,28}[a-z0-9])"
_ACCOUNT_ID_WORDS = (
    "6 to 30 lower-case letters, digits and hyphens, starting with a letter and not ending with -"
)


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    return [
        ResourceType(
            token="gcp:serviceaccount/account:Account",  # noqa: S106
            args=serviceaccount.AccountArgs,
            force_new=frozenset({"accountId", "project"}),
            in_place=DELETION
            | {"displayName", "description", "disabled", "createIgnoreAlreadyExists"},
            lifecycle=_AccountLifecycle(api),
            check=rules.all_of(
                requires("accountId", "project"),
                rules.matches("accountId", _ACCOUNT_ID, _ACCOUNT_ID_WORDS),
                rules.length("description", 0, 256),
                rules.length("displayName", 0, 100),
                deletion_rule,
            ),
        ),
        ResourceType(
            token="gcp:serviceaccount/key:Key",  # noqa: S106
            args=serviceaccount.KeyArgs,
            force_new=frozenset(
                {"serviceAccountId", "keepers", "keyAlgorithm", "privateKeyType", "publicKeyType"}
            ),
            in_place=DELETION,
            lifecycle=_KeyLifecycle(api),
            check=rules.all_of(
                rules.one_of("keyAlgorithm", *_ALGORITHMS),
                rules.one_of("privateKeyType", "TYPE_GOOGLE_CREDENTIALS_FILE", "TYPE_PKCS12_FILE"),
                rules.one_of(
                    "publicKeyType", "TYPE_NONE", "TYPE_X509_PEM_FILE", "TYPE_RAW_PUBLIC_KEY"
                ),
                deletion_rule,
            ),
            secret_outputs=frozenset({"privateKey"}),
        ),
    ]


@dataclass(frozen=True)
class _AccountLifecycle:
    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        project, account_id = inputs["project"], inputs["accountId"]
        email = f"{account_id}@{project}.iam.gserviceaccount.com"
        name = f"projects/{project}/serviceAccounts/{email}"
        known = self.api.find(self.api.service_accounts.get(name=name))
        if known is None or not inputs.get("createIgnoreAlreadyExists"):
            details = pick(inputs, ("displayName", "description"))
            body = {"accountId": account_id, "serviceAccount": details}
            self.api.call(self.api.service_accounts.create(name=f"projects/{project}", body=body))
        self._set_disabled(name, {}, inputs)
        return name, self._outputs(name, inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        found = self.api.find(self.api.service_accounts.get(name=resource_id))
        return None if found is None else _account_outputs(found, state)

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        details = {name: inputs.get(name, "") for name in ("displayName", "description")}
        body = {"serviceAccount": details, "updateMask": ",".join(details)}
        self.api.call(self.api.service_accounts.patch(name=resource_id, body=body))
        self._set_disabled(resource_id, state, inputs)
        return self._outputs(resource_id, inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        if not refuses_deletion(resource_id, state):
            self.api.find(self.api.service_accounts.delete(name=resource_id))

    def _set_disabled(self, name: str, state: Properties, inputs: Properties) -> None:
        wanted = inputs.get("disabled", False)
        if wanted != state.get("disabled", False):
            verb = "disable" if wanted else "enable"
            self.api.call(getattr(self.api.service_accounts, verb)(name=name, body={}))

    def _outputs(self, name: str, inputs: Properties) -> Properties:
        found = self.api.call(self.api.service_accounts.get(name=name))
        return _account_outputs(found, inputs)


def _account_outputs(account: Properties, known: Properties) -> Properties:
    email = account["email"]
    return {
        "accountId": email.split("@")[0],
        "project": account["projectId"],
        "displayName": account.get("displayName", ""),
        "description": account.get("description", ""),
        "disabled": account.get("disabled", False),
        "email": email,
        "member": f"serviceAccount:{email}",
        "name": account["name"],
        "uniqueId": account["uniqueId"],
    } | pick(known, DELETION | {"createIgnoreAlreadyExists"})


@dataclass(frozen=True)
class _KeyLifecycle:
    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        account = inputs["serviceAccountId"]
        name = (
            account if account.startswith("projects/") else f"projects/-/serviceAccounts/{account}"
        )
        body = pick(inputs, ("keyAlgorithm", "privateKeyType"))
        key = self.api.call(self.api.service_account_keys.create(name=name, body=body))
        private = {"privateKey": key["privateKeyData"]}
        outputs = self.read(key["name"], inputs | private)
        return key["name"], outputs or private

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        kind = state.get("publicKeyType", "TYPE_X509_PEM_FILE")
        request = self.api.service_account_keys.get(name=resource_id, publicKeyType=kind)
        key = self.api.find(request)
        if key is None:
            return None
        # Google tells the private key once: from then on only the state has it.
        kept = DELETION | {"serviceAccountId", "keepers", "privateKey"}
        return pick(state, kept) | {
            "name": key["name"],
            "keyAlgorithm": key["keyAlgorithm"],
            "privateKeyType": state.get("privateKeyType", "TYPE_GOOGLE_CREDENTIALS_FILE"),
            "publicKeyType": kind,
            "publicKey": key.get("publicKeyData", ""),
            "validAfter": key["validAfterTime"],
            "validBefore": key["validBeforeTime"],
        }

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        del resource_id
        policy = pick(inputs, DELETION)
        return {key: value for key, value in state.items() if key not in DELETION} | policy

    def delete(self, resource_id: str, state: Properties) -> None:
        if not refuses_deletion(resource_id, state):
            self.api.find(self.api.service_account_keys.delete(name=resource_id))
