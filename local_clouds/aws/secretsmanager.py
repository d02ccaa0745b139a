"""Secret and secret version.

Force-new properties: the provider documents aws_secretsmanager_secret and
aws_secretsmanager_secret_version. A secret deleted with a recovery window keeps its name blocked:
moto does that as AWS does.
"""

from typing import Any

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.clients import ApiError, Clients
from local_clouds.aws.keys import require_key
from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.resource import Autoname, CloudError, Properties, ResourceType
from local_clouds.rules import all_of, each, exactly_one, length, matches

MAX_SECRET_BYTES = 65536
_NAME = r"[A-Za-z0-9/_+=.@-]{1,512}"


class SecretsLifecycle(AwsLifecycle):
    """A lifecycle on the Secrets Manager API."""

    def client(self, properties: Properties) -> Any:
        """Return the client for the region of the inputs or the state."""
        return self.clients("secretsmanager", properties["region"])


class Secret(SecretsLifecycle):
    """aws_secretsmanager_secret."""

    unstored = frozenset({"recoveryWindowInDays"})

    def make(self, inputs: Properties) -> str:
        """Create the secret without a value; its id is its ARN."""
        names = {"Description": "description", "KmsKeyId": "kmsKeyId"}
        request = {api: inputs[key] for api, key in names.items() if key in inputs}
        if "kmsKeyId" in inputs:
            require_key(self.clients, inputs["kmsKeyId"], inputs["region"])
        try:
            return self.client(inputs).create_secret(
                Name=inputs["name"], Tags=tags.to_pairs(inputs.get("tagsAll")), **request
            )["ARN"]
        except ApiError as error:
            if error.code != "ResourceExistsException":
                raise
            existing = self.client(inputs).describe_secret(SecretId=inputs["name"])
            if not existing.get("DeletedDate"):
                raise
            message = (
                f"The secret name {inputs['name']} is blocked: a secret with this name is already "
                "scheduled for deletion. Use an autoname, or recoveryWindowInDays 0."
            )
            raise CloudError(message) from error

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the secret; one that awaits its deletion is gone."""
        secret = self.client(state).describe_secret(SecretId=resource_id)
        if secret.get("DeletedDate"):
            return None
        return {
            "arn": secret["ARN"],
            "name": secret["Name"],
            "description": secret.get("Description", ""),
            **({"kmsKeyId": secret["KmsKeyId"]} if secret.get("KmsKeyId") else {}),
            **tags.outputs(secret.get("Tags"), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Set description, key and tags."""
        client = self.client(inputs)
        key = {"KmsKeyId": inputs["kmsKeyId"]} if "kmsKeyId" in inputs else {}
        if key:
            require_key(self.clients, inputs["kmsKeyId"], inputs["region"])
        if any(inputs.get(name) != state.get(name) for name in ("description", "kmsKeyId")):
            client.update_secret(
                SecretId=resource_id, Description=inputs.get("description", ""), **key
            )
        removed, changed = tags.changes(state, inputs)
        if removed:
            client.untag_resource(SecretId=resource_id, TagKeys=removed)
        if changed:
            client.tag_resource(SecretId=resource_id, Tags=changed)

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the secret: at once, or after its recovery window (30 days by default)."""
        days = state.get("recoveryWindowInDays", 30)
        window = {"RecoveryWindowInDays": days} if days else {"ForceDeleteWithoutRecovery": True}
        self.client(state).delete_secret(SecretId=resource_id, **window)


class SecretVersion(SecretsLifecycle):
    """aws_secretsmanager_secret_version; the id is `secret ARN|version`."""

    def make(self, inputs: Properties) -> str:
        """Put a new value, which becomes the current one."""
        stages = {"VersionStages": inputs["versionStages"]} if "versionStages" in inputs else {}
        names = {"SecretString": "secretString", "SecretBinary": "secretBinary"}
        answer = self.client(inputs).put_secret_value(
            SecretId=inputs["secretId"],
            **stages,
            **{api: inputs[key] for api, key in names.items() if key in inputs},
        )
        return f"{inputs['secretId']}|{answer['VersionId']}"

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the version with its value."""
        secret_id, version_id = resource_id.rsplit("|", 1)
        answer = self.client(state).get_secret_value(SecretId=secret_id, VersionId=version_id)
        value = {"secretString": answer["SecretString"]} if "SecretString" in answer else {}
        return {
            "arn": answer["ARN"],
            "secretArn": answer["ARN"],
            "secretId": secret_id,
            "versionId": version_id,
            "versionStages": sorted(answer.get("VersionStages", [])),
            **value,
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Move the staging labels."""
        secret_id, version_id = resource_id.rsplit("|", 1)
        wanted = set(inputs.get("versionStages", []))
        for stage in sorted(wanted - set(state.get("versionStages", []))):
            self.client(inputs).update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, MoveToVersionId=version_id
            )

    def remove(self, resource_id: str, state: Properties) -> None:
        """Take the labels off an old version; the current one goes with its secret."""
        secret_id, version_id = resource_id.rsplit("|", 1)
        found = self.client(state).describe_secret(SecretId=secret_id)
        stages = set(found.get("VersionIdsToStages", {}).get(version_id, []))
        for stage in sorted(stages - {"AWSCURRENT"}):
            self.client(state).update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version_id
            )


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    return [
        ResourceType(
            token="aws:secretsmanager/secret:Secret",  # noqa: S106
            args=aws.secretsmanager.SecretArgs,
            lifecycle=Secret(clients),
            force_new=frozenset({"region", "name"}),
            in_place=frozenset({"description", "kmsKeyId", "recoveryWindowInDays", "tags"}),
            autoname=Autoname(max_length=512, pattern=_NAME),
            check=all_of(
                matches("name", _NAME, "1 to 512 letters, digits or /_+=.@-"),
                length("description", 0, 2048),
                each(
                    "recoveryWindowInDays",
                    lambda days: days == 0 or 7 <= days <= 30,
                    "must be 0 (delete at once) or 7 to 30 days.",
                ),
                tags.check,
            ),
        ),
        ResourceType(
            token="aws:secretsmanager/secretVersion:SecretVersion",  # noqa: S106
            args=aws.secretsmanager.SecretVersionArgs,
            lifecycle=SecretVersion(clients),
            force_new=frozenset({"region", "secretId", "secretString"}),
            in_place=frozenset({"versionStages"}),
            check=all_of(
                exactly_one("secretString"),
                each(
                    "secretString",
                    lambda text: 1 <= len(text.encode()) <= MAX_SECRET_BYTES,
                    f"must have 1 to {MAX_SECRET_BYTES} bytes.",
                ),
            ),
            secret_outputs=frozenset({"secretString", "secretBinary"}),
        ),
    ]
