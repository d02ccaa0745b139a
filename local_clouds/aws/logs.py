"""Log group.

Force-new properties: the provider document aws_cloudwatch_log_group. Limits: CloudWatch Logs API,
CreateLogGroup and PutRetentionPolicy.
"""

from typing import Any

import pulumi_aws as aws

from local_clouds.aws import tags
from local_clouds.aws.arns import arn
from local_clouds.aws.clients import Clients
from local_clouds.aws.keys import require_service
from local_clouds.aws.lifecycle import AwsLifecycle
from local_clouds.resource import Autoname, Properties, ResourceType
from local_clouds.rules import all_of, matches, one_of

RETENTIONS = (
    *(0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""Days; 0 keeps for ever."""


class LogGroup(AwsLifecycle):
    """aws_cloudwatch_log_group."""

    unstored = frozenset({"skipDestroy"})

    def make(self, inputs: Properties) -> str:
        """Create the group and set its retention."""
        key = {"kmsKeyId": inputs["kmsKeyId"]} if "kmsKeyId" in inputs else {}
        self._require_key(inputs)
        kind = {"logGroupClass": inputs["logGroupClass"]} if "logGroupClass" in inputs else {}
        all_tags = inputs.get("tagsAll")
        self._client(inputs).create_log_group(
            logGroupName=inputs["name"], **key, **kind, **({"tags": all_tags} if all_tags else {})
        )
        self._set_retention(inputs)
        return inputs["name"]

    def look(self, resource_id: str, state: Properties) -> Properties | None:
        """Return the group with that very name."""
        client = self._client(state)
        groups = client.describe_log_groups(logGroupNamePrefix=resource_id)["logGroups"]
        group = next((one for one in groups if one["logGroupName"] == resource_id), None)
        if group is None:
            return None
        group_arn = arn("logs", state["region"], f"log-group:{resource_id}")
        found = client.list_tags_for_resource(resourceArn=group_arn)["tags"]
        return {
            "arn": group_arn,
            "name": resource_id,
            "retentionInDays": group.get("retentionInDays", 0),
            "logGroupClass": group.get("logGroupClass", "STANDARD"),
            **({"kmsKeyId": group["kmsKeyId"]} if group.get("kmsKeyId") else {}),
            **tags.outputs(tags.to_pairs(found), state),
        }

    def change(self, resource_id: str, state: Properties, inputs: Properties) -> None:
        """Set retention, key and tags."""
        client = self._client(inputs)
        self._set_retention(inputs)
        if inputs.get("kmsKeyId") != state.get("kmsKeyId"):
            if "kmsKeyId" in inputs:
                self._require_key(inputs)
                client.associate_kms_key(logGroupName=resource_id, kmsKeyId=inputs["kmsKeyId"])
            else:
                client.disassociate_kms_key(logGroupName=resource_id)
        removed, changed = tags.changes(state, inputs)
        if removed:
            client.untag_resource(resourceArn=state["arn"], tagKeys=removed)
        if changed:
            client.tag_resource(resourceArn=state["arn"], tags=tags.from_pairs(changed))

    def remove(self, resource_id: str, state: Properties) -> None:
        """Delete the group and its logs, unless it is to be kept."""
        if not state.get("skipDestroy"):
            self._client(state).delete_log_group(logGroupName=resource_id)

    def _client(self, properties: Properties) -> Any:
        return self.clients("logs", properties["region"])

    def _require_key(self, inputs: Properties) -> None:
        if "kmsKeyId" in inputs:
            service = f"logs.{inputs['region']}.amazonaws.com"
            require_service(self.clients, inputs["kmsKeyId"], inputs["region"], service)

    def _set_retention(self, inputs: Properties) -> None:
        days = inputs.get("retentionInDays", 0)
        name = {"logGroupName": inputs["name"]}
        if days:
            self._client(inputs).put_retention_policy(**name, retentionInDays=days)
        else:
            self._client(inputs).delete_retention_policy(**name)


def resources(clients: Clients) -> list[ResourceType]:
    """Return the types of this module."""
    log_name = r"[\w\-/.#]{1,512}"
    return [
        ResourceType(
            token="aws:cloudwatch/logGroup:LogGroup",  # noqa: S106
            args=aws.cloudwatch.LogGroupArgs,
            lifecycle=LogGroup(clients),
            force_new=frozenset({"region", "name", "logGroupClass"}),
            in_place=frozenset({"retentionInDays", "kmsKeyId", "skipDestroy", "tags"}),
            autoname=Autoname(max_length=512, pattern=log_name),
            check=all_of(
                matches("name", log_name, "1 to 512 letters, digits or _-/.#"),
                one_of("retentionInDays", *RETENTIONS),
                one_of("logGroupClass", "STANDARD", "INFREQUENT_ACCESS", "DELIVERY"),
                matches("kmsKeyId", r"arn:aws[a-z-]*:kms:.+", "the ARN of a key"),
                tags.check,
            ),
        ),
    ]
