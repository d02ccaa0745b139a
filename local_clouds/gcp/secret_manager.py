"""Secrets and their versions (provider documents of google_secret_manager_secret and
google_secret_manager_secret_version).
"""

import base64
from dataclasses import dataclass

from pulumi_gcp import secretmanager

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import DELETION, deletion_rule, pick, refuses_deletion, requires
from local_clouds.gcp.labels import label_outputs
from local_clouds.resource import Autoname, CloudError, Properties, ResourceType

_ID = r"[a-zA-Z0-9_-]{1,255}"
_SETTINGS = ("annotations", "topics", "rotation", "ttl", "expireTime", "versionDestroyTtl")
_LOCAL = DELETION | {"deletionProtection"}
_VERSION_LOCAL = ("project", "deletionPolicy", "isSecretDataBase64")


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    return [
        ResourceType(
            token="gcp:secretmanager/secret:Secret",  # noqa: S106
            args=secretmanager.SecretArgs,
            force_new=frozenset({"secretId", "replication", "project"}),
            in_place=_LOCAL | {"labels", "pulumiLabels", *_SETTINGS},
            autoname=Autoname(property="secretId", max_length=255, pattern=_ID),
            lifecycle=_SecretLifecycle(api),
            check=rules.all_of(
                requires("project"),
                rules.matches("secretId", _ID, "1 to 255 letters, digits, underscores and hyphens"),
                deletion_rule,
            ),
            volatile_outputs=frozenset({"effectiveLabels", "effectiveAnnotations"}),
        ),
        ResourceType(
            token="gcp:secretmanager/secretVersion:SecretVersion",  # noqa: S106
            args=secretmanager.SecretVersionArgs,
            force_new=frozenset({"secret", "secretData", "isSecretDataBase64", "project"}),
            in_place=frozenset({"enabled", "deletionPolicy"}),
            lifecycle=_VersionLifecycle(api),
            check=rules.all_of(
                requires("secretData"),
                rules.one_of("deletionPolicy", "DELETE", "DISABLE", "ABANDON"),
            ),
            secret_outputs=frozenset({"secretData"}),
        ),
    ]


@dataclass(frozen=True)
class _SecretLifecycle:
    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        parent, secret_id = f"projects/{inputs['project']}", inputs["secretId"]
        body = _settings(inputs) | {"replication": _to_api_replication(inputs["replication"])}
        request = self.api.secrets.create(parent=parent, secretId=secret_id, body=body)
        return f"{parent}/secrets/{secret_id}", _secret_outputs(self.api.call(request), inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        secret = self.api.find(self.api.secrets.get(name=resource_id))
        if secret is None:
            return None
        return _secret_outputs(secret, state | {"project": resource_id.split("/")[1]})

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        names = ["labels", *(name for name in _SETTINGS if name in state or name in inputs)]
        request = self.api.secrets.patch(
            name=resource_id, updateMask=",".join(names), body=_settings(inputs)
        )
        return _secret_outputs(self.api.call(request), inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        if state.get("deletionProtection"):
            message = f"cannot destroy {resource_id}: set deletionProtection to false first."
            raise CloudError(message)
        if not refuses_deletion(resource_id, state):
            self.api.find(self.api.secrets.delete(name=resource_id))


def _settings(inputs: Properties) -> Properties:
    return pick(inputs, _SETTINGS) | {"labels": inputs.get("pulumiLabels", {})}


def _to_api_replication(replication: Properties) -> Properties:
    if "auto" in replication:
        return {"automatic": replication["auto"]}
    return pick(replication, ("userManaged",))


def _secret_outputs(secret: Properties, known: Properties) -> Properties:
    replication = secret["replication"]
    if "automatic" in replication:
        replication = {"auto": replication["automatic"]}
    annotations = secret.get("annotations", {})
    outputs = pick(secret, (*_SETTINGS, "name", "createTime"))
    outputs |= {"project": known["project"], "secretId": secret["name"].rsplit("/", 1)[-1]}
    outputs |= {"replication": replication, "effectiveAnnotations": annotations}
    return outputs | label_outputs(secret.get("labels", {}), known) | pick(known, _LOCAL)


@dataclass(frozen=True)
class _VersionLifecycle:
    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        data = inputs["secretData"]
        if not inputs.get("isSecretDataBase64"):
            data = base64.b64encode(data.encode()).decode()
        request = self.api.secrets.addVersion(
            parent=inputs["secret"], body={"payload": {"data": data}}
        )
        version = self.api.call(request)
        self._set_enabled(version["name"], inputs.get("enabled", True), present=True)
        return version["name"], self._outputs(version["name"], inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        version = self.api.find(self.api.secret_versions.get(name=resource_id))
        if version is None or version["state"] == "DESTROYED":
            return None
        enabled = version["state"] == "ENABLED"
        outputs = pick(state, ("secret", "secretData", *_VERSION_LOCAL))
        # A disabled version cannot be accessed: then the state knows best.
        if enabled:
            outputs["secretData"] = self._payload(resource_id, state)
        return outputs | {
            "name": version["name"],
            "version": resource_id.rsplit("/", 1)[-1],
            "enabled": enabled,
            "createTime": version["createTime"],
        }

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        self._set_enabled(resource_id, inputs.get("enabled", True), present=state["enabled"])
        return self._outputs(resource_id, inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        policy = state.get("deletionPolicy", "DELETE")
        if policy == "ABANDON" or self.read(resource_id, state) is None:
            return
        verb = "disable" if policy == "DISABLE" else "destroy"
        self.api.call(getattr(self.api.secret_versions, verb)(name=resource_id, body={}))

    def _payload(self, name: str, state: Properties) -> str:
        answer = self.api.call(self.api.secret_versions.access(name=name))
        data = answer["payload"]["data"]
        return data if state.get("isSecretDataBase64") else base64.b64decode(data).decode()

    def _set_enabled(self, name: str, wanted: bool, *, present: bool) -> None:
        if wanted != present:
            verb = "enable" if wanted else "disable"
            self.api.call(getattr(self.api.secret_versions, verb)(name=name, body={}))

    def _outputs(self, name: str, inputs: Properties) -> Properties:
        outputs = self.read(name, inputs)
        if outputs is None:
            raise CloudError(f"{name} disappeared while it was changed.")
        return outputs
